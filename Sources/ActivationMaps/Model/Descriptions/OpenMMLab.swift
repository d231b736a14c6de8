import Imaging

/// The transforms of `pipeline.json`, which OpenMMLab's MMDeploy writes beside `end2end.onnx`.
/// https://github.com/open-mmlab/mmdeploy/blob/main/docs/en/02-how-to-run/write_config.md
enum OpenMMLab {
    static func read(_ files: ConfigurationFiles) throws(ModelError) -> ModelDescription? {
        guard let (whole, path) = try files.object("pipeline.json"), let tasks = whole["pipeline"]?["tasks"]?.list,
            let transforms = tasks.lazy.compactMap({ $0["transforms"]?.list }).first
        else { return nil }
        var description = ModelDescription(origin: path)
        // Transforms work on OpenCV's pictures.
        (description.interpolation, description.channelOrder) = (.opencv, .bgr)
        var scaled: Preprocessing.PixelSize?
        for transform in transforms {
            switch transform["type"]?.string {
            case "Resize", "ResizeEdge":
                guard let written = transform["size"] ?? transform["scale"] else { continue }
                let extents = written.integer.map { [$0] } ?? written.list?.compactMap(\.integer) ?? []
                guard let first = extents.first(where: { $0 > 0 }), first < 1 << 15 else { continue }
                // One extent, or a second one of -1, is that of the shorter side; so are two with the aspect kept, where they are equal.
                let isEdge = extents.count == 1 ? written.list == nil && transform["type"]?.string == "ResizeEdge" : extents.contains(-1)
                let second = extents.count == 2 && extents[1] > 0 ? extents[1] : first
                scaled = .init(width: second, height: first)
                description.fit = .init(resize: isEdge ? .crop : transform["keep_ratio"]?.boolean ?? false ? .letterbox : .squash, scaled: scaled)
                description.size = scaled
                description.interpolation = filter(transform)
            case "CenterCrop":
                guard let size = transform["crop_size"]?.size(isWidthFirst: false) else { continue }
                description.size = size
            case "Normalize":
                guard let mean = transform["mean"]?.numbers, let std = transform["std"]?.numbers, std.allSatisfy({ $0 > 0 }) else { continue }
                // OpenMMLab's are for 0..255 always.
                (description.mean, description.std) = (mean.map { $0 / 255 }, std.map { $0 / 255 })
                if transform["to_rgb"]?.boolean ?? true { description.channelOrder = .rgb }
            default: continue
            }
        }
        if description.fit?.scaled == description.size { description.fit?.scaled = nil }
        return description.mean == nil && description.fit == nil ? nil : description
    }

    /// OpenCV's, or Pillow's where the transform says so.
    private static func filter(_ transform: PythonLiteral) -> Preprocessing.Interpolation {
        let name = transform["interpolation"]?.string ?? "bilinear"
        if transform["backend"]?.string == "pillow" { return Preprocessing.Interpolation(rawValue: name) ?? .bilinear }
        return name == "bilinear" ? .opencv : Preprocessing.Interpolation(rawValue: name) ?? .opencv
    }
}
