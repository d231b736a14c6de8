import Foundation

/// A folder of what PyTorch says, in the container that Tests/Goldens/README.md describes.
public struct Golden: Sendable {
    public struct Tensor: Sendable {
        public let shape: [Int]
        public let values: [Float]

        public init(shape: [Int], values: [Float]) { (self.shape, self.values) = (shape, values) }
    }

    private struct Entry: Decodable {
        let dtype: String
        let scale: Float?
        let offset: Int
        let shape: [Int]
    }

    private struct Index: Decodable { let tensors: [String: Entry] }

    public static let folder = Shared.repository + "/Tests/Goldens"

    public let path: String
    private let json: Data
    private let data: Data
    private let entries: [String: Entry]

    public init(_ name: String) throws {
        path = Self.folder + "/" + name
        json = try Data(contentsOf: URL(fileURLWithPath: path + "/golden.json"))
        data = try Data(contentsOf: URL(fileURLWithPath: path + "/golden.bin"))
        entries = try JSONDecoder().decode(Index.self, from: json).tensors
    }

    /// The rest of the index.
    public func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: json)
    }

    public func tensor(_ key: String) throws -> Tensor {
        guard let entry = entries[key] else { throw MissingTensor(key: key, path: path) }
        let count = entry.shape.reduce(1, *)
        let values: [Float] = data.withUnsafeBytes { bytes in
            func read<T>(_ type: T.Type, _ convert: (T) -> Float) -> [Float] {
                (0..<count).map {
                    convert(bytes.loadUnaligned(fromByteOffset: entry.offset + $0 * MemoryLayout<T>.size, as: T.self))
                }
            }
            let scale = entry.scale ?? 1
            return switch entry.dtype {
            case "uint16": read(UInt16.self) { Float($0) * scale }
            case "int16": read(Int16.self) { Float($0) * scale }
            default: read(Float.self) { $0 * scale }
            }
        }
        return Tensor(shape: entry.shape, values: values)
    }

    struct MissingTensor: Error { let key, path: String }
}

/// The greatest absolute difference; infinite where the lengths differ or a number is not finite.
public func maxDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { worst, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isFinite ? max(worst, difference) : .infinity
    }
}

/// Pearson's correlation; 0 where one side is constant.
public func correlation(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count, !a.isEmpty else { return 0 }
    let count = Double(a.count)
    let (meanA, meanB) = (a.reduce(0) { $0 + Double($1) } / count, b.reduce(0) { $0 + Double($1) } / count)
    var (covariance, varianceA, varianceB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
        let (dx, dy) = (Double(x) - meanA, Double(y) - meanB)
        covariance += dx * dy
        varianceA += dx * dx
        varianceB += dy * dy
    }
    return varianceA > 0 && varianceB > 0 ? covariance / (varianceA * varianceB).squareRoot() : 0
}
