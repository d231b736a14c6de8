import Imaging
import Network

/// The transforms of `pipeline.json`, which OpenMMLab's MMDeploy writes beside `end2end.onnx`.
/// https://github.com/open-mmlab/mmdeploy/blob/main/docs/en/02-how-to-run/write_config.md
enum OpenMMLab {
    static func read(_ files: ConfigurationFiles) -> ModelDescription? {
        files.describe("pipeline.json") { whole, description throws(DescriptionFault) in
            let tasks = whole["pipeline"]?["tasks"]?.list ?? []
            guard let transforms = tasks.lazy.compactMap({ $0["transforms"]?.list }).first else { return false }
            // Transforms work on OpenCV's pictures.
            (description.interpolation, description.channelOrder) = (.opencv, .bgr)
            for transform in transforms { try apply(transform, to: &description) }
            if description.fit?.scaled == description.size { description.fit?.scaled = nil }
            return description.mean != nil || description.fit != nil
        }
    }

    private static func apply(_ transform: PythonLiteral, to description: inout ModelDescription)
        throws(DescriptionFault)
    {
        switch transform["type"]?.string {
        case "Resize", "ResizeEdge":
            try resize(transform, &description)
        case "CenterCrop":
            description.size = try transform["crop_size"]?.size("crop_size") ?? description.size
        case "Normalize":
            guard let mean = transform["mean"]?.numbers, let std = transform["std"]?.numbers else {
                throw DescriptionFault(reason: "Normalize should have mean and std")
            }
            // For 0..255, whatever they are; but a deviation below 1 is one for 0..1.
            let isOfUnits = std.contains { $0 < 1 } && !mean.contains { abs($0) > 2 }
            try description.take(
                mean: isOfUnits ? mean : mean.map { $0 / 255 }, std: isOfUnits ? std : std.map { $0 / 255 })
            if isOfUnits {
                description.remarks.append(
                    "\(path: description.origin): mean \(Normalisation.text(mean)) and std \(Normalisation.text(std)) "
                        + "are taken for pixels of 0..1, as they could not be for 0..255"
                )
            }
            if transform["to_rgb"]?.boolean ?? true { description.channelOrder = .rgb }
        default: break
        }
    }

    /// `size` is [height, width], `scale` [width, height]; one extent beside -1, or that of ResizeEdge, is the shorter
    /// side's.
    private static func resize(_ transform: PythonLiteral, _ description: inout ModelDescription)
        throws(DescriptionFault)
    {
        guard let written = transform["size"] ?? transform["scale"] else {
            throw DescriptionFault(reason: "\(transform["type"]?.string ?? "") has no size")
        }
        let extents = written.list?.compactMap(\.whole) ?? []
        let edge: Int? =
            transform["type"]?.string == "ResizeEdge"
            ? written.whole : extents.contains(-1) ? extents.first { $0 > 0 } : nil
        let scaled: Preprocessing.PixelSize
        if let edge {
            let side = try ModelDescription.side(edge, "size")
            scaled = .init(width: side, height: side)
        } else {
            guard let size = try written.size("size", isWidthFirst: transform["size"] == nil) else {
                throw DescriptionFault(reason: "size should be numbers of pixels")
            }
            scaled = size
        }
        description.fit = .init(
            resize: edge != nil ? .crop : transform["keep_ratio"]?.boolean ?? false ? .letterbox : .squash,
            scaled: scaled)
        description.size = scaled
        // OpenCV's, or Pillow's where the transform says so.
        let name = transform["interpolation"]?.string ?? "bilinear"
        let pillow = Preprocessing.Interpolation(rawValue: name)
        description.interpolation =
            transform["backend"]?.string == "pillow"
            ? pillow ?? .bilinear : name == "bilinear" ? .opencv : pillow ?? .opencv
    }
}
