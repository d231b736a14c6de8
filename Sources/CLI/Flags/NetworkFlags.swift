import Imaging

/// The network, and what it is fed.
extension Flag.Section {
    static let network = Flag.Section(
        title: "Network",
        flags: [
            .value(
                "--model", short: "-m", "NAME|FILE|FOLDER",
                "an ONNX file, the folder of one, or the name of a model under Models/ (default: resnet50 "
                    + "where it is installed, else efficientnet_lite0, else the bundled one)",
                \.model, Values.text, form: .model),
            .list(
                "--target-layer", "NAME[,NAME]",
                "a module path (layer4[-1], features.28), a node or a tensor (default: the last spatial "
                    + "feature map)",
                \.layers, { text throws(ValueFault) in [try Values.text(text)] }, form: .layers),
            .value(
                "--output", "NAME",
                "the output that holds the class scores, where the file has several (default: found by names, "
                    + "labels and what computes them)",
                \.output, Values.text),
            Flag(
                name: "--input", placeholder: "NAME=FILE|VALUE", form: .input,
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
                \.labels, Values.text, form: .file(["txt", "csv", "json"])),
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
            .choice(
                "--channel-order", "rgb|bgr", "order of the channels as fed (default: the model's own, else rgb)",
                \.channelOrder),
            .choice(
                "--resize", "HOW",
                "squash to the input size, crop the middle, or letterbox (default: the model's own, else squash)",
                \.resize),
            .value(
                "--crop-size", "N|WxH",
                "scale a photo to --input-size, then feed its middle of this size (default: what was scaled)",
                \.cropSize, Values.size),
            .choice(
                "--interpolation", "NAME",
                "how a photo is scaled: "
                    + "\(Preprocessing.Interpolation.allCases.map(\.rawValue).joined(separator: ", ")) "
                    + "(default: the model's own, else bilinear)",
                \.interpolation),
        ])
}
