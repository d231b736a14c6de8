import ONNX
import Testing

@testable import Network

/// Files that are written for several photos at a time.
struct WholeBatchTests {
    private static let row: [NodeDef] = [
        NodeDef(opType: "GlobalAveragePool", inputs: ["photo"], outputs: ["pool"]),
        NodeDef(opType: "Flatten", inputs: ["pool"], outputs: ["row"]),
    ]

    private static func node(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
    ) -> NodeDef { NodeDef(name: output, opType: type, inputs: inputs, outputs: [output], attributes: attributes) }

    private func graph(_ nodes: [NodeDef], limits: Limits = Limits()) throws -> Graph {
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [4, 3, 8, 8].map(Dimension.fixed))
        let zero = try TensorDef(name: "zero", dims: [1], integers: [0])
        let model = Model(
            graph: GraphDef(
                nodes: Self.row + nodes, initializers: [zero], inputs: [photo],
                outputs: [ValueInfo(name: "scores", elementType: .float32, shape: nil)]),
            opsets: ["": 17])
        return try Graph(model, image: ImageInput(model), width: 8, height: 8, limits: limits)
    }

    static let mixing: [[NodeDef]] = [
        [node("Softmax", ["row"], "y", ["axis": .int(0)]), node("Exp", ["y"], "scores")],
        [
            node("Shape", ["photo"], "shape"), node("Gather", ["shape", "zero"], "count"),
            node("Cast", ["count"], "number", ["to": .int(1)]), node("Div", ["row", "number"], "scores"),
        ],
        [node("CumSum", ["row", "zero"], "y"), node("Tanh", ["y"], "scores")],
        [node("ReduceMean", ["row"], "mean", ["keepdims": .int(1)]), node("Sub", ["row", "mean"], "scores")],
        [node("LpNormalization", ["row"], "y", ["axis": .int(0)]), node("Exp", ["y"], "scores")],
    ]

    @Test(arguments: mixing)
    func scoresThatDependOnOtherPhotosAreRefused(_ nodes: [NodeDef]) throws {
        #expect { try graph(nodes) } throws: {
            if case .mixedBatch(4, _)? = $0 as? NetworkError { true } else { false }
        }
    }

    static let apart: [[NodeDef]] = [
        [node("Softmax", ["row"], "y", ["axis": .int(1)]), node("Exp", ["y"], "scores")],
        [node("ReduceMean", ["row"], "mean", ["axes": .ints([1])]), node("Sub", ["row", "mean"], "scores")],
        [node("Round", ["row"], "y"), node("Tanh", ["y"], "scores")],
    ]

    @Test(arguments: apart)
    func scoresOfAPhotoAloneAreExplained(_ nodes: [NodeDef]) throws { #expect(try graph(nodes).classes == 3) }

    /// One photo is of 192 numbers, all of them of 768.
    @Test func limitsAreThoseOfOnePhoto() throws {
        var limits = Limits()
        limits.elements = 500
        #expect(try graph(Self.apart[0], limits: limits).classes == 3)
    }
}
