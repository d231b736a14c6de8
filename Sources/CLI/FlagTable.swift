import ActivationMaps
import Imaging

extension Flag {
    struct Section: Sendable {
        let title: String
        let flags: [Flag]
    }

    static let all = sections.flatMap(\.flags)

    /// Every flag, in the order of `--help`. A new flag is one entry here and one field in `Arguments`.
    static let sections = [
        Section(
            title: "Photos, classes, methods",
            flags: [
                Flag(
                    name: "--image-path", placeholder: "PATH",
                    help:
                        "a photo (JPEG, PNG), a folder (every photo under it), a tar, or - for standard input: "
                        + "paths, one a line, or a tar; may be repeated"
                ) { arguments, text throws(ValueFault) in arguments.imagePaths.append(try Values.text(text)) },
                .toggle("--null", short: "-0", "paths on standard input end in NUL, as find -print0 writes them") {
                    $0.endsPathsInNUL = true
                },
                .list(
                    "--method", "NAME[,NAME]",
                    "methods; all; or cheap: those that share one forward and one backward pass (default: gradcam); "
                        + "see --list-methods",
                    \.methods
                ) { text throws(ValueFault) in
                    [try Values.name(of: Vocabulary.methods + Vocabulary.methodGroups.keys.sorted())(text)]
                },
                Flag(
                    name: "--target-category", placeholder: "ID|LABEL[,..]",
                    help:
                        "classes by index, by the label in full, or by a unique part of it (default: the "
                        + "top-scoring class)"
                ) { arguments, text throws(ValueFault) in arguments.categories.append(try Values.categories(text)) },
                .value("--top-k", "N", "explain the N top classes (default: 1)", \.topK, Values.integer(1...100_000)),
                .value(
                    "--score", "NAME",
                    "which number of a class is explained: its logit, its probability, or rest, its logit minus its "
                        + "cross entropy (default: logit)",
                    \.score, Values.choice(Arguments.Score.self)),
                .value(
                    "--against", "ID|LABEL", "explain what speaks for a class rather than for this one", \.against,
                    Values.category),
                Flag(
                    name: "--target", placeholder: "'NAME[0,3,:,:].sum'",
                    help:
                        "a part of any output or tensor instead of a class, as Python writes it, with sum, mean or max "
                        + "where it is several numbers; may be repeated"
                ) { arguments, text throws(ValueFault) in arguments.slices.append(try Values.slice(text)) },
                .value(
                    "--target-mask", "FILE",
                    "of a segmentation: sum the class's scores over the pixels where this picture is not black",
                    \.targetMask, Values.text),
                Flag(
                    name: "--target-box", placeholder: "N|X0,Y0,X1,Y1",
                    help:
                        "of a detector: this box of its own, by number, or the one that overlaps the most with this "
                        + "rectangle of the photo; several are summed"
                ) { arguments, text throws(ValueFault) in arguments.targetBoxes.append(try Values.box(text)) },
                .value(
                    "--categories", "FILE",
                    "a table of photo,class (CSV): the classes of each photo, by index or label", \.classTable,
                    Values.text),
                .value(
                    "--similar-to", "FILE",
                    "how alike the network's embedding is to another photo's, or to the numbers of an .npy file, such "
                        + "as CLIP's of a text",
                    \.similarTo, Values.text),
                .value(
                    "--bit-depth", "N|auto",
                    "bits of the samples of 16-bit PNGs, 8..16; auto: as many as each photo's greatest one uses "
                        + "(default: 16)",
                    \.bitDepth, Values.bitDepth),
                .value(
                    "--preview-channels", "R,G,B",
                    "which channels of an .npy photo pictures show, counted from 0, or one in grey (default: 0,1,2)",
                    \.previewChannels, Values.previewChannels),
                .value(
                    "--max-pixels", "N", "larger photos are refused before they are read, such as 256MP (the default)",
                    \.mostPixels, Values.pixels),
            ]),
        Section(
            title: "Many photos",
            flags: [
                Flag(
                    name: "--shard", placeholder: "I/N|auto[/N]",
                    help:
                        "only the I-th of N shares of the photos, by their paths, for N processes side by side; auto: "
                        + "as Slurm, Kubernetes or GNU parallel say"
                ) { arguments, text throws(ValueFault) in
                    (arguments.share, arguments.tellsShare) = (
                        try Values.share(text), text.lowercased().hasPrefix("auto")
                    )
                },
                .toggle(
                    "--resume",
                    "pass over photos whose files are complete, newer than photo and network, and made with these "
                        + "settings"
                ) { $0.resumes = true },
                .value(
                    "--output-tar", "FILE",
                    "write everything into one tar instead, with a report a photo, named as WebDataset wants it; - for "
                        + "standard output",
                    \.outputTar, Values.text),
                .value(
                    "--overwrite", "never|older|always",
                    "which files that are there are written anew; older: than the photo or the network (default: "
                        + "always)",
                    \.overwriting, Values.choice(Arguments.Overwriting.self)),
                .toggle("--dry-run", "tell what would be explained and written, and do nothing") { $0.isDryRun = true },
                .toggle(
                    "--keep-paths",
                    "call files by the photos' whole paths, and find photos while they are asked for, as is done of "
                        + "more than 100000"
                ) { $0.keepsPaths = true },
                .toggle("--verbose", "one line a photo on standard error: what came of it, and how long it took") {
                    $0.isVerbose = true
                },
            ]),
        Section(
            title: "Network",
            flags: [
                .value(
                    "--model", short: "-m", "NAME|FILE|FOLDER",
                    "an ONNX file, the folder of one, or the name of a model under Models/ (default: resnet50 "
                        + "where it is installed, else efficientnet_lite0, else the bundled one)",
                    \.model, Values.text),
                .list(
                    "--target-layer", "NAME[,NAME]",
                    "a module path (layer4[-1], features.28), a node or a tensor (default: the last spatial "
                        + "feature map)",
                    \.layers
                ) {
                    text throws(ValueFault) in [try Values.text(text)]
                },
                .value(
                    "--output", "NAME",
                    "the output that holds the class scores, where the file has several (default: found by names, "
                        + "labels and what computes them)",
                    \.output, Values.text),
                Flag(
                    name: "--input", placeholder: "NAME=FILE|VALUE",
                    help:
                        "what an input besides the photo is fed: numbers, an .npy file, or a picture where it takes "
                        + "one; may be repeated"
                ) { arguments, text throws(ValueFault) in
                    let input = try Values.input(text)
                    arguments.inputs.removeAll { $0.name == input.name }
                    arguments.inputs.append(input)
                },
                .value(
                    "--image-input", "NAME", "the input that takes the photo, where several could", \.imageInput,
                    Values.text),
                .value(
                    "--labels", "FILE", "class labels: one a line, a table, or JSON (default: the model's own)",
                    \.labels, Values.text),
                .value(
                    "--mean", "R,G,B",
                    "subtracted from the pixels; for pixels of 0..1, or with --std of 0..255 (default: the model's "
                        + "own, else ImageNet's)",
                    \.mean, Values.channels),
                .value(
                    "--std", "R,G,B", "then divided by this (default: the model's own, else ImageNet's)", \.std,
                    Values.positiveChannels),
                .value(
                    "--input-size", "N|WxH", "what the network is fed (default: the model's own)", \.inputSize,
                    Values.size),
                .value(
                    "--channel-order", "rgb|bgr", "order of the channels as fed (default: the model's own, else rgb)",
                    \.channelOrder, Values.choice(Preprocessing.ChannelOrder.self)),
                .value(
                    "--resize", "HOW",
                    "squash to the input size, crop the middle, or letterbox (default: the model's own, else squash)",
                    \.resize, Values.choice(Preprocessing.Resize.self)),
                .value(
                    "--crop-size", "N|WxH",
                    "scale a photo to --input-size, then feed its middle of this size (default: what was scaled)",
                    \.cropSize, Values.size),
                .value(
                    "--interpolation", "NAME",
                    "how a photo is scaled: "
                        + "\(Preprocessing.Interpolation.allCases.map(\.rawValue).joined(separator: ", ")) "
                        + "(default: the model's own, else bilinear)",
                    \.interpolation, Values.choice(Preprocessing.Interpolation.self)),
            ]),
        Section(
            title: "Computing",
            flags: [
                .toggle("--aug-smooth", "average over flipped and scaled copies of the input") { $0.augSmooth = true },
                .toggle("--eigen-smooth", "first principal component of the weighted activations") {
                    $0.eigenSmooth = true
                },
                .value(
                    "--layer-fusion", "NAME",
                    "how the maps of several layers become one: mean, max, product (default: mean)", \.fusion,
                    Values.choice(LayerFusion.self)),
                .toggle(
                    "--signed", "maps of -1..1 that show what speaks against the class, too, in blue and red"
                ) { $0.isSigned = true },
                .value(
                    "--seed", "N", "what methods draw at random by (default: 0)", \.options.seed,
                    Values.integer(0...Int.max)),
                .value(
                    "--channels", "N",
                    "how many channels of a layer scorecam, sscam and iscam try out: those of the largest standard "
                        + "deviation (default: all)", \.options.channels, Values.integer(1...1_000_000)),
                .value(
                    "--samples", "N",
                    "how many copies of the input a method averages (default: the method's own)", \.options.samples,
                    Values.integer(1...1_000_000)),
                .value(
                    "--steps", "N",
                    "in how many steps a method walks from the baseline to the input, or strengthens its masks "
                        + "(default: its own)",
                    \.options.steps, Values.integer(1...10_000)),
                .value(
                    "--baseline", "NAME",
                    "where the path to the input begins, and what covers it: zero (the mean colour), blur or white "
                        + "(default: zero)",
                    \.options.baseline, Values.choice(MethodOptions.Baseline.self)),
                .toggle("--use-cuda", "the same as --device cuda") { $0.device = .cuda },
                .value(
                    "--device", "cpu|cuda", "what to compute on; this build has the CPU alone (default: cpu)", \.device,
                    Values.choice(Arguments.Device.self)),
                .value(
                    "--threads", "N", "compute threads (default: all cores that it may use)", \.threads,
                    Values.integer(1...1024)),
                .value(
                    "--batch", "N",
                    "photos per pass, each with the same numbers (default: up to 8 where the network gains by it)",
                    \.batch, Values.integer(1...64)),
                .value(
                    "--batch-size", "N", "masked inputs per pass (default: chosen to fit)", \.batchSize,
                    Values.integer(1...4096)),
                .value(
                    "--max-memory", "N",
                    "the most memory for the network's values, such as 4GB (default: three quarters of the machine's)",
                    \.limits.memory.bytes, Values.bytes),
                .value(
                    "--max-elements", "N", "the most numbers in one tensor of a network (default: 2147483648)",
                    \.limits.elements, Values.count),
                .value(
                    "--max-nodes", "N",
                    "the most nodes of a network, with its functions' wherever they are called (default: 200000)",
                    \.limits.nodes, Values.count),
                .value(
                    "--max-nesting", "N", "how deep functions and branches may stand in one another (default: 64)",
                    \.limits.nesting, Values.integer(1...256)),
                .value(
                    "--max-operations", "N",
                    "the most multiplications that a network may take an image, such as 500G (default: 10T)",
                    \.limits.operations, Values.count),
            ]),
        Section(
            title: "Pictures",
            flags: [
                .value(
                    "--output-dir", short: "-o", "DIR", "where files go; made if missing (default: .)",
                    \.outputDirectory, Values.text),
                .list(
                    "--outputs", "KIND[,KIND]",
                    "cam, gb, cam_gb: overlay, guided backpropagation, both combined (default: these three); compare: "
                        + "photo and every method's overlay in one picture; concepts: what the layer holds, in colours; none: "
                        + "no pictures",
                    \.outputs
                ) {
                    text throws(ValueFault) in [try Values.choice(Arguments.Output.self)(text)]
                },
                .toggle("--compare", "also write compare, besides the other --outputs") { $0.compares = true },
                .value(
                    "--concepts", "N",
                    "also write concepts, so many: parts of what the layer holds, one colour each, named by the class "
                        + "that each speaks for (default: 5)",
                    \.concepts, Values.integer(1...Hues.count)),
                Flag(
                    name: "--save-map", placeholder: "[photo|input|layer]",
                    help:
                        "also write the map as {method}_cam.npy, 0..1 (or -1..1): float32 at the photo's size "
                        + "(default) or the network's input's, or float16 on the layer's own grid",
                    words: Arguments.MapSpace.allCases.map(\.rawValue)
                ) { arguments, text throws(ValueFault) in
                    arguments.saveMap = try Values.choice(Arguments.MapSpace.self)(text)
                },
                .value(
                    "--colormap", "NAME",
                    "colours of the overlay: \(Colormap.allCases.map(\.rawValue).joined(separator: ", ")) "
                        + "(default: jet; bwr for --signed)",
                    \.colormap, Values.choice(Colormap.self)),
                .toggle("--bbox", "report the map's box: around the largest part above 15 % of its maximum") {
                    $0.tellsBox = true
                },
                .toggle("--mask", "also write the map's mask (Otsu's threshold) as {method}_mask.png, and report it") {
                    $0.tellsMask = true
                },
                .toggle("--colorbar", "a bar of the colormap at the overlay's right, which grows by its width") {
                    $0.showsColorbar = true
                },
                .value(
                    "--image-weight", "W", "share of the photo in the overlay, 0..1 (default: 0.5)", \.imageWeight,
                    Values.number(0...1)),
                .value("--quality", "Q", "JPEG quality, 1..100 (default: 95)", \.quality, Values.integer(1...100)),
            ]),
        Section(
            title: "Trust",
            flags: [
                Flag(
                    name: "--metrics", placeholder: "NAME[,NAME]",
                    help:
                        "judge every map, and those of the controls randomcam and sobel beside it; or all; see "
                        + "--list-metrics"
                ) { arguments, text throws(ValueFault) in
                    for part in Values.list(text) {
                        let name = try Values.name(of: Vocabulary.metrics + ["all"])(part)
                        for name in name == "all" ? Vocabulary.metrics : [name]
                        where !arguments.metrics.contains(name) { arguments.metrics.append(name) }
                    }
                },
                .value(
                    "--boxes", "FILE",
                    "compare maps with boxes: a CSV of photo,class,x0,y0,x1,y1 in the photo's pixels, or COCO's JSON",
                    \.boxes, Values.text),
                .value(
                    "--masks", "DIR", "compare maps with masks: PNGs of the photos' names, inside where not black",
                    \.masks, Values.text),
                .value(
                    "--table", "FILE", "write averages over all photos by method: .csv, .md or .json", \.table,
                    Values.tableFile),
                Flag(
                    name: "--average", placeholder: "FILE",
                    help:
                        "print the averages of reports that --json printed, of several shares too; - for standard input"
                ) { arguments, text throws(ValueFault) in
                    (arguments.action, arguments.reports) = (.average, try Values.text(text))
                },
                .toggle("--list-metrics", "print the metrics: what each tells of a map, what it takes, and its paper") {
                    $0.action = .listMetrics
                },
            ]),
        Section(
            title: "Reports",
            flags: [
                .toggle("--json", short: "-j", "one JSON object a photo on standard output") { $0.json = true },
                .toggle("--quiet", short: "-q", "only errors; nothing else but --json's objects") { $0.quiet = true },
                .toggle("--no-progress", "no progress bar") { $0.showsProgress = false },
                .toggle("--list-methods", "print the methods: what each is made of, needs and costs, and its paper") {
                    $0.action = .listMethods
                },
                .toggle("--list-layers", "print the layers that --target-layer takes, with shape and stride") {
                    $0.action = .listLayers
                },
                .toggle(
                    "--check",
                    "tell whether the model can be explained, and why not: inputs, operators, preprocessing, "
                        + "layer, a test run; with photos also how it is best fed"
                ) { $0.action = .check },
                .toggle("--list-models", "print the models that --model finds") { $0.action = .listModels },
                .toggle("--help", short: "-h", "print this") { $0.action = .help },
                .toggle("--version", short: "-V", "print the version") { $0.action = .version },
            ]),
    ]
}
