import ONNX
import TestSupport

/// Parses bytes as a model file of the name `m.onnx`.
func parse(_ proto: Proto) throws -> Model { try parse(proto.bytes) }
func parse(_ bytes: [UInt8]) throws -> Model {
    try Model(bytes.withUnsafeBytes { MappedFile(copying: $0, name: "m.onnx") })
}

/// The error that a closure throws, nil where it throws none.
func fault(_ body: () throws -> Void) -> ONNXError? {
    do { try body() } catch { return error as? ONNXError }
    return nil
}
