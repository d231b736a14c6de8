extension Graph {
    /// Goes back over nodes without weights that only pool or pass on what they read, or leave out tokens that are no
    /// places: averages, powers and exponentials (generalised means, log-sum-exp) with the bounds and factors before
    /// them, products with shares of the places (attention).
    func beforePooling(_ value: ValueID) -> ValueID {
        var value = value, isPowered = false
        while let producer = values[value].producer, let before = pooled(by: nodes[producer], isPowered: &isPowered),
            isMap(before)
        { value = before }
        return value
    }

    /// Whether a value is the places' shares in a sum: a softmax over all of them.
    func isShare(_ value: ValueID) -> Bool {
        var value = value
        while let producer = values[value].producer {
            let node = nodes[producer]
            guard let before = node.operands[0]?.value else { return false }
            if let softmax = node.op as? Softmax {
                guard let form = maps[value], let axis = form.axes.first else { return false }
                let shape = values[value].shape
                return softmax.extent == form.height * form.width && softmax.outer == shape.dims[..<axis].reduce(1, *)
            }
            guard node.op.keepsNumbers else { return false }
            value = before
        }
        return false
    }

    /// What a node pools; nil where it does something else.
    ///
    /// - Parameter isPowered: whether powers of the map are taken after the node; set where they are taken by it.
    private func pooled(by node: Node, isPowered: inout Bool) -> ValueID? {
        guard let before = node.operands[0]?.value, let output = node.outputs.first else { return nil }
        let (old, new) = (values[before].shape, values[output].shape)
        // Tokens without a batch are called by the layer with it.
        if node.op.isView { return old.rank > 2 || new.rank <= 2 ? before : nil }
        if node.op is Transpose || node.op is AveragePool || node.op is LpPool { return before }
        if node.op is Slice {
            return maps[output]?.tokens != nil && channels(of: before) == channels(of: output) ? before : nil
        }
        let operands = node.operands.compactMap { $0?.value }
        let isSquare = operands.count == 2 && operands[0] == operands[1] && node.pair == .mul
        if node.function == .exp || isSquare || (node.pair == .pow && !operands.dropFirst().contains(where: isMap)) {
            isPowered = true
            return before
        }
        if node.pair == .mul, operands.count == 2, let share = operands.firstIndex(where: isShare) {
            return operands[1 - share]
        }
        guard isPowered else { return nil }
        if let clip = node.op as? Relu {
            // A lower bound of 0 is the block's own rectifier, which an optimiser may have merged with the pooling's
            // bound.
            return clip.isClip && clip.activation.low != 0 && !node.merges.contains("Relu") ? before : nil
        }
        guard node.function == .abs || node.op is Add || [.sub, .mul, .div, .max, .min].contains(node.pair) else {
            return nil
        }
        let maps = operands.filter(isMap)
        let others = node.operands.allSatisfy { source in
            if case .constant(let shape, let storage)? = source {
                return shape.count == 1 && (node.pair != .max || storage.values[0] != 0)
            }
            return true
        }
        return maps.count == 1 && others ? maps[0] : nil
    }
}
