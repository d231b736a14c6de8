import Foundation
import ONNX
import Testing
import TestSupport

@testable import Network

/// Every operator, forward and gradient, against PyTorch, on its own: odd shapes, strides, pads, dilations, groups.
struct OperatorGoldenTests {
    @Test func goldensAreThere() { #expect(OperatorCase.all.count >= 200) }

    /// Operators through which no gradient goes, and those of whole numbers, which the files of other origin show.
    static let withoutGradient: Set = [
        "And", "ArgMax", "ArgMin", "Cast", "CastLike", "Equal", "EyeLike", "Greater", "GreaterOrEqual",
        "Hardmax", "IsInf", "IsNaN", "Less",
        "LessOrEqual", "Not", "OneHot", "Or", "Xor",
        "ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul",
    ]

    @Test func everyDifferentiableOperatorHasAGolden() {
        let here = Set(OperatorCase.all.map(\.operator))
        let microsoft = Lowering.microsoft.keys.filter { !$0.hasPrefix("Q") && $0 != "DequantizeLinear" }.map {
            "com.microsoft." + $0
        }
        let all = Set(Registry.operators.keys).union(Lowering.rules.keys).union(microsoft)
        #expect(all.subtracting(Self.withoutGradient).subtracting(here).sorted() == [])
        #expect(Self.withoutGradient.intersection(here).isEmpty)
    }

    @Test func theCPUComputesEveryOperator() {
        let missing = Registry.operators.merging(Registry.written) { $1 }.filter { !($0.value is any CPUOperator.Type) }
        #expect(missing.keys.sorted() == [])
    }

    @Test func anOperatorWithoutAKernelIsNamed() throws {
        struct Unknown: Operator {
            static func integers(_ node: NodeReader) -> IntegerUse { .none }
            var outputShapes: [Shape] { [.vector(1)] }
            var spatialEffect: SpatialEffect { .pointwise }
            var numberEffect: NumberEffect { .other }
            init() {}
            init(_ node: NodeReader) {}
        }
        #expect(throws: OperatorFault.self) { try Unknown().evaluated([]) }
        let node = Graph.Node(
            name: "last", opType: "Unknown", path: "", op: Unknown(), operands: [], outputs: [])
        let fault = #expect(throws: NetworkError.self) { try node.onCPU }
        #expect("\(fault!)" == "node 'last' (Unknown): the CPU has no kernel for this operator; report the file")
    }

    /// Operators over maps, which a network runs image by image: a golden of N images is N runs' worth, besides one of
    /// N maps.
    static let mapOperators: Set = [
        "Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "LRN",
    ]

    /// What the engine refuses, with the reason.
    static let gaps = ["Conv computed weights": "weights must be constants: they are packed before a network runs"]

    @Test(arguments: gaps.keys)
    func refusesWhatItCannotRun(_ name: String) throws {
        let single = try #require(OperatorCase.all.first { $0.name == name })
        let model = try Model(contentsOf: OperatorCase.golden!.path + "/" + single.file)
        let operands = try model.graph.nodes[0].inputs.enumerated().map { index, input in
            try single.inputs[input].flatMap { try? OperatorCase.golden?.tensor($0) }.map {
                Operand.value(index, try Shape($0.shape))
            }
        }
        let type = try #require(Registry.operators[model.graph.nodes[0].opType])
        #expect(throws: OperatorFault.self) {
            try type.init(NodeReader(node: model.graph.nodes[0], opset: single.opset, operands: operands))
        }
    }

    @Test(arguments: OperatorCase.all.filter { gaps[$0.name] == nil })
    func agreesWithPyTorch(_ single: OperatorCase) throws {
        let golden = try #require(OperatorCase.golden)
        let model = try Model(contentsOf: golden.path + "/" + single.file)
        let node = try #require(model.graph.nodes.first)
        var inputs: [String: [Golden.Tensor]] = [:]
        for (name, key) in single.inputs { inputs[name] = [try golden.tensor(key)] }
        let (output, incoming) = ([try golden.tensor(single.output)], [try golden.tensor(single.outputGradient)])
        let gradients = try single.inputGradients.mapValues { [try golden.tensor($0)] }
        if try isComposite(model, opset: single.opset, inputs) {
            return try checkNetwork(single.name, model, opset: single.opset, inputs, output[0], incoming[0], gradients)
        }
        try check(single, model, inputs, output: output, incoming: incoming, gradients: gradients)
        if Self.mapOperators.contains(node.opType) {
            try check(
                single, model, inputs.mapValues { $0[0].images }, output: output[0].images,
                incoming: incoming[0].images,
                gradients: gradients.mapValues { $0[0].images })
        }
    }

    /// Whether a model's only node is imported as several.
    private func isComposite(_ model: Model, opset: Int, _ inputs: [String: [Golden.Tensor]]) throws -> Bool {
        var importer = Importer(opset: opset)
        importer.addInitializers(model.graph)
        for (name, tensors) in inputs { _ = importer.define(name, try Shape(tensors[0].shape), producer: nil) }
        let node = model.graph.nodes[0]
        return try Lowering.rewrite(
            NodeReader(node: node, opset: opset, operands: node.inputs.map { importer.tensors[$0] }), depth: 0) != nil
    }

    /// Runs a model of one map as a whole network, three images at once.
    private func checkNetwork(
        _ name: String, _ model: Model, opset: Int, _ inputs: [String: [Golden.Tensor]], _ output: Golden.Tensor,
        _ incoming: Golden.Tensor, _ gradients: [String: [Golden.Tensor]]
    ) throws {
        let (inputName, tensors) = try #require(inputs.first)
        var importer = Importer(opset: opset)
        importer.addInitializers(model.graph)
        let shape = try Shape(tensors[0].shape)
        let input = importer.define(
            inputName, shape.rank == 4 ? shape : try Shape([1, 1, 1, shape.count]), producer: nil)
        if shape.rank != 4 {
            importer.tensors["form"] = .integers(.vector(shape.rank), shape.dims.map(Int64.init))
            try importer.add(NodeDef(opType: "Reshape", inputs: [inputName, "form"], outputs: [inputName]), index: 0)
        }
        try importer.add(model.graph.nodes[0], index: 0)
        #expect(importer.tensors["output"]?.shape.dims == output.shape)
        // Scores are read as they lie in memory: a row.
        try importer.add(NodeDef(opType: "Flatten", inputs: ["output"], outputs: ["row"]), index: 1)
        guard case .value(let result, _)? = importer.tensors["row"] else {
            Issue.record("\(name) gives no value"); return
        }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: result)
        let images = [[Float]](repeating: tensors[0].values, count: 3)
        let run = try graph.run(images, gradients: [input], threads: 3)
        for found in run.scores { close(found, output.values, "\(name): output") }
        let seeds = images.map { _ in incoming.values }
        for found in try run.gradients(seeds, at: [input], rule: .plain) {
            close(found[0].values, gradients[inputName]![0].values, "\(name): gradient")
        }
    }

    private func check(
        _ single: OperatorCase, _ model: Model, _ inputs: [String: [Golden.Tensor]], output: [Golden.Tensor],
        incoming: [Golden.Tensor],
        gradients: [String: [Golden.Tensor]]
    ) throws {
        for layout in [Layout.plain, .channelsLast] {
            for repeats in [1, 3] {
                func more(_ tensors: [Golden.Tensor]) -> [Golden.Tensor] {
                    Array(repeatElement(tensors, count: repeats).joined())
                }
                try check(
                    single.name, model, opset: single.opset, inputs.mapValues(more), arriving: layout,
                    output: more(output), incoming: more(incoming), gradients: gradients.mapValues(more))
            }
        }
    }

    /// Runs a model's only node on some images at once; every list holds a tensor an image.
    private func check(
        _ name: String, _ model: Model, opset: Int, _ inputs: [String: [Golden.Tensor]], arriving layout: Layout,
        output expected: [Golden.Tensor], incoming: [Golden.Tensor], gradients: [String: [Golden.Tensor]]
    ) throws {
        let (node, images) = (model.graph.nodes[0], expected.count)
        var constants: [String: Operand] = [:]
        for tensor in model.graph.initializers { constants[tensor.name] = try Operand(tensor, within: .standard) }
        var reader = NodeReader(
            node: node, opset: opset,
            operands: try node.inputs.enumerated().map { index, name in
                try inputs[name].map { Operand.value(index, try Shape($0[0].shape)) } ?? constants[name]
            })
        let type = try #require(Registry.operators[node.opType])
        _ = try reader.readIntegersAsFloats(type.integers(reader))
        let operands = reader.operands
        let op = try #require(try type.init(reader).onCPU)
        let kernel = op.kernel(KernelSite())
        for isGradient in [false, true] {
            for weights in kernel.weights(images: images, gradient: isGradient) {
                try weights.prepare(within: .standard)
            }
        }
        #expect(op.outputShapes[0].dims == expected[0].shape)

        let wanted = op.layouts(
            operands.map { operand in
                if case .value(_, let shape)? = operand { shape.rank == 4 ? layout : .plain } else { nil }
            })
        let tensors = try node.inputs.indices.map { index in
            switch operands[index] {
            case .value:
                try Images(inputs[node.inputs[index]]!.map(\.values), operands[index]!.shape, wanted.operands[index])
            case .floats(let shape, let storage):
                try Images([storage.values], shape, .plain, shared: true)
            default: try Images([[]], .vector(0), .plain, shared: true)
            }
        }
        let output = try Images(
            expected.map { $0.values.map { _ in Float.nan } }, op.outputShapes[0], wanted.outputs[0])
        let scratch = try Images(
            [[Float](repeating: 0, count: kernel.scratch(images: images, threads: 3))], nil, .plain)
        let threads = Threads(count: 3)
        defer { withExtendedLifetime((tensors, output, scratch)) {} }
        kernel.forward(
            ForwardPass(
                images: images, operands: tensors.map(\.view), outputs: [output.view], scratch: scratch.view.base,
                threads: threads))
        for image in 0..<images {
            close(try output.plain(image), expected[image].values, "\(name), \(layout), image \(image): output")
        }

        let dOutput = try Images(incoming.map(\.values), op.outputShapes[0], wanted.outputs[0])
        // Gradients are added: what stands there before must stay.
        let dOperands = try node.inputs.indices.map { index -> Images? in
            guard case .value(_, let shape)? = operands[index] else { return nil }
            return try Images(
                incoming.map { _ in [Float](repeating: 1, count: shape.count) }, shape, tensors[index].view.layout)
        }
        defer { withExtendedLifetime((dOutput, dOperands)) {} }
        kernel.gradient(
            GradientPass(
                images: images, operands: tensors.map(\.view), outputs: [output.view], dOutputs: [dOutput.view],
                dOperands: dOperands.map { $0?.view }, rule: .plain, scratch: scratch.view.base, threads: threads))
        for (input, gradient) in gradients {
            for image in 0..<images {
                // An operand that is read twice gets the gradient of both.
                var sum = [Float](repeating: 0, count: gradient[image].values.count)
                for index in node.inputs.indices where node.inputs[index] == input {
                    for (i, value) in try dOperands[index]!.plain(image).enumerated() { sum[i] += value - 1 }
                }
                close(sum, gradient[image].values, "\(name), \(layout), image \(image): gradient of \(input)")
            }
        }
    }

    private func close(_ found: [Float], _ expected: [Float], _ what: String) {
        let scale = max(1, expected.map(abs).max() ?? 1)
        let worst = maxDifference(found, expected)
        #expect(worst <= 2e-5 * scale, "\(what) differs by \(worst)")
    }
}

extension Golden.Tensor {
    /// Every image of a batch with a leading extent of 1.
    fileprivate var images: [Golden.Tensor] {
        let size = values.count / shape[0]
        return (0..<shape[0]).map {
            Golden.Tensor(shape: [1] + shape.dropFirst(), values: Array(values[$0 * size..<($0 + 1) * size]))
        }
    }
}

/// Some images in one layout, in memory of their own.
private final class Images {
    let view: TensorView

    /// - Parameter shape: one image's; nil: a row of numbers.
    init(_ images: [[Float]], _ shape: Shape?, _ layout: Layout, shared: Bool = false) throws {
        let shape = shape ?? .vector(images[0].count)
        let layout = shape.rank == 4 ? layout : .plain
        let base = UnsafeMutablePointer<Float>.allocate(capacity: max(shape.count * images.count, 1))
        view = TensorView(base: base, shape: shape, layout: layout, imageStride: shared ? 0 : shape.count)
        for (index, values) in images.enumerated() {
            let one = try OwnedTensor(copying: try FloatStorage(values), shape: shape, layout: layout)
            withExtendedLifetime(one) { (base + index * shape.count).update(from: one.view.base, count: shape.count) }
        }
    }

    deinit { view.base.deallocate() }

    /// An image's numbers in row-major order.
    func plain(_ image: Int) throws -> [Float] {
        let one = try OwnedTensor(shape: view.shape, layout: view.layout)
        return try withExtendedLifetime((self, one)) {
            one.view.base.update(from: view.image(image), count: view.shape.count)
            return try one.plain().values
        }
    }
}
