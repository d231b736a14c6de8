import ActivationMaps

/// What is explained: photos, classes, methods.
extension Flag.Section {
    static let photos = Flag.Section(
        title: "Photos, classes, methods",
        flags: [
            Flag(
                name: "--image-path", placeholder: "PATH", form: .photo,
                help:
                    "a photo (JPEG, PNG, .npy; of a pipe too), a folder (every photo under it), a tar, or - for standard "
                    + "input: a photo, a tar, or paths, one a line; may be repeated"
            ) { arguments, text throws(ValueFault) in arguments.imagePaths.append(try Values.text(text)) },
            .toggle("--null", short: "-0", "paths on standard input end in NUL, as find -print0 writes them") {
                $0.endsPathsInNUL = true
            },
            .list(
                "--method", "NAME[,NAME]",
                "methods; all; or cheap: those that share one forward and one backward pass (default: gradcam); "
                    + "see --list-methods",
                \.methods, { text throws(ValueFault) in [try Values.name(of: Vocabulary.methodWords)(text)] },
                form: .words(Vocabulary.methodWords)),
            Flag(
                name: "--target-category", placeholder: "ID|LABEL[,..]",
                help:
                    "classes by index, by the label in full, or by a unique part of it (default: the "
                    + "top-scoring class)"
            ) { arguments, text throws(ValueFault) in arguments.categories.append(try Values.categories(text)) },
            .value("--top-k", "N", "explain the N top classes (default: 1)", \.topK, Values.integer(1...100_000)),
            .choice(
                "--score", "NAME",
                "which number of a class is explained: its logit, its probability, or rest, its logit minus its "
                    + "cross entropy (default: logit)",
                \.score),
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
                \.targetMask, Values.text, form: .file(["png", "jpg", "jpeg"])),
            Flag(
                name: "--target-box", placeholder: "N|X0,Y0,X1,Y1",
                help:
                    "of a detector: this box of its own, by number, or the one that overlaps the most with this "
                    + "rectangle of the photo; several are summed"
            ) { arguments, text throws(ValueFault) in arguments.targetBoxes.append(try Values.box(text)) },
            .value(
                "--categories", "FILE",
                "a table of photo,class (CSV): the classes of each photo, by index or label", \.classTable,
                Values.text, form: .file(["csv"])),
            .value(
                "--similar-to", "FILE",
                "how alike the network's embedding is to another photo's, or to the numbers of an .npy file, such "
                    + "as CLIP's of a text",
                \.similarTo, Values.text, form: .file(["npy", "jpg", "jpeg", "png"])),
            .value(
                "--bit-depth", "N|auto",
                "bits of the samples of 16-bit PNGs, 8..16; auto: as many as each photo's greatest one uses "
                    + "(default: 16)",
                \.bitDepth, Values.bitDepth),
            .value(
                "--preview-channels", "R,G,B",
                "which channels of an .npy photo pictures show, counted from 0, or one in grey (default: 0,1,2); of a "
                    + "signal any number (default: all)",
                \.previewChannels, Values.previewChannels),
            .value(
                "--max-pixels", "N", "larger photos are refused before they are read, such as 256MP (the default)",
                \.mostPixels, Values.pixels),
        ])
}
