import ONNX
import TestSupport

@testable import Network

/// Runs nodes one after the other, for one image, without a plan: a reference for what a graph of any inputs gives.
struct GraphRunner: NodeRunner {
    private(set) var importer: Importer
    private var values: [ValueID: OwnedTensor] = [:]

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
            let shape = try Shape(tensor.dims), id = importer.define(name, shape, producer: nil)
            values[id] = try OwnedTensor(copying: try FloatStorage(tensor), shape: shape, layout: .plain)
        }
        importer.add(model.graph.nodes, opset: importer.opset)
        if let fault = importer.faults.first { throw fault }
    }

    mutating func run(
        isWhole: Bool, _ look: ((String) throws -> (dims: [Int], values: [Double])?) throws -> Void
    ) throws {
        for layout in isWhole ? [Layout.channelsLast] : [.plain, .channelsLast] {
            try run(arriving: layout)
            try look { name in try output(name).map { ($0.shape.dims, $0.values) } }
        }
    }

    /// Computes every value; tensors of rank 4 that an operator takes either way arrive in the given layout.
    mutating func run(arriving layout: Layout) throws {
        for node in importer.nodes {
            let op = try node.onCPU
            let kernel = op.kernel(KernelSite())
            let arriving = node.operands.map { source in
                source?.value.map { importer.values[$0].shape.rank == 4 ? layout : .plain }
            }
            let wanted = op.layouts(arriving)
            let arrived = try zip(node.operands, wanted.operands).map { source, layout in
                try source?.value.map { id in
                    try OwnedTensor(copying: values[id]!.plain(), shape: values[id]!.view.shape, layout: layout)
                }
            }
            for weights in kernel.weights(images: 1, gradient: false) { try weights.prepare(within: .standard) }
            let scratch = try OwnedTensor(shape: .vector(kernel.scratch(images: 1, threads: 2)), layout: .plain)
            let operands = zip(node.operands, arrived).map { source, tensor -> TensorView in
                if case .constant(let shape, let storage)? = source {
                    return TensorView(
                        base: UnsafeMutablePointer(mutating: storage.base), shape: shape, layout: .plain, imageStride: 0
                    )
                }
                return tensor?.view
                    ?? TensorView(base: scratch.view.base, shape: .vector(0), layout: .plain, imageStride: 0)
            }
            let outputs = try zip(node.op.outputShapes, wanted.outputs).map {
                try OwnedTensor(shape: $0, layout: $0.rank == 4 ? $1 : .plain)
            }
            withExtendedLifetime((node.operands, arrived, outputs, scratch)) {
                kernel.forward(
                    ForwardPass(
                        images: 1, operands: operands, outputs: outputs.map(\.view), scratch: scratch.view.base,
                        threads: Threads(count: 2)))
            }
            for (id, output) in zip(node.outputs, outputs) { values[id] = output }
        }
    }

    /// A tensor by its name, row-major; nil where no node gives it.
    func output(_ name: String) throws -> (shape: Shape, values: [Double])? {
        switch importer.tensors[name] {
        case .value(let id, let shape)?: (shape, try values[id]!.plain().values.map(Double.init))
        case .floats(let shape, let storage)?: (shape, storage.values.map(Double.init))
        case .integers(let shape, let numbers)?: (shape, numbers.map(Double.init))
        case nil: nil
        }
    }
}
