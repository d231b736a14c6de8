import Imaging

/// timm's `config.json`, which its models are published with: `pretrained_cfg` tells what the evaluation transform does.
/// https://github.com/huggingface/pytorch-image-models/blob/main/timm/data/transforms_factory.py
enum Timm {
    static func read(_ files: ConfigurationFiles) throws(ModelError) -> ModelDescription? {
        // transformers' wrapper of timm's networks keeps the same in its own file.
        guard let (whole, path) = try files.object("config.json"), let configuration = whole["pretrained_cfg"], configuration.dictionary != nil
        else { return nil }
        var description = ModelDescription(origin: path)
        // What is left out is timm's default.
        let mean = configuration["mean"]?.numbers ?? Preprocessing().mean, std = configuration["std"]?.numbers ?? Preprocessing().std
        if std.allSatisfy({ $0 > 0 }) {
            (description.mean, description.std) = (mean, std)
            description.channelOrder = .rgb
        }
        description.interpolation = configuration["interpolation"]?.string.flatMap(Preprocessing.Interpolation.init) ?? .bicubic
        if let size = configuration["input_size"]?.list?.compactMap(\.integer), size.count == 3, size.allSatisfy({ (1...1 << 15).contains($0) }) {
            description.size = .init(width: size[2], height: size[1])
        }
        if let size = description.size {
            let share = configuration["crop_pct"]?.number ?? 0.875
            func enlarged(_ side: Int) -> Int { share > 0 ? Int((Double(side) / share).rounded(.down)) : side }
            let scaled = Preprocessing.PixelSize(width: enlarged(size.width), height: enlarged(size.height))
            let resize: Preprocessing.Resize = switch configuration["crop_mode"]?.string {
            case "squash": .squash
            case "border": .letterbox
            default: .crop
            }
            description.fit = .init(resize: resize, scaled: scaled == size ? nil : scaled, rounding: .init(roundsPadding: true))
        }
        description.takeLabels(whole["label_names"] ?? configuration["label_names"])
        return description
    }
}
