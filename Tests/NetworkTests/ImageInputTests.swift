import ONNX
import Testing

@testable import Network

/// What is taken for which axis: by what reads the input, by its dimensions' names, by their extents.
struct ImageInputTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let dims: [Dimension]
        /// Operators between the input and a convolution whose weights are of this shape; [] for none.
        let way: [NodeDef]
        let weights: [Int]
        /// Axes, whether there is a batch, channels, height, width; nil: refused.
        let expected: String?

        init(_ dims: String, _ expected: String?, through way: [NodeDef] = [], weights: [Int] = []) {
            self.dims = dims.split(separator: " ").map {
                Int($0).map(Dimension.fixed) ?? ($0 == "?" ? .unknown : .symbolic(String($0)))
            }
            (self.way, self.weights, self.expected) = (way, weights, expected)
        }

        var testDescription: String { "\(dims) \(way.map(\.opType)) \(weights)" }
    }

    static func node(_ kind: String, _ key: String, _ values: [Int64]) -> NodeDef {
        NodeDef(opType: kind, attributes: [key: .ints(values)])
    }
    static let (first, second) = (node("Unsqueeze", "axes", [0]), node("Unsqueeze", "axes", [1]))
    static let toFirst = node("Transpose", "perm", [0, 3, 1, 2])

    static let rows = [
        Row("1 3 64 48", "channels first, batch, 3 x 64 x 48"),
        Row("N 64 48 3", "channels last, batch, 3 x 64 x 48"),
        Row("? ? ? ?", "channels first, batch, ? x ? x ?"),
        Row("? ? ? ?", "channels last, batch, 3 x ? x ?", through: [toFirst], weights: [8, 3, 3, 3]),
        Row("? ? ? ?", "channels first, batch, 1 x ? x ?", weights: [8, 1, 3, 3]),
        Row("batch height width channels", "channels last, batch, ? x ? x ?"),
        Row("n c h w", "channels first, batch, ? x ? x ?"),
        Row("3 64 48", "channels first, 3 x 64 x 48"),
        Row("3 64 48", "channels first, 3 x 64 x 48", through: [first], weights: [8, 3, 3, 3]),
        Row("3 64 48", "without a channel axis, batch, 1 x 64 x 48", through: [second], weights: [8, 1, 3, 3]),
        Row("64 48 3", "channels last, 3 x 64 x 48"),
        Row(
            "? ? ?", "channels last, 3 x ? x ?", through: [node("Transpose", "perm", [2, 0, 1]), first],
            weights: [8, 3, 3, 3]),
        Row("1 64 48", "channels first, 1 x 64 x 48"),
        Row("N 64 48", "without a channel axis, batch, 1 x 64 x 48"),
        Row("8 64 48", "without a channel axis, batch, 1 x 64 x 48", through: [second], weights: [8, 1, 3, 3]),
        Row(
            "16 64 48", "without a channel axis, batch, 1 x 64 x 48",
            through: [node("Reshape", "shape", [16, 1, 64, 48])], weights: [8, 1, 3, 3]),
        Row(
            "N 64 48", "without a channel axis, batch, 1 x 64 x 48",
            through: [node("Reshape", "shape", [-1, 64, 48, 1]), toFirst], weights: [8, 1, 3, 3]),
        Row("channels height width", "channels first, ? x ? x ?"),
        Row("batch height width", "without a channel axis, batch, 1 x ? x ?"),
        Row("height width channels", "channels last, ? x ? x ?"),
        Row("1 12 500", "signal: channels first, batch, 12 x 1 x 500", weights: [8, 12, 5]),
        Row("N 1 1000", "signal: channels first, batch, 1 x 1 x 1000", weights: [8, 1, 5]),
        Row("N ? ?", "signal: channels first, batch, 12 x 1 x ?", weights: [8, 12, 5]),
        Row("N 1000", "signal: without a channel axis, batch, 1 x 1 x 1000", through: [second], weights: [8, 1, 5]),
        Row("12 500", "signal: channels first, 12 x 1 x 500", through: [first], weights: [8, 12, 5]),
        Row(
            "N 500 12", "signal: channels last, batch, 12 x 1 x 500",
            through: [node("Transpose", "perm", [0, 2, 1])], weights: [8, 12, 5]),
        Row(
            "N 500 12", "signal: channels last, batch, 12 x 1 x 500",
            through: [
                NodeDef(opType: "Cast", attributes: ["to": .int(1)]), node("Transpose", "perm", [0, 2, 1]),
                node("Unsqueeze", "axes", [2]),
            ], weights: [8, 12, 1, 5]),
        Row(
            "N 1 12 500", "signal: channels first, batch, 12 x 1 x 500", through: [node("Squeeze", "axes", [1])],
            weights: [8, 12, 5]),
        Row("N 2 12 500", nil, through: [node("Squeeze", "axes", [1])], weights: [8, 12, 5]),
        Row("N 3 96 1", "signal: channels first, batch, 3 x 1 x 96"),
        Row("1 1 1 1000", "signal: channels first, batch, 1 x 1 x 1000"),
        Row("N 12 1 500", "signal: channels first, batch, 12 x 1 x 500", weights: [8, 12, 1, 5]),
        Row("N 3 8 64 64", nil), Row("N 784", nil),
        Row("N 2 64 64", "channels first, batch, 2 x 64 x 64"),
        Row("1 13 64 64", "channels first, batch, 13 x 64 x 64", weights: [8, 13, 3, 3]),
        Row("N 64 64 12", "channels last, batch, 12 x 64 x 64", through: [toFirst], weights: [8, 12, 3, 3]),
    ]

    @Test(arguments: rows)
    func takesAxesForWhatTheyAre(_ row: Row) throws {
        var nodes: [NodeDef] = [], last = "photo"
        for (place, node) in (row.way + (row.weights.isEmpty ? [] : [NodeDef(opType: "Conv")])).enumerated() {
            var node = node
            (node.inputs, node.outputs) = ([last] + (node.opType == "Conv" ? ["weights"] : []), ["t\(place)"])
            nodes.append(node)
            last = "t\(place)"
        }
        let weights = try TensorDef(
            name: "weights", dims: row.weights, floats: [Float](repeating: 1, count: row.weights.reduce(1, *)))
        let graph = GraphDef(
            nodes: nodes, initializers: [weights],
            inputs: [ValueInfo(name: "photo", elementType: .float32, shape: row.dims)])
        guard let expected = row.expected else {
            #expect(throws: NetworkError.self) { try ImageInput(graph) }
            return
        }
        let image = try ImageInput(graph)
        let extents = [image.channels, image.height, image.width].map { $0.map(String.init) ?? "?" }.joined(
            separator: " x ")
        #expect(
            (image.isSignal ? "signal: " : "") + "\(image.axes.rawValue)\(image.hasBatch ? ", batch" : ""), \(extents)"
                == expected)
    }
}
