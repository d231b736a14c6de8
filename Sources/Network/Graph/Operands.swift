import ONNX

extension NodeDef {
    /// The domain of nodes that stand for others, which no file names.
    static let written = "\0"

    /// Whether this stands for a node of the file, or for a part of it.
    var isWritten: Bool { domain == Self.written }

    /// Whether the operator is one of ONNX's own domain.
    var isStandard: Bool { domain.isEmpty || isWritten }

    /// The operator with its domain, where that is not ONNX's own.
    var qualifiedType: String { isStandard ? opType : "\(domain).\(opType)" }

    /// The tensors that the node reads, in the graphs of its attributes too.
    var reads: Set<String> {
        attributes.values.reduce(into: Set(inputs).subtracting([""])) { reads, attribute in
            guard case .graph(let graph) = attribute else { return }
            for node in graph.nodes { reads.formUnion(node.reads) }
            reads.formUnion(graph.outputs.map(\.name))
        }
    }
}

extension Operand {
    /// A file's tensor.
    init(_ tensor: TensorDef, within limit: MemoryLimit) throws(OperatorFault) {
        let shape = try Shape(tensor.dims)
        switch tensor.elementType {
        case .float32, .float64, .float16, .bfloat16:
            self = .floats(shape, try FloatStorage(tensor, within: limit))
        default:
            do throws(MemoryShortage) {
                // The numbers as they stand in the file, and of 64 bits.
                try Memory.check(
                    .sizeProduct(4, tensor.count), within: limit,
                    for: "tensor '\(TensorName.shown(tensor.name).prefix(80))'")
            } catch {
                throw .memory(error)
            }
            do throws(ONNXError) { self = .integers(shape, try tensor.integers()) } catch { throw .onnx(error) }
        }
    }
}

extension Graph.Source {
    init?(_ operand: Operand?) {
        switch operand {
        case .value(let id, _): self = .value(id)
        case .floats(let shape, let storage): self = .constant(shape, storage)
        case .integers, nil: return nil
        }
    }
}
