import Imaging
import Network

/// `preprocessor_config.json` (or `image_processor` in `processor_config.json`) and `config.json`, as Hugging Face's
/// exporters leave them.
/// https://huggingface.co/docs/transformers/main_classes/image_processor
enum HuggingFace {
    static func read(_ files: ConfigurationFiles) -> [ModelDescription] {
        let processor =
            files.describe("preprocessor_config.json") { literal, description throws(DescriptionFault) in
                try read(processor: literal, &description)
                return true
            }
            ?? files.describe("processor_config.json") { whole, description throws(DescriptionFault) in
                guard let literal = whole["image_processor"], literal.dictionary != nil else { return false }
                try read(processor: literal, &description)
                return true
            }
        let configuration = files.describe("config.json") { literal, description throws(DescriptionFault) in
            guard literal["model_type"] != nil || literal["id2label"] != nil else { return false }
            // Of networks of several inputs or windows it may be anything.
            description.size = try? literal["image_size"]?.size("image_size")
            description.takeLabels(
                literal["id2label"].map { .dictionary([.init(key: .string("id2label"), value: $0)]) })
            // Names that transformers made up tell nothing.
            if let labels = description.labels, labels.enumerated().allSatisfy({ $1 == "LABEL_\($0)" }) {
                description.labels = nil
            }
            return true
        }
        return [processor, configuration].compactMap { $0 }
    }

    private static func read(processor: PythonLiteral, _ description: inout ModelDescription) throws(DescriptionFault) {
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
        let isProcessor =
            !type.isEmpty || ["do_rescale", "do_normalize", "image_mean"].contains { processor[$0] != nil }
        if isProcessor {
            try values(processor, type, rescales: does("rescale"), normalises: does("normalize"), &description)
        }
        if does("flip_channel_order") {
            description.channelOrder = .bgr
        } else if !type.isEmpty {
            description.channelOrder = .rgb
        }
        description.interpolation = processor["resample"]?.integer.flatMap {
            filters.indices.contains($0) ? filters[$0] : nil
        }
        try fit(processor, type, resizes: does("resize"), crops: does("center_crop"), &description)
    }

    /// input = (pixel * factor - offset - mean) / std, for pixels of 0..255.
    private static func values(
        _ processor: PythonLiteral, _ type: String, rescales: Bool, normalises: Bool,
        _ description: inout ModelDescription
    ) throws(DescriptionFault) {
        var (mean, std): ([Float], [Float]) = ([0], [1])
        if normalises {
            // Values that the file leaves to the class are not told.
            guard let written = processor["image_mean"], written != .none, let deviation = processor["image_std"],
                deviation != .none
            else { return }
            guard let told = written.numbers, let deviations = deviation.numbers else {
                throw DescriptionFault(reason: "image_mean and image_std should be numbers")
            }
            (mean, std) = (told, deviations)
        }
        // EfficientNet divides by the deviation once more where it has its own head.
        if type.hasPrefix("EfficientNet"), processor["include_top"]?.boolean ?? false { std = std.map { $0 * $0 } }
        let factor = rescales ? processor["rescale_factor"]?.number ?? 1 / 255 : 1
        let offset: Float = rescales && processor["rescale_offset"]?.boolean ?? false ? 1 : 0
        guard factor.isFinite, factor > 0 else {
            throw DescriptionFault(reason: "rescale_factor should be a number above 0")
        }
        if abs(255 * factor - 1) < 1e-6 {
            try description.normalise(mean: mean.map { $0 + offset }, std: std)
        } else {
            let scale = Float(255 * factor)
            try description.take(mean: mean.map { ($0 + offset) / scale }, std: std.map { $0 / scale })
        }
    }

    /// Pillow's filters by their numbers.
    private static let filters: [Preprocessing.Interpolation] = [
        .nearest, .lanczos, .bilinear, .bicubic, .box, .hamming,
    ]

    /// Processors that bring the shorter side to a size of one number; all others squash.
    private static let shorterSide = [
        "Bit", "ChineseCLIP", "CLIP", "ConvNext", "EfficientFormer", "LeViT", "Levit", "MobileNetV", "MobileViT",
        "PoolFormer", "PvtV2", "VideoMAE",
    ]

    /// Processors that cut a middle where their files do not say.
    private static let cropping = [
        "Bit", "ChineseCLIP", "CLIP", "DeiT", "EfficientFormer", "Flava", "LeViT", "Levit", "MobileNetV", "MobileViT",
        "Perceiver", "PoolFormer", "VideoMAE",
    ]
    private static let rounding = Preprocessing.Rounding(cropsDown: true)

    private static func fit(
        _ processor: PythonLiteral, _ type: String, resizes: Bool, crops: Bool, _ description: inout ModelDescription
    ) throws(DescriptionFault) {
        guard let size = processor["size"], size != .none else { return }
        var edge = size["shortest_edge"]?.whole, whole = try size.size("size")
        if size.whole != nil, shorterSide.contains(where: type.hasPrefix) { (edge, whole) = (whole?.width, nil) }
        if let side = edge { edge = try ModelDescription.side(side, "shortest_edge") }
        let share = processor["crop_pct"]?.number, cropped = try processor["crop_size"]?.size("crop_size")
        if type.hasPrefix("Perceiver"), crops, let whole, let cropped {
            description.size = whole
            description.fit = .init(resize: .crop, scaled: cropped, rounding: rounding)
            description.remarks.append(
                "\(path: description.origin) cuts photos before it scales them; they are scaled first, which differs "
                    + "by less than a pixel"
            )
            return
        }
        if type.hasPrefix("ConvNext"), let side = edge {
            // Small inputs are the middle of a larger photo, others the whole of it.
            description.size = square(side)
            description.fit =
                side < 384
                ? .init(
                    resize: .crop,
                    scaled: square(try ModelDescription.side(side, times: 1 / (share ?? 0.875), "crop_pct")),
                    rounding: rounding)
                : .init(resize: .squash)
            return
        }
        if type.lowercased().hasPrefix("levit"), let side = edge {
            edge = try ModelDescription.side(side, times: 256 / 224, "size")
        }
        if type.hasPrefix("PoolFormer"), let share, let side = edge ?? whole.map(\.height) {
            (edge, whole) = (try ModelDescription.side(side, times: 1 / share, "crop_pct"), nil)
        }
        let scaled = edge.map(square) ?? whole
        let fed = crops ? cropped ?? square(type.hasPrefix("MobileViT") ? 256 : 224) : scaled
        if edge != nil, !crops {
            description.remarks.append(
                "\(path: description.origin) feeds photos at their own aspect, but the network is fed one "
                    + "size: their middle"
            )
        }
        description.size = fed
        if resizes, let scaled {
            description.fit = .init(
                resize: edge == nil ? .squash : .crop, scaled: scaled == fed ? nil : scaled, rounding: rounding)
        }
    }

    private static func square(_ side: Int) -> Preprocessing.PixelSize { .init(width: side, height: side) }
}
