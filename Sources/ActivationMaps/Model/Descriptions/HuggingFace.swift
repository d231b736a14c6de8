import Imaging

/// `preprocessor_config.json` (or `image_processor` in `processor_config.json`) and `config.json`, as Hugging Face's exporters leave them.
/// https://huggingface.co/docs/transformers/main_classes/image_processor
enum HuggingFace {
    static func read(_ files: ConfigurationFiles) throws(ModelError) -> [ModelDescription] {
        var descriptions: [ModelDescription] = []
        if let (processor, path) = try files.object("preprocessor_config.json") {
            descriptions.append(try read(processor: processor, path))
        } else if let (whole, path) = try files.object("processor_config.json"), let processor = whole["image_processor"] {
            descriptions.append(try read(processor: processor, path))
        }
        if let (configuration, path) = try files.object("config.json"), configuration["model_type"] != nil || configuration["id2label"] != nil {
            var description = ModelDescription(origin: path)
            description.size = configuration["image_size"]?.size(isWidthFirst: false)
            description.takeLabels(configuration["id2label"])
            // Names that transformers made up tell nothing.
            if let labels = description.labels, labels.enumerated().allSatisfy({ $1 == "LABEL_\($0)" }) { description.labels = nil }
            descriptions.append(description)
        }
        return descriptions
    }

    private static func read(processor: PythonLiteral, _ path: String) throws(ModelError) -> ModelDescription {
        var description = ModelDescription(origin: path)
        let type = (processor["image_processor_type"] ?? processor["feature_extractor_type"])?.string ?? ""
        func does(_ step: String) -> Bool {
            // MobileViT's has no such step, whatever its file says.
            if step == "normalize", type.hasPrefix("MobileViT") { return false }
            // What is written as null is not done.
            if let written = processor["do_" + step] { return written.boolean ?? false }
            return switch step {
            case "center_crop": cropping.contains(where: type.hasPrefix)
            case "flip_channel_order": type.hasPrefix("MobileViT")
            default: true
            }
        }

        // input = (pixel * factor - offset - mean) / std, for pixels of 0..255.
        let factor = does("rescale") ? processor["rescale_factor"]?.number.map { Float($0) } ?? 1 / 255 : 1
        let offset: Float = does("rescale") && processor["rescale_offset"]?.boolean ?? false ? 1 : 0
        var (mean, std): ([Float], [Float]) = ([0], [1])
        let told = processor["image_mean"]?.numbers, deviation = processor["image_std"]?.numbers
        if does("normalize"), let told, let deviation { (mean, std) = (told, deviation) }
        // EfficientNet divides by the deviation once more where it has its own head.
        if type.hasPrefix("EfficientNet"), processor["include_top"]?.boolean ?? false { std = std.map { $0 * $0 } }
        // Where it normalises by values that its file leaves to the class, nothing is told.
        if !type.isEmpty || processor["do_rescale"] != nil || processor["do_normalize"] != nil || told != nil, !does("normalize") || (told != nil && deviation != nil) {
            let scale = 255 * factor
            guard mean.allSatisfy(\.isFinite), std.allSatisfy({ $0.isFinite && $0 > 0 }), scale.isFinite, scale > 0 else {
                throw .description(path: path, reason: "image_mean, image_std and rescale_factor should be numbers, the last two above 0")
            }
            // Where only one of the lists is of one channel, it holds for all.
            description.mean = mean.map { ($0 + offset) / scale }
            description.std = std.map { $0 / scale }
        }
        if does("flip_channel_order") { description.channelOrder = .bgr } else if !type.isEmpty { description.channelOrder = .rgb }
        description.interpolation = processor["resample"]?.integer.flatMap { filters.indices.contains($0) ? filters[$0] : nil }
        fit(&description, processor, type: type, resizes: does("resize"), crops: does("center_crop"))
        return description
    }

    /// Pillow's filters by their numbers.
    private static let filters: [Preprocessing.Interpolation] = [.nearest, .lanczos, .bilinear, .bicubic, .box, .hamming]

    /// Processors that bring the shorter side to a size of one number; all others squash.
    private static let shorterSide = [
        "Bit", "ChineseCLIP", "CLIP", "ConvNext", "EfficientFormer", "LeVit", "Levit", "MobileNetV", "MobileViT", "PoolFormer", "PvtV2", "VideoMAE",
    ]

    /// Processors that cut a middle where their files do not say.
    private static let cropping = [
        "Bit", "ChineseCLIP", "CLIP", "DeiT", "EfficientFormer", "Flava", "LeViT", "Levit", "MobileNetV", "MobileViT", "Perceiver", "PoolFormer", "VideoMAE",
    ]
    private static let rounding = Preprocessing.Rounding(cropsDown: true)

    private static func fit(_ description: inout ModelDescription, _ processor: PythonLiteral, type: String, resizes: Bool, crops: Bool) {
        guard let size = processor["size"] else { return }
        var edge = size["shortest_edge"]?.integer
        var whole = size.dictionary == nil ? nil : extents(size)
        if let number = size.integer {
            if shorterSide.contains(where: type.hasPrefix) { edge = number } else { whole = .init(width: number, height: number) }
        } else if whole == nil, let pair = size.list.flatMap({ _ in size.size(isWidthFirst: false) }) {
            whole = pair
        }
        let share = processor["crop_pct"]?.number
        if type.hasPrefix("Perceiver"), crops, let side = whole, let cover = processor["crop_size"].flatMap({ extents($0) }) {
            description.size = side
            description.fit = .init(resize: .crop, scaled: cover, rounding: rounding)
            description.remarks.append("\(description.origin) cuts photos before it scales them; they are scaled first, which differs by less than a pixel")
            return
        }
        if type.hasPrefix("ConvNext"), let side = edge {
            // Small inputs are the middle of a larger photo, others the whole of it.
            description.size = square(side)
            description.fit = side < 384
                ? .init(resize: .crop, scaled: square(Int(Double(side) / (share ?? 224.0 / 256))), rounding: rounding) : .init(resize: .squash)
            return
        }
        if type.lowercased().hasPrefix("levit"), let side = edge { edge = Int(256.0 / 224 * Double(side)) }
        if type.hasPrefix("PoolFormer"), let share, let side = edge ?? whole.map(\.height) { (edge, whole) = (Int(Double(side) / share), nil) }
        let scaled = edge.map(square) ?? whole
        let cropped = processor["crop_size"].flatMap(extents)
        let fed = crops ? cropped ?? square(type.hasPrefix("MobileViT") ? 256 : 224) : scaled
        if edge != nil, !crops {
            description.remarks.append("\(description.origin) feeds photos at their own aspect, but the network is fed one size: their middle")
        }
        if let fed, (1...1 << 15).contains(fed.width), (1...1 << 15).contains(fed.height) { description.size = fed }
        if resizes, let scaled { description.fit = .init(resize: edge == nil ? .squash : .crop, scaled: scaled == fed ? nil : scaled, rounding: rounding) }
    }

    /// Of a number, a list or `height` and `width`.
    private static func extents(_ written: PythonLiteral) -> Preprocessing.PixelSize? {
        if let size = written.size(isWidthFirst: false) { return size }
        guard let height = written["height"]?.integer, let width = written["width"]?.integer else { return nil }
        return .init(width: width, height: height)
    }

    private static func square(_ side: Int) -> Preprocessing.PixelSize { .init(width: max(side, 1), height: max(side, 1)) }
}
