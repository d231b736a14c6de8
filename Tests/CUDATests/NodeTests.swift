import CCUDA
import ONNX
import Testing
import TestSupport

@testable import CUDA
@testable import Network

/// The ONNX standard's own node tests through the stand-in: what the CPU passes passes.
struct CardNodeTests {
    @Test func agreesWithTheStandard() throws {
        guard let conformance = try NodeConformance(for: "the ONNX standard's node tests on a card") else { return }
        var passed = 0
        for name in conformance.suite.names where conformance.gaps[name] == nil {
            switch try conformance.outcome(name, by: CardRunner.self) {
            case .passed: passed += 1
            case .failed(let reason): Issue.record("\(name): \(reason)")
            case .outOfScope: break
            }
        }
        print("conformance of a card: \(passed) tests in scope pass")
        #expect(passed > 500)
        StandIn.expectNoBreach()
    }
}

/// Runs a model's nodes on the stand-in, once with cuDNN and once without.
private struct CardRunner: NodeRunner {
    private var importer: Importer
    private var sources: [ValueID: [Float]] = [:]
    private let names: [String]
    private let unused: ValueID

    init(_ model: Model, computed: [String: TensorDef], constants: [String: TensorDef]) throws {
        importer = Importer(model)
        importer.addInitializers(model.graph)
        for (name, tensor) in constants {
            (importer.types[name], importer.tensors[name]) = (
                tensor.elementType, try Operand(tensor, within: .standard)
            )
        }
        for (name, tensor) in computed {
            importer.types[name] = tensor.elementType
            let id = importer.define(name, try Shape(tensor.dims), producer: nil)
            sources[id] = try FloatStorage(tensor).values
        }
        importer.add(model.graph.nodes, opset: importer.opset)
        if let fault = importer.faults.first { throw fault }
        names = model.graph.outputs.map(\.name)
        // What a graph calls its photo.
        unused = importer.define("unused", try Shape([1, 1, 1, 1]), producer: nil)
    }

    func run(
        isWhole: Bool, _ look: ((String) throws -> (dims: [Int], values: [Double])?) throws -> Void
    ) throws {
        for card in isWhole ? [StandIn.card] : [StandIn.card, StandIn.cardWithCUDNN] {
            let computed = try compute(on: card)
            try look { name in
                switch importer.tensors[name] {
                case .value(let id, let shape)?: (shape.dims, computed[id]!.map(Double.init))
                case .floats(let shape, let storage)?: (shape.dims, storage.values.map(Double.init))
                case .integers(let shape, let numbers)?: (shape.dims, numbers.map(Double.init))
                case nil: nil
                }
            }
        }
    }

    /// Every output that is computed.
    private func compute(on card: Card) throws -> [ValueID: [Float]] {
        var outputs = Set<ValueID>()
        for name in names { if case .value(let id, _)? = importer.tensors[name] { outputs.insert(id) } }
        guard let first = outputs.first else { return [:] }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: unused, logits: first)
        let program = try StandIn.program(graph, on: card), stream = try Stream(card, roundsSizes: false)
        var buffers: [ValueID: Buffer] = [:]
        for (id, numbers) in sources {
            buffers[id] = try stream.pool.take(numbers.count)
            try stream.upload(numbers, to: buffers[id]!.address)
        }
        let plan = Plan(PlanRequest(sources: Array(sources.keys), kept: outputs), program)
        let execution = Execution(plan, program, stream, images: 1, sources: buffers)
        try execution.forward()
        return try Dictionary(
            uniqueKeysWithValues: outputs.map { ($0, try execution.numbers(of: $0, image: 0)) })
    }
}
