/// A fault in an ONNX file.
public enum ONNXError: Error, Equatable { case empty }
