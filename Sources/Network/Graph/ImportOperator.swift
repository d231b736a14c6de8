import ONNX

extension Importer {
    /// Adds a node as it is, as nodes of simpler operators, or as the constants that it gives.
    mutating func addOperator(_ node: NodeDef, opset: Int) throws(NetworkError) {
        if takeOver(node) { return }
        var operands: [Operand?] = []
        for input in node.inputs {
            guard !input.isEmpty else { operands.append(nil); continue }
            guard let operand = tensors[input] else { throw .unresolvedInput(node: node.name, tensor: input) }
            operands.append(operand)
        }
        let body: [NodeDef]?
        do throws(OperatorFault) {
            var reader = NodeReader(
                node: node, opset: node.isWritten ? Lowering.opset : opset, operands: try ofOneImage(operands, node),
                types: node.inputs.map { types[$0] },
                batch: isOfFileAlone(node) ? 1 : batch, memoryLimit: memoryLimit)
            try reader.checkRanks()
            if let type = reader.statedType { for output in node.outputs { types[output] = type } }
            if node.isStandard, let folded = try Fold.evaluate(reader) {
                for (output, constant) in zip(node.outputs, folded) { try keep(constant, output, of: node) }
                return
            }
            body = try Lowering.rewrite(reader)
            if body == nil {
                guard node.isStandard else { throw .unsupported }
                try addNode(node, &reader)
            }
        } catch {
            throw fault(error, node, opset)
        }
        if let body { add(body, opset: opset) }
    }

    private mutating func addNode(_ node: NodeDef, _ reader: inout NodeReader) throws(OperatorFault) {
        guard let type = Registry.type(node) else { throw .unsupported }
        let use = type.integers(reader)
        let integers = try reader.readIntegersAsFloats(use)
        let op = try type.init(reader)
        let sources = reader.operands.map(Graph.Source.init)
        if let shape = op.outputShapes.first(where: { !$0.isUsable }) {
            throw .shape(
                "its output would be of shape \(shape), which cannot be computed; if the network was exported for "
                    + "another input size, give that one (\(.inputSize))"
            )
        }
        for shape in op.outputShapes {
            do throws(MemoryShortage) {
                try Memory.check(shape.count, within: memoryLimit, for: "its output, of shape \(shape),")
            } catch {
                throw .memory(error)
            }
        }
        if sources.allSatisfy({ $0?.value == nil }) {
            for shape in op.outputShapes { _ = try Fold.checked(shape) }
            for (index, numbers) in try op.evaluated(sources, within: memoryLimit).enumerated()
            where index < node.outputs.count {
                let constant = Operand.floats(op.outputShapes[index], numbers)
                try keep(try integers.read(index, constant, reader), node.outputs[index], of: node)
            }
        } else if let source = undone(op, sources) {
            tensors[node.outputs[0]] = .value(source, values[source].shape)
        } else {
            let outputs = zip(node.outputs, op.outputShapes).map { define($0, $1, producer: nodes.count) }
            for (output, type) in zip(node.outputs, reader.resultTypes(use)) { types[output] = type }
            if let dequantize = op as? Quantize, dequantize.range == nil, let numbers = sources[0]?.value {
                dequantizers[numbers, default: []].append(nodes.count)
            }
            nodes.append(
                .init(
                    name: node.name, opType: node.opType, path: ModulePath(node).text, op: op, operands: sources,
                    outputs: outputs,
                    norm: FoldedNorm(node), merges: node.metadata[FoldedNorm.rules] ?? ""))
        }
    }

    /// The value that two transpositions in a row give back, or that whole numbers were made of before: they stand for
    /// the same real numbers.
    private func undone(_ op: any Operator, _ sources: [Graph.Source?]) -> ValueID? {
        if let dequantize = op as? Quantize, dequantize.range == nil, let numbers = sources[0]?.value {
            if let known = dequantizers[numbers]?.last(where: { dequantize.isSame(as: nodes[$0].op) }) {
                return nodes[known].outputs[0]
            }
            guard let rounding = values[numbers].producer.map({ nodes[$0] }), (rounding.op as? Quantize)?.range != nil,
                let real = rounding.operands[0]?.value, let source = values[real].producer,
                dequantize.isSame(as: nodes[source].op)
            else { return nil }
            return dequantize.hasSameScale(as: rounding.op) ? real : nil
        }
        guard let second = op as? Transpose, let producer = sources[0]?.value.flatMap({ values[$0].producer }),
            let first = nodes[producer].op as? Transpose, let source = nodes[producer].operands[0]?.value
        else { return nil }
        return second.permutation.enumerated().allSatisfy { first.permutation[$0.element] == $0.offset } ? source : nil
    }
}
