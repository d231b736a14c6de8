import Imaging

/// timm's `config.json`, which its models are published with: `pretrained_cfg` tells what the evaluation transform
/// does.
/// https://github.com/huggingface/pytorch-image-models/blob/main/timm/data/transforms_factory.py
enum Timm {
    static func read(_ files: ConfigurationFiles) -> ModelDescription? {
        files.describe("config.json") { whole, description throws(DescriptionFault) in
            guard let configuration = whole["pretrained_cfg"], configuration.dictionary != nil else { return false }
            try read(configuration, &description)
            description.takeLabels(whole["label_names"] ?? configuration["label_names"])
            return true
        }
    }

    private static func read(_ configuration: PythonLiteral, _ description: inout ModelDescription)
        throws(DescriptionFault)
    {
        // What is left out is timm's default.
        let standard = Preprocessing()
        func numbers(_ key: String, _ missing: [Float]) throws(DescriptionFault) -> [Float] {
            guard let written = configuration[key], written != .none else { return missing }
            guard let numbers = written.numbers else { throw DescriptionFault(reason: "\(key) should be numbers") }
            return numbers
        }
        try description.normalise(mean: numbers("mean", standard.mean), std: numbers("std", standard.std))
        description.channelOrder = .rgb
        description.interpolation =
            configuration["interpolation"]?.string.flatMap(Preprocessing.Interpolation.init) ?? .bicubic
        guard let written = configuration["input_size"], written != .none else { return }
        let extents = written.list?.compactMap(\.whole) ?? []
        guard extents.count == 3 else {
            throw DescriptionFault(reason: "input_size should be [channels, height, width]")
        }
        let size = Preprocessing.PixelSize(
            width: try ModelDescription.side(extents[2], "input_size"),
            height: try ModelDescription.side(extents[1], "input_size"))
        let share = configuration["crop_pct"]?.number ?? 0.875
        let scaled = Preprocessing.PixelSize(
            width: try ModelDescription.side(size.width, times: 1 / share, "crop_pct"),
            height: try ModelDescription.side(size.height, times: 1 / share, "crop_pct"))
        let resize: Preprocessing.Resize =
            switch configuration["crop_mode"]?.string {
            case "squash": .squash
            case "border": .letterbox
            default: .crop
            }
        description.size = size
        description.fit = .init(
            resize: resize, scaled: scaled == size ? nil : scaled, rounding: .init(roundsPadding: true))
    }
}
