import ONNX

extension Importer {
    /// Adds a node as it is, as nodes of simpler operators, or as the constants that it gives.
    mutating func addOperator(_ node: NodeDef, opset: Int, depth: Int) throws(NetworkError) {
        do throws(MemoryShortage) {
            try nodesMemory.add(bytes: node.memory, within: limits.memory, for: "one more node")
        } catch {
            throw fault(.memory(error), node, opset)
        }
        if takeOver(node) { return }
        var operands: [Operand?] = []
        for input in node.inputs {
            guard !input.isEmpty else { operands.append(nil); continue }
            guard let operand = tensors[input] else {
                throw .unresolvedInput(node: node.name, tensor: TensorName.shown(input))
            }
            operands.append(operand)
        }
        let body: [NodeDef]?
        do throws(OperatorFault) {
            var reader = NodeReader(
                node: node, opset: node.isWritten ? Lowering.opset : opset, operands: try ofOneImage(operands, node),
                types: node.inputs.map { types[$0] },
                batch: isOfFileAlone(node) ? 1 : batch, limits: limits)
            try reader.checkRanks()
            if let type = reader.statedType { for output in node.outputs { types[output] = type } }
            if node.isStandard, let folded = try Fold.evaluate(reader) {
                for (output, constant) in zip(node.outputs, folded) { try keep(constant, output, of: node) }
                return
            }
            body = try Lowering.rewrite(reader, depth: depth)
            if body == nil {
                guard node.isStandard else { throw .unsupported }
                try addNode(node, &reader)
            }
        } catch {
            throw fault(error, node, opset)
        }
        if let body { add(body, opset: opset, depth: depth + 1) }
    }

    private mutating func addNode(_ node: NodeDef, _ reader: inout NodeReader) throws(OperatorFault) {
        guard let type = Registry.type(node) else { throw .unsupported }
        let use = type.integers(reader)
        let integers = try reader.readIntegersAsFloats(use)
        // An operator that takes no integers got none as its first operand, the one that it computes with.
        if try reader.required(0).isInteger { throw .notFloat(0) }
        let op = try type.init(reader)
        let sources = reader.operands.map(Graph.Source.init)
        for shape in op.outputShapes { _ = try reader.output(shape) }
        try count(op, isConstant: sources.allSatisfy { $0?.value == nil })
        if op.outputShapes.allSatisfy({ $0.count == 0 }) {
            // Nothing is computed for no numbers.
            for (output, shape) in zip(node.outputs, op.outputShapes) {
                try keep(try reader.floats(shape) { _ in }, output, of: node)
            }
        } else if sources.allSatisfy({ $0?.value == nil }) {
            for (index, numbers) in try op.evaluated(sources, within: limits.memory).enumerated()
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
            nodesMemory.take(reader.tables)
            nodes.append(
                .init(
                    name: node.name, opType: node.opType, path: ModulePath(node).text, op: op, operands: sources,
                    outputs: outputs,
                    norm: FoldedNorm(node), isInner: node.isWritten && TensorName.isInner(node.outputs[0]),
                    merges: node.metadata[FoldedNorm.rules] ?? ""))
        }
    }

    /// Counts what an operator computes.
    private mutating func count(_ op: any Operator, isConstant: Bool) throws(OperatorFault) {
        operations += op.operations * (isConstant ? 10 : 1)
        guard operations <= Double(limits.operations) else {
            throw .shape(
                "up to it the network would take \(Int(min(operations, 1e18))) multiplications an image, and "
                    + "\(limits.operations) are "
                    + "allowed: give a smaller input, or allow more (\(.operationLimit))")
        }
    }

    /// The value that two transpositions in a row give back, or that whole numbers were made of before: they stand for
    /// the same real numbers.
    private func undone(_ op: any Operator, _ sources: [Graph.Source?]) -> ValueID? {
        if let dequantize = op as? Quantize, dequantize.range == nil, let numbers = sources[0]?.value {
            if let known = dequantizers[numbers]?.suffix(16).last(where: { dequantize.isSame(as: nodes[$0].op) }) {
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
