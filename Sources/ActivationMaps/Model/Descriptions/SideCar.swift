import Imaging

/// This project's own description of a network: the ONNX metadata key `preprocessing`, or `NAME.json` beside `NAME.onnx`. Every key may be
/// left out.
///
///     {"mean": [..], "std": [..], "size": 256, "crop_size": 224, "resize": "crop", "interpolation": "bilinear", "channel_order": "rgb",
///      "labels": ["cat", "dog"]}
enum SideCar {
    private static let form = "expected {\"mean\":[..],\"std\":[..],\"size\":N,\"crop_size\":N,\"resize\":\"squash|crop|letterbox\","
        + "\"interpolation\":\"..\",\"channel_order\":\"rgb|bgr\",\"labels\":[..]}"

    /// - Parameter path: the file that the text stands in, for the error.
    static func read(_ text: String, origin: String, path: String) throws(ModelError) -> ModelDescription {
        func fault(_ reason: String) -> ModelError { .description(path: path, reason: "preprocessing \(reason); \(form)") }
        let literal: PythonLiteral
        do throws(PythonLiteral.Fault) { literal = try PythonLiteral(text) } catch { throw fault("is not valid JSON (line \(error.line))") }
        guard literal.dictionary != nil else { throw fault("is no object") }

        func value<T>(_ key: String, _ read: (PythonLiteral) -> T?) throws(ModelError) -> T? {
            guard let found = literal[key], found != .none else { return nil }
            guard let value = read(found) else { throw fault("has a wrong value for '\(key)'") }
            return value
        }
        var description = ModelDescription(origin: origin)
        description.isOwn = true
        let mean = try value("mean", \.numbers), std = try value("std", \.numbers)
        for (name, list) in [("mean", mean), ("std", std)] {
            guard let list else { continue }
            guard [1, 3].contains(list.count), list.allSatisfy(\.isFinite), name == "mean" || list.allSatisfy({ $0 > 0 }) else {
                throw .description(path: path, reason: "\(name) \(list) should be 1 or 3 numbers" + (name == "std" ? " above 0" : ""))
            }
        }
        do throws(Normalisation.Fault) { try description.normalise(mean: mean, std: std) } catch { throw .description(path: path, reason: error.reason) }
        let size = try value("size") { $0.size(isWidthFirst: true) }, crop = try value("crop_size") { $0.size(isWidthFirst: true) }
        let resize = try value("resize") { $0.string.flatMap(Preprocessing.Resize.init) }
        description.size = crop ?? size
        if resize != nil || crop != nil { description.fit = .init(resize: resize ?? .crop, scaled: crop == nil ? nil : size) }
        description.interpolation = try value("interpolation") { $0.string.flatMap(Preprocessing.Interpolation.init) }
        description.channelOrder = try value("channel_order") { $0.string.flatMap(Preprocessing.ChannelOrder.init) }
        description.labels = try value("labels") { $0.list.flatMap { list in list.contains { $0.string == nil } ? nil : list.compactMap(\.string) } }
        return description
    }
}

extension PythonLiteral {
    /// A list of numbers, or one alone.
    var numbers: [Float]? {
        if let number { return [Float(number)] }
        guard let list else { return nil }
        let numbers = list.compactMap { $0.number.map { Float($0) } }
        return numbers.count == list.count ? numbers : nil
    }

    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// N for a square, or two extents.
    func size(isWidthFirst: Bool) -> Preprocessing.PixelSize? {
        let extents = if let integer { [integer, integer] } else { list?.compactMap(\.integer) ?? [] }
        guard extents.count == 2, list?.count ?? 2 == 2, extents.allSatisfy({ (1...1 << 15).contains($0) }) else { return nil }
        return isWidthFirst ? .init(width: extents[0], height: extents[1]) : .init(width: extents[1], height: extents[0])
    }
}
