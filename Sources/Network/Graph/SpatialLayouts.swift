/// Finds out which values of a network are maps over the photo, and how they lie: [1, C, H, W] of convolutions, [1, H,
/// W, C], and the tokens [1, T, C] of transformers, whose grid is the one of the patch embedding that they come from.
struct SpatialLayouts {
    private let values: [Graph.Value]
    private let nodes: [Graph.Node]
    private(set) var forms: [SpatialLayout?]
    /// Whether the photo is a signal, whose maps have one row.
    private let isSignal: Bool

    /// - Parameter isSignal: whether the input's only row are a signal's times.
    init(values: [Graph.Value], nodes: [Graph.Node], input: ValueID, isSignal: Bool) {
        (self.values, self.nodes, self.isSignal) = (values, nodes, isSignal)
        forms = [SpatialLayout?](repeating: nil, count: values.count)
        forms[input] = .channelsFirst(values[input].shape)
        // What goes into a convolution is a map wherever it comes from; knowing that may tell more of what is after
        // it.
        forward()
        backward()
        forward()
    }

    /// The map that a convolution or a pool reads, wherever it comes from; a single line, though, may be one of
    /// channels.
    private func unknown(_ shape: Shape) -> SpatialLayout? {
        guard let form = map(shape), isSignal || (form.height == 1) == (form.width == 1) else { return nil }
        return form
    }

    /// [1, channels, height, width]; the times of a signal may stand in the height.
    private func map(_ shape: Shape) -> SpatialLayout? {
        guard isSignal, shape.rank == 4, shape[0] == 1, shape[3] == 1, shape[2] > 1 else {
            return .channelsFirst(shape)
        }
        return SpatialLayout(place: .grid(row: 3, column: 2), height: 1, width: shape[2])
    }

    private mutating func forward() {
        for node in nodes {
            for output in node.outputs where forms[output] == nil { forms[output] = form(of: output, node) }
        }
    }

    private mutating func backward() {
        for node in nodes.reversed() {
            for (index, source) in node.operands.enumerated() {
                guard let operand = source?.value, forms[operand] == nil else { continue }
                forms[operand] = form(ofOperand: index, operand, node)
            }
        }
    }

    /// The form of a value by what a node reads of it.
    private func form(ofOperand index: Int, _ operand: ValueID, _ node: Graph.Node) -> SpatialLayout? {
        let shape = values[operand].shape
        switch node.op.spatialEffect {
        case .window where index == 0: return unknown(shape)
        case .reduction(let axes) where index == 0:
            if let pooled = isSignal ? pooledLine(axes, shape) : Self.pooled(axes, shape) { return pooled }
        case .pointwise, .concatenation, .reduction: break
        case .reshape where isSignal:
            // As maps of one row that windows read, and as lines elsewhere.
            let after = values[node.outputs[0]].shape
            guard let form = forms[node.outputs[0]]?.reshapedSignal(from: after, to: shape), form.fits(shape) else {
                return nil
            }
            return form
        case .reshape where values[node.outputs[0]].shape == node.operands[0]?.value.map { values[$0].shape }: break
        default: return nil
        }
        guard let form = forms[node.outputs[0]], values[node.outputs[0]].shape.rank == shape.rank, form.fits(shape)
        else { return nil }
        return form
    }

    /// What a pooling over two neighbouring axes reads.
    private static func pooled(_ axes: [Int], _ shape: Shape) -> SpatialLayout? {
        guard shape.rank == 4, shape[0] == 1, axes == [2, 3] || axes == [1, 2] else { return nil }
        let row = axes[0]
        return SpatialLayout(place: .grid(row: row, column: row + 1), height: shape[row], width: shape[row + 1])
    }

    /// What a pooling over one axis of a signal's values reads: the times, where another value has as many.
    private func pooledLine(_ axes: [Int], _ shape: Shape) -> SpatialLayout? {
        guard shape.rank == 3, shape[0] == 1, axes == [1] || axes == [2], shape[axes[0]] > 1 else { return nil }
        let (axis, other) = (axes[0], 3 - axes[0])
        func isKnown(_ extent: Int) -> Bool { forms.contains { $0?.width == extent } }
        guard isKnown(shape[axis]), !isKnown(shape[other]) else { return nil }
        return SpatialLayout(place: .line(axis: axis), height: 1, width: shape[axis])
    }

    private func form(of output: ValueID, _ node: Graph.Node) -> SpatialLayout? {
        let shape = values[output].shape
        switch node.op.spatialEffect {
        case .pointwise, .reduction: return aligned(node, shape)
        case .concatenation(let axis, let extents): return joined(axis, extents, node, shape)
        default: return node.operands.first??.value.flatMap { form(of: shape, node.op, reading: $0) }
        }
    }

    /// The form of what an operator makes of its first operand.
    private func form(of shape: Shape, _ op: any Operator, reading first: ValueID) -> SpatialLayout? {
        let (operand, old) = (forms[first], values[first].shape)
        switch op.spatialEffect {
        case .window:
            // Along the tokens, or a map for each of them.
            if let operand, operand.tokens != nil { return operand.fits(shape) ? operand : nil }
            return operand ?? unknown(old) == nil ? nil : map(shape)
        case .resize: return operand?.resized(in: shape)
        case .permutation(let permutation): return operand?.permuted(permutation)
        case .reshape:
            return isSignal ? operand?.reshapedSignal(from: old, to: shape) : operand?.reshaped(from: old, to: shape)
        case .slice(let starts, let steps): return operand?.sliced(starts, steps, from: old, to: shape)
        case .gather(let outer, let extent, let indices):
            return operand?.unfolded(outer, extent, indices, from: old, to: shape)
                ?? operand?.picked(outer, extent, from: old, to: shape)
        case .rows:
            // Rows keep their places; a product along the places mixes them.
            guard let operand, !operand.axes.contains(old.rank - 1), old.rank == shape.rank else { return nil }
            return operand.fits(shape) ? operand.ofTokens : nil
        case .scattered, .pointwise, .reduction, .concatenation: return nil
        }
    }

    /// The form of the first operand that has one and whose places the output has, too.
    private func aligned(_ node: Graph.Node, _ shape: Shape) -> SpatialLayout? {
        for source in node.operands {
            guard let value = source?.value, let form = forms[value] else { continue }
            let aligned = form.shifted(shape.rank - values[value].shape.rank)
            if aligned.axes.allSatisfy({ $0 >= 0 }), aligned.fits(shape),
                sameExtents(aligned, shape, values[value].shape)
            {
                return aligned
            }
        }
        return nil
    }

    private func sameExtents(_ form: SpatialLayout, _ shape: Shape, _ operand: Shape) -> Bool {
        form.axes.allSatisfy { shape[$0] == operand[$0 - (shape.rank - operand.rank)] }
    }

    /// Operands along a channel axis keep the places; class tokens may be set before or after the others.
    private func joined(_ axis: Int, _ extents: [Int], _ node: Graph.Node, _ shape: Shape) -> SpatialLayout? {
        let forms = node.operands.map { $0?.value.flatMap { self.forms[$0] } }
        guard let index = forms.firstIndex(where: { $0 != nil }), var form = forms[index] else { return nil }
        guard form.axes.contains(axis) else { return form.fits(shape) ? form : nil }
        form = form.ofTokens
        guard case .tokens(_, let first) = form.place, forms.filter({ $0 != nil }).count == 1 else { return nil }
        form.place = .tokens(axis: axis, first: first + extents[..<index].reduce(0, +))
        return form
    }
}

extension SpatialLayout {
    /// A signal's times as tokens, which what mixes each one's channels makes of them.
    fileprivate var ofTokens: SpatialLayout {
        guard case .line(let axis) = place else { return self }
        return SpatialLayout(place: .tokens(axis: axis, first: 0), height: height, width: width)
    }

    /// The same axes with the extents that a shape has there; tokens have no other size.
    fileprivate func resized(in shape: Shape) -> SpatialLayout? {
        if case .line(let axis) = place, axis < shape.rank {
            return SpatialLayout(place: place, height: 1, width: shape[axis])
        }
        guard case .grid(let row, let column) = place, column < shape.rank, row < shape.rank else { return nil }
        return SpatialLayout(place: place, height: shape[row], width: shape[column])
    }

    /// Windows along the rows or the columns, gathered by indices that have a column a window, each a step after the
    /// one before it.
    fileprivate func unfolded(
        _ outer: Int, _ extent: Int, _ indices: [Int], from old: Shape, to new: Shape
    ) -> SpatialLayout? {
        guard case .grid(let row, let column) = place, new.rank == old.rank + 1,
            let axis = axes.first(where: { outer == old.dims[..<$0].reduce(1, *) && extent == old[$0] })
        else { return nil }
        let windows = new[axis + 1]
        let step = windows > 1 ? indices[1] - indices[0] : 1
        guard step > 0, indices.indices.allSatisfy({ $0 % windows == 0 || indices[$0] - indices[$0 - 1] == step })
        else { return nil }
        func moved(_ place: Int) -> Int { place >= axis ? place + 1 : place }
        return SpatialLayout(
            place: .grid(row: moved(row), column: moved(column)), height: axis == row ? windows : height,
            width: axis == column ? windows : width)
    }

    /// Tokens, where one or some along an axis of others are taken, as values are of queries, keys and values.
    fileprivate func picked(_ outer: Int, _ extent: Int, from old: Shape, to new: Shape) -> SpatialLayout? {
        guard case .tokens(let token, _) = place, (old.rank - 1...old.rank).contains(new.rank),
            let axis = old.dims.indices.first(where: { outer == old.dims[..<$0].reduce(1, *) && extent == old[$0] }),
            axis != token
        else { return nil }
        let form = axis < token ? shifted(new.rank - old.rank) : self
        return form.fits(new) ? form : nil
    }

    /// Every so many rows and columns; or tokens, if all that are places are among them.
    fileprivate func sliced(_ starts: [Int], _ steps: [Int], from old: Shape, to new: Shape) -> SpatialLayout? {
        switch place {
        case .tokens(let axis, let first):
            guard steps[axis] == 1 else { return nil }
            let form = SpatialLayout(
                place: .tokens(axis: axis, first: first - starts[axis]), height: height, width: width)
            return form.fits(new) ? form : nil
        case .grid, .line:
            // A part of the rows is a map of another photo.
            for axis in axes {
                let step = steps[axis]
                guard step > 0, new[axis] * step > old[axis] - step, new[axis] > 0 else { return nil }
            }
            return resized(in: new)
        }
    }
}
