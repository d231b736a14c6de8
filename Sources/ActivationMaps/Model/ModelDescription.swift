import FoundationEssentials
import Imaging
import ONNX

/// Preprocessing and labels as people write them: in the ONNX file's metadata, or in a side-car JSON file. Every key may be left out.
struct ModelDescription: Decodable {
    var mean: [Float]?
    var std: [Float]?
    /// The network's input in pixels: N or [width, height].
    var size: Size?
    var resize: Preprocessing.Resize?
    var channelOrder: Preprocessing.ChannelOrder?
    var labels: [String]?

    enum CodingKeys: String, CodingKey {
        case mean, std, size, resize, labels
        case channelOrder = "channel_order"
    }

    struct Size: Decodable {
        let width, height: Int

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            let extents = if let side = try? value.decode(Int.self) { [side, side] } else { try value.decode([Int].self) }
            guard extents.count == 2, extents.allSatisfy({ (1...1 << 15).contains($0) }) else {
                throw DecodingError.dataCorruptedError(in: value, debugDescription: "size is N or [width, height]")
            }
            (width, height) = (extents[0], extents[1])
        }
    }

    /// - Parameter origin: the file that the text stands in, for the error.
    init(json text: String, origin: String) throws(ModelError) {
        do {
            self = try JSONDecoder().decode(ModelDescription.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            throw .description(path: origin, reason: "preprocessing \(Self.reason(error)); expected {\"mean\":[..],\"std\":[..],\"size\":N,\"resize\":\"squash|crop|letterbox\",\"channel_order\":\"rgb|bgr\"}")
        } catch {
            throw .description(path: origin, reason: "\(error)")
        }
        for (name, list) in [("mean", mean), ("std", std)] {
            guard let list else { continue }
            guard [1, 3].contains(list.count), list.allSatisfy(\.isFinite), name == "mean" || list.allSatisfy({ $0 > 0 }) else {
                throw .description(path: origin, reason: "\(name) \(list) should be 1 or 3 numbers" + (name == "std" ? " above 0" : ""))
            }
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        let context: DecodingError.Context? = switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context), .dataCorrupted(let context): context
        @unknown default: nil
        }
        let key = context?.codingPath.map(\.stringValue).joined(separator: ".") ?? ""
        return key.isEmpty ? "is not valid JSON" : "has a wrong value for '\(key)'"
    }
}

extension Preprocessing.Resize: Decodable {}
extension Preprocessing.ChannelOrder: Decodable {}
