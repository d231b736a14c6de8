import Foundation
import ONNX
import Testing
import TestSupport

@testable import CUDA
@testable import Network

/// Every operator, forward and gradient, against PyTorch, through the stand-in: the cases of Network's own tests.
struct OperatorTests {
    @Test func goldensAreThere() { #expect(OperatorCase.all.count >= 200) }

    @Test func everyOperatorRuns() {
        let missing = Registry.operators.merging(Registry.written) { $1 }.filter {
            !($0.value is any CUDAOperator.Type)
        }
        #expect(missing.keys.sorted() == [])
    }

    /// All but what no device computes: a network whose convolution has computed weights is refused.
    @Test(arguments: OperatorCase.all.filter { $0.name != "Conv computed weights" })
    func agreesWithPyTorch(_ single: OperatorCase) throws {
        let cards = single.operator.hasPrefix("Conv") ? [StandIn.card, StandIn.cardWithCUDNN] : [StandIn.card]
        for card in cards { for images in [1, 3] { try check(single, images: images, on: card) } }
        StandIn.expectNoBreach(single.name)
    }

    private func check(_ single: OperatorCase, images: Int, on card: Card) throws {
        let golden = try #require(OperatorCase.golden)
        let model = try Model(contentsOf: golden.path + "/" + single.file)
        var importer = Importer(Model(graph: GraphDef(), opsets: ["": Int64(single.opset)]))
        importer.addInitializers(model.graph)
        let unused = importer.define("unused", try Shape([1, 1, 1, 1]), producer: nil)
        var sources: [ValueID: [Float]] = [:], names: [ValueID: String] = [:]
        for (name, key) in single.inputs {
            let tensor = try golden.tensor(key)
            let id = importer.define(name, try Shape(tensor.shape), producer: nil)
            (sources[id], names[id]) = (tensor.values, name)
        }
        importer.add(model.graph.nodes, opset: single.opset)
        if let fault = importer.faults.first { throw fault }
        guard
            case .value(let result, let shape)? = importer.tensors["output"]
                ?? importer.tensors[model.graph.nodes[0].outputs[0]]
        else { Issue.record("\(single.name) gives no value"); return }
        let expected = try golden.tensor(single.output)
        #expect(shape.dims == expected.shape)
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: unused, logits: result)
        let program = try StandIn.program(graph, on: card)
        let stream = try Stream(card, roundsSizes: false)
        var buffers: [ValueID: Buffer] = [:]
        for (id, numbers) in sources {
            let buffer = try stream.pool.take(images * numbers.count)
            try stream.upload(Array(repeatElement(numbers, count: images).joined()), to: buffer.address)
            buffers[id] = buffer
        }
        let plan = Plan(
            PlanRequest(sources: Array(sources.keys), gradientAt: Set(sources.keys)), program)
        let execution = Execution(plan, program, stream, images: images, sources: buffers)
        try execution.forward()
        for found in try execution.scores() { close(found, expected.values, "\(single.name): output") }
        let incoming = try golden.tensor(single.outputGradient).values
        let wanted = single.inputGradients.keys.compactMap { name in names.first { $0.value == name }?.key }
        let gradients = try execution.gradients(
            (0..<images).map { _ in incoming }, of: 0..<images, at: wanted, rule: .plain)
        for id in wanted {
            let expected = try golden.tensor(single.inputGradients[names[id]!]!).values
            for found in gradients[id]! { close(found, expected, "\(single.name): gradient of \(names[id]!)") }
        }
    }

    private func close(_ found: [Float], _ expected: [Float], _ what: String) {
        let scale = max(1, expected.map(abs).max() ?? 1)
        let worst = maxDifference(found, expected)
        #expect(worst <= 2e-5 * scale, "\(what) differs by \(worst)")
    }
}
