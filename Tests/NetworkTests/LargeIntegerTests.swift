import ONNX
import TestSupport
import Testing

@testable import Network

/// Integers that a float does not hold exactly.
struct LargeIntegerTests {
    private func run(_ nodes: [NodeDef], _ constants: [TensorDef]) throws -> Operand? {
        var importer = Importer(opset: 18)
        importer.addInitializers(GraphDef(initializers: constants))
        importer.add(nodes, opset: 18)
        if let fault = importer.faults.first { throw fault }
        return importer.tensors["y"]
    }

    private func integers(_ name: String, _ dims: [Int], _ values: [Int64]) throws -> TensorDef {
        try TensorDef(name: name, dims: dims, integers: values)
    }

    /// (q - zero) * scale in double, then float: Numpy's float32((q - zero) * float64(scale)).
    @Test(arguments: [
        (false, [Float(184102.25), -6442451, 0, 51539607552]),
        (true, [Float(184102.17), -6442451.5, -0.75, 51539607552]),
    ])
    func dequantisesThemExactly(_ hasZero: Bool, _ right: [Float]) throws {
        let q: [Int64] = [61_367_417, -2_147_483_647, 0, 1 << 34]
        let scale = try TensorDef(name: "s", dims: [4], floats: [0.003, 0.003, 0.25, 3])
        let zero = try integers("z", [4], [25, 120, 3, 0])
        let node = NodeDef(
            opType: "DequantizeLinear", inputs: ["q", "s"] + (hasZero ? ["z"] : []), outputs: ["y"],
            attributes: ["axis": .int(0)])
        guard case .floats(_, let values)? = try run([node], [try integers("q", [4], q), scale, zero]) else {
            Issue.record("no constant"); return
        }
        #expect(values.values == right)
    }

    static let far: Int64 = -(1 << 40) - 1
    static let large: [Int64] = [.max, far, 16_777_217, 5]

    struct Move: Sendable {
        let node: NodeDef
        let right: [Int64]

        init(_ op: String, _ inputs: [String], to outputs: [String] = ["y"], axis: Int64? = nil, _ right: [Int64]) {
            node = NodeDef(
                opType: op, inputs: inputs, outputs: outputs, attributes: axis.map { ["axis": .int($0)] } ?? [:])
            self.right = right
        }
    }

    static let moves: [Move] = [
        Move("Transpose", ["x"], [.max, 16_777_217, far, 5]),
        Move("Concat", ["x", "x"], axis: 0, large + large),
        Move("Concat", ["small", "x"], axis: 0, [1, 2, .min, 0] + large),
        Move("Split", ["x"], to: ["first", "y"], axis: 0, [16_777_217, 5]),
        Move("Trilu", ["x"], [.max, far, 0, 5]),
        Move("Pad", ["x", "pads", "fill"], [.max, far, 1 << 50, 16_777_217, 5, 1 << 50]),
        Move("GatherElements", ["x", "indices"], axis: 1, [far, 5]),
    ]

    @Test(arguments: moves)
    func movesThemWithoutLoss(_ move: Move) throws {
        let constants = [
            try integers("x", [2, 2], Self.large), try integers("small", [2, 2], [1, 2, .min, 0]),
            try integers("pads", [4], [0, 0, 0, 1]),
            try integers("fill", [], [1 << 50]),
            try integers("indices", [2, 1], [1, 1]),
        ]
        guard case .integers(_, let values)? = try run([move.node], constants) else {
            Issue.record("no integers"); return
        }
        #expect(values == move.right)
    }

    /// Places of integers are floats themselves.
    @Test func moreThanFloatsCountAreRefused() throws {
        guard amount(1, debug: 0) == 1 else { return }
        let count = (1 << 24) + 3, fill = try integers("fill", [1], [Self.far])
        let nodes = [
            NodeDef(
                opType: "ConstantOfShape", inputs: ["shape"], outputs: ["x"], attributes: ["value": .tensor(fill)]),
            NodeDef(opType: "Transpose", inputs: ["x"], outputs: ["y"], attributes: ["perm": .ints([0])]),
        ]
        #expect(throws: NetworkError.self) { try run(nodes, [try integers("shape", [1], [Int64(count)])]) }
    }

    @Test(arguments: [("Max", Int64(1 << 40)), ("Min", -3)])
    func foldsAnyNumberOfThem(_ op: String, _ right: Int64) throws {
        let constants = try [7, -3, 1 << 40].enumerated().map { try integers("\($0)", [], [$1]) }
        let node = NodeDef(opType: op, inputs: ["0", "1", "2"], outputs: ["y"])
        guard case .integers(_, let values)? = try run([node], constants) else {
            Issue.record("no integers"); return
        }
        #expect(values == [right])
    }

    /// Sums of integers that floats would round are refused, not rounded.
    @Test(arguments: [[1 << 23, 1 << 23, 1, 1 << 24], [Int64.max, 1, 1, 1]])
    func refusesWhatWouldBeRounded(_ values: [Int64]) throws {
        let node = NodeDef(opType: "ReduceSum", inputs: ["x"], outputs: ["y"])
        let tensor = try integers("x", [4], values)
        #expect(throws: NetworkError.self) { try run([node], [tensor]) }
    }
}
