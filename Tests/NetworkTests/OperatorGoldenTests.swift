import Foundation
import ONNX
import Testing
import TestSupport

@testable import Network

/// Every operator, forward and gradient, against PyTorch, on its own: odd shapes, strides, pads, dilations, groups.
struct OperatorGoldenTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name, file, output, outputGradient: String
        let opset: Int
        let inputs, inputGradients: [String: String]
        var testDescription: String { name }
    }

    struct Index: Decodable { let cases: [Case] }

    static let golden = try? Golden("operators")
    static let cases = (try? golden?.decode(Index.self).cases) ?? []

    @Test func goldensAreThere() { #expect(Self.cases.count >= 80) }

    @Test(arguments: cases)
    func agreesWithPyTorch(_ single: Case) throws {
        for layout in [Layout.plain, .channelsLast] {
            for images in [1, 3] { try check(single, arriving: layout, images: images) }
        }
    }

    /// Runs the case's node on several copies of its input.
    private func check(_ single: Case, arriving layout: Layout, images: Int) throws {
        let golden = try #require(Self.golden)
        let model = try Model(contentsOf: golden.path + "/" + single.file)
        let node = try #require(model.graph.nodes.first)
        var constants: [String: Operand] = [:]
        for tensor in model.graph.initializers { constants[tensor.name] = try Operand(tensor) }
        var values: [Golden.Tensor?] = []
        let operands = try node.inputs.enumerated().map { index, name -> Operand? in
            let tensor = try single.inputs[name].map(golden.tensor)
            values.append(tensor)
            return tensor.map { .value(index, Shape($0.shape)) } ?? constants[name]
        }
        let type = try #require(Registry.operators[node.opType])
        let op = try type.init(NodeReader(node: node, opset: single.opset, operands: operands))
        let kernel = op.kernel()

        func layoutOf(_ shape: Shape) -> Layout { shape.rank == 4 ? layout : .plain }
        let arriving = operands.map { operand -> Layout? in
            if case .value(_, let shape)? = operand { layoutOf(shape) } else { nil }
        }
        let wanted = op.layouts(arriving)
        let inputs = zip(operands, values).enumerated().map { index, pair -> Copies in
            switch pair.0 {
            case .value(_, let shape): Copies(pair.1!.values, shape, wanted.operands[index], images)
            case .floats(let shape, let storage): Copies(Array(storage.values), shape, .plain, images, shared: true)
            default: Copies([], Shape([0]), .plain, images, shared: true)
            }
        }
        let expected = try golden.tensor(single.output)
        #expect(op.outputShapes[0].dims == expected.shape)
        let output = Copies([Float](repeating: .nan, count: expected.values.count), op.outputShapes[0], wanted.outputs[0], images)
        let threads = Threads(count: 3)
        let scratch = Copies([], Shape([kernel.scratch(images: images, threads: 3)]), .plain, 1)
        kernel.forward(ForwardPass(
            images: images, operands: inputs.map(\.view), outputs: [output.view], scratch: scratch.view.base, threads: threads))
        for image in 0..<images {
            let worst = maxDifference(output.plain(image), expected.values)
            let scale = max(1, expected.values.map(abs).max() ?? 1)
            #expect(worst <= 2e-5 * scale, "\(single.name), \(layout), image \(image): output differs by \(worst)")
        }

        let incoming = try golden.tensor(single.outputGradient)
        let dOutput = Copies(incoming.values, op.outputShapes[0], wanted.outputs[0], images)
        // Gradients are added: what stands there before must stay.
        let dOperands = zip(operands, inputs).map { operand, input -> Copies? in
            guard case .value(_, let shape)? = operand else { return nil }
            return Copies([Float](repeating: 1, count: shape.count), shape, input.view.layout, images)
        }
        kernel.gradient(GradientPass(
            images: images, operands: inputs.map(\.view), outputs: [output.view], dOutputs: [dOutput.view],
            dOperands: dOperands.map { $0?.view }, rule: .plain, scratch: scratch.view.base, threads: threads))
        // An operand that is read twice gets the gradient of both.
        for name in Set(node.inputs) {
            guard let key = single.inputGradients[name] else { continue }
            let gradient = try golden.tensor(key)
            for image in 0..<images {
                var sum = [Float](repeating: 0, count: gradient.values.count)
                for (index, input) in node.inputs.enumerated() where input == name {
                    for (i, value) in dOperands[index]!.plain(image).enumerated() { sum[i] += value - 1 }
                }
                let worst = maxDifference(sum, gradient.values)
                let scale = max(1, gradient.values.map(abs).max() ?? 1)
                #expect(worst <= 2e-5 * scale, "\(single.name), \(layout), image \(image): gradient of \(name) differs by \(worst)")
            }
        }
    }
}

/// Some equal images in one layout, in memory of their own.
private final class Copies {
    let view: TensorView

    init(_ values: [Float], _ shape: Shape, _ layout: Layout, _ images: Int, shared: Bool = false) {
        let layout = shape.rank == 4 ? layout : .plain
        let base = UnsafeMutablePointer<Float>.allocate(capacity: max(shape.count * images, 1))
        base.initialize(repeating: 0, count: max(shape.count * images, 1))
        view = TensorView(base: base, shape: shape, layout: layout, imageStride: shared ? 0 : shape.count)
        guard !values.isEmpty else { return }
        let one = OwnedTensor(copying: FloatStorage(values), shape: shape, layout: layout)
        for image in 0..<images { (base + image * shape.count).update(from: one.view.base, count: shape.count) }
    }

    deinit { view.base.deallocate() }

    /// An image's numbers in row-major order.
    func plain(_ image: Int) -> [Float] {
        let one = OwnedTensor(shape: view.shape, layout: view.layout)
        one.view.base.update(from: view.image(image), count: view.shape.count)
        return Array(one.plainCopy().values)
    }
}
