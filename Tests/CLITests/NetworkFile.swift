import TestSupport

/// A small classifier's file, whose parts a test may change: a convolution `conv`, its rectifier `relu`, the mean and
/// four scores of an image [1, 3, 8, 8].
struct NetworkFile {
    var inputs = [value("image", [1, 3, 8, 8])]
    var weights = [floats("w", [4, 3, 1, 1])]
    var nodes = [
        node("Conv", ["image", "w"], ["a"], name: "conv"), node("Relu", ["a"], ["b"], name: "relu"),
        node("GlobalAveragePool", ["b"], ["c"], name: "mean"), node("Flatten", ["c"], ["scores"], name: "flatten"),
    ]
    var output = value("scores", [1, 4])
    var opsets = [Proto.opset(17)]
    var more: [Proto] = []

    var bytes: [UInt8] {
        let graph = nodes.map { Proto.data(1, $0.bytes) } + weights.map { Proto.data(5, $0.bytes) }
        let ends = inputs.map { Proto.data(11, $0.bytes) } + [Proto.data(12, output.bytes)]
        return Proto.many([.int(1, 8), .data(7, Proto.many(graph + ends).bytes)] + opsets + more).bytes
    }

    /// NodeProto.
    static func node(_ op: String, _ inputs: [String], _ outputs: [String], name: String, _ attributes: Proto...)
        -> Proto
    {
        .many(
            inputs.map { .string(1, $0) } + outputs.map { .string(2, $0) } + [.string(3, name), .string(4, op)]
                + attributes.map { .data(5, $0.bytes) })
    }

    /// AttributeProto of a whole number, or of a text.
    static func attribute(_ name: String, _ value: Int64) -> Proto {
        Proto(.string(1, name), .int(3, value), .int(20, 2))
    }
    static func attribute(_ name: String, _ text: String) -> Proto {
        Proto(.string(1, name), .string(4, text), .int(20, 3))
    }

    /// ValueInfoProto of a float tensor.
    static func value(_ name: String, _ dims: [Int64]) -> Proto {
        let shape = Proto.many(dims.map { .message(1, .int(1, $0)) })
        return Proto(.string(1, name), .message(2, .message(1, .int(1, 1), .data(2, shape.bytes))))
    }

    /// TensorProto of numbers from 0 to 1.
    static func floats(_ name: String, _ dims: [Int64]) -> Proto {
        let count = Int(dims.reduce(1, *))
        return Proto(
            .ints(1, dims), .int(2, 1), .floats(4, (0..<count).map { Float($0 * 7 % 13) / 13 }), .string(8, name))
    }

    static func integers(_ name: String, _ dims: [Int64], _ values: [Int64]) -> Proto {
        Proto(.ints(1, dims), .int(2, 7), .ints(7, values), .string(8, name))
    }

    /// TensorProto of four by three numbers in another file.
    static func external(_ name: String, _ location: String) -> Proto {
        Proto(.ints(1, [4, 3, 1, 1]), .int(2, 1), .string(8, name), .entry(13, "location", location), .int(14, 1))
    }
}
