import Imaging

/// What is written.
extension Flag.Section {
    static let pictures = Flag.Section(
        title: "Pictures",
        flags: [
            .value(
                "--output-dir", short: "-o", "DIR", "where files go; made if missing (default: .)",
                \.outputDirectory, Values.text, form: .folder),
            .list(
                "--outputs", "KIND[,KIND]",
                "cam, gb, cam_gb: overlay, guided backpropagation, both combined (default: these three); compare: "
                    + "photo and every method's overlay in one picture; concepts: what the layer holds, in colours; none: "
                    + "no pictures",
                \.outputs, { text throws(ValueFault) in [try Values.choice(Arguments.Output.self)(text)] },
                form: .words(Values.words(of: Arguments.Output.self))),
            .toggle("--compare", "also write compare, besides the other --outputs") { $0.compares = true },
            .value(
                "--concepts", "N",
                "also write concepts, so many: parts of what the layer holds, one colour each, named by the class "
                    + "that each speaks for (default: 5)",
                \.concepts, Values.integer(1...Hues.count)),
            Flag(
                name: "--save-map", placeholder: "[photo|input|layer]",
                form: .optionalWord(Values.words(of: Arguments.MapSpace.self)),
                help:
                    "also write the map as {method}_cam.npy, 0..1 (or -1..1): float32 at the photo's size "
                    + "(default) or the network's input's, or float16 on the layer's own grid"
            ) { arguments, text throws(ValueFault) in
                arguments.saveMap = try Values.choice(Arguments.MapSpace.self)(text)
            },
            .choice(
                "--colormap", "NAME",
                "colours of the overlay: \(Colormap.allCases.map(\.rawValue).joined(separator: ", ")) "
                    + "(default: jet; bwr for --signed)",
                \.colormap),
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
            .choice("--format", "jpeg|png", "of the pictures (default: jpeg)", \.format),
            .value("--quality", "Q", "JPEG quality, 1..100 (default: 95)", \.quality, Values.integer(1...100)),
        ])
}
