import Imaging
import Network

/// This project's own description of a network: the ONNX metadata key `preprocessing`, or `NAME.json` beside
/// `NAME.onnx`. Every key may be left out.
///
///     {"mean": [..], "std": [..], "size": 256, "crop_size": 224, "resize": "crop", "interpolation": "bilinear",
///     "channel_order": "rgb",
///      "labels": ["cat", "dog"]}
enum SideCar {
    private static let keys = [
        "mean", "std", "size", "crop_size", "resize", "interpolation", "channel_order", "labels",
    ]
    private static let form: Wording =
        "expected {\"mean\":[..],\"std\":[..],\"size\":N,\"crop_size\":N,\"resize\":\"squash|crop|letterbox\","
        + "\"interpolation\":\"..\",\"channel_order\":\"rgb|bgr\",\"labels\":[..]}"

    /// - Parameter path: the file that the text stands in, for the error.
    static func read(_ text: String, origin: String, path: String) throws(ModelError) -> ModelDescription {
        do throws(DescriptionFault) {
            return try read(text, origin: origin)
        } catch {
            throw .description(path: path, reason: error.reason)
        }
    }

    private static func read(_ text: String, origin: String) throws(DescriptionFault) -> ModelDescription {
        let literal: PythonLiteral
        do throws(PythonLiteral.Fault) { literal = try PythonLiteral(text) } catch {
            throw DescriptionFault(reason: "preprocessing is not valid JSON (line \(error.line)); \(form)")
        }
        guard let entries = literal.dictionary else {
            throw DescriptionFault(reason: "preprocessing is no object; \(form)")
        }

        func value<T>(_ key: String, _ read: (PythonLiteral) throws(DescriptionFault) -> T?) throws(DescriptionFault)
            -> T?
        {
            guard let found = literal[key], found != .none else { return nil }
            guard let value = try read(found) else {
                throw DescriptionFault(reason: "preprocessing has a wrong value for '\(key)'; \(form)")
            }
            return value
        }
        func choice<T: RawRepresentable>(_ key: String, _: T.Type) throws(DescriptionFault) -> T?
        where T.RawValue == String {
            try value(key) { $0.string.flatMap(T.init) }
        }
        var description = ModelDescription(origin: origin)
        description.isOwn = true
        try description.normalise(mean: value("mean") { $0.numbers }, std: value("std") { $0.numbers })
        let size = try value("size") { literal throws(DescriptionFault) in try literal.size("size", isWidthFirst: true)
        }
        let crop = try value("crop_size") { literal throws(DescriptionFault) in
            try literal.size("crop_size", isWidthFirst: true)
        }
        let resize = try choice("resize", Preprocessing.Resize.self)
        description.size = crop ?? size
        if resize != nil || crop != nil {
            description.fit = .init(resize: resize ?? .crop, scaled: crop == nil ? nil : size)
        }
        description.interpolation = try choice("interpolation", Preprocessing.Interpolation.self)
        description.channelOrder = try choice("channel_order", Preprocessing.ChannelOrder.self)
        description.labels = try value("labels") { literal throws(DescriptionFault) in
            do throws(LabelFault) { return try labels(of: literal) } catch {
                throw DescriptionFault(reason: "labels: \(error.reason)")
            }
        }
        let unknown = entries.compactMap(\.key.string).filter { !keys.contains($0) }
        if !unknown.isEmpty {
            description.remarks.append(
                "\(path: origin): \(names: unknown) means nothing here; the keys are " + Wording(keys.joined(separator: ", ")))
        }
        return description
    }
}
