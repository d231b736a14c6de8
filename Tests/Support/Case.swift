import Foundation

/// One folder of Tests/Cases: a file as people have it, and the values that are right for it.
public struct Case: Sendable {
    public static let folder = Shared.repository + "/Tests/Cases"
    /// 96 x 96, the input's size of most cases.
    public static let photo = folder + "/photo.png"
    /// A network of four classes without any metadata: mean and deviation of ImageNet, 96 x 96, the layer `f[-1]`.
    public static let plainModel = folder + "/plain.onnx"

    public let name: String

    public init(_ name: String) { self.name = name }

    public func path(_ file: String) -> String { "\(Self.folder)/\(name)/\(file)" }

    /// The numbers of a text file, between white space.
    public func numbers(_ file: String) throws -> [Float] {
        try String(contentsOfFile: path(file), encoding: .utf8).split(whereSeparator: \.isWhitespace).compactMap {
            Float($0)
        }
    }

    /// A map that the oracle made.
    public func map(_ file: String) throws -> [Float] { try readNPY(path(file)) }
}

/// The numbers of a `.npy` file of float32 or float16 in row-major order.
public func readNPY(_ path: String) throws -> [Float] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let header = 10 + Int(data[8]) + Int(data[9]) << 8
    let isHalf = data[..<header].range(of: Data("'<f2'".utf8)) != nil
    return data.withUnsafeBytes { bytes in
        if isHalf {
            return stride(from: header, to: bytes.count - 1, by: 2).map {
                Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self)))
            }
        }
        return stride(from: header, to: bytes.count - 3, by: 4).map {
            bytes.loadUnaligned(fromByteOffset: $0, as: Float.self)
        }
    }
}
