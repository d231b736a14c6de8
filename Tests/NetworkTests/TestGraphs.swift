import ONNX

@testable import Network

/// Graphs made by hand, without a file.
extension Importer {
    init(opset: Int) { self.init(Model(graph: GraphDef(), opsets: ["": Int64(opset)])) }

    /// - Throws: why the node cannot be run.
    mutating func add(_ node: NodeDef, index: Int) throws {
        add([node], opset: opset)
        if let fault = faults.first { throw fault }
    }
}

extension Graph {
    init(values: [Value], nodes: [Node], input: ValueID, logits: ValueID) throws {
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [.fixed(1), .fixed(3), .unknown, .unknown])
        self.init(
            values: values, nodes: nodes, input: input,
            scores: Scores(
                logits: logits, form: .classes, probability: .softmax,
                output: .init(name: values[logits].name, others: [])),
            image: try ImageInput(GraphDef(inputs: [photo])))
    }
}

extension Graph {
    /// One pass on the processor, of all images in every call.
    func run(
        _ images: [[Float]], values: Set<ValueID> = [], gradients: Set<ValueID> = [], threads: Int = 1
    ) throws -> any Run {
        try (CPUProgram(self).session(threads: threads) as! CPUSession).runTogether(
            images, recording: Recording(values: values, gradients: gradients))
    }
}
