/// Finds out which values of a network are maps over the photo, and how they lie: [1, C, H, W] of convolutions, [1, H,
/// W, C],
/// and the tokens [1, T, C] of transformers, whose grid is the one of the patch embedding that they come from.
struct SpatialLayouts {
    private let values: [Graph.Value]
    private let nodes: [Graph.Node]
    private(set) var forms: [SpatialLayout?]

    init(values: [Graph.Value], nodes: [Graph.Node], input: ValueID) {
        (self.values, self.nodes) = (values, nodes)
        forms = [SpatialLayout?](repeating: nil, count: values.count)
        forms[input] = .channelsFirst(values[input].shape)
        // What goes into a convolution is a map wherever it comes from; knowing that may tell more of what is behind
        // it.
        forward()
        backward()
        forward()
    }

    /// Operators that take a rank-4 operand as [N, C, H, W].
    private static let spatial: Set = [
        "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool",
        "DepthToSpace", "SpaceToDepth",
        "GridSample", "Col2Im",
    ]
    /// Operators that change a grid's size in place.
    private static let resizing: Set = ["Pad", "Resize", "Upsample"]
    /// Operators whose output's places are not their operand's.
    private static let scattering: Set = [
        "Gather", "GatherND", "GatherElements", "Scatter", "ScatterND", "ScatterElements", "Einsum", "Tile", "TopK",
    ]

    /// The map that a convolution or a pool reads, wherever it comes from; a single line, though, may be one of
    /// channels.
    private static func unknown(_ shape: Shape) -> SpatialLayout? {
        guard let form = SpatialLayout.channelsFirst(shape), (form.height == 1) == (form.width == 1) else { return nil }
        return form
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
                let shape = values[operand].shape
                if index == 0, Self.spatial.contains(node.opType) {
                    forms[operand] = Self.unknown(shape)
                } else if index == 0, let reduce = node.op as? Reduce, let form = pooled(reduce, shape) {
                    forms[operand] = form
                } else if isPointwise(node), let form = forms[node.outputs[0]],
                    values[node.outputs[0]].shape.rank == shape.rank, form.fits(shape)
                {
                    forms[operand] = form
                }
            }
        }
    }

    /// What a pooling over two neighbouring axes reads.
    private func pooled(_ reduce: Reduce, _ shape: Shape) -> SpatialLayout? {
        guard shape.rank == 4, shape[0] == 1, reduce.axes == [2, 3] || reduce.axes == [1, 2] else { return nil }
        let row = reduce.axes[0]
        return SpatialLayout(place: .grid(row: row, column: row + 1), height: shape[row], width: shape[row + 1])
    }

    /// Whether every place of the output is computed from that place of the operands.
    private func isPointwise(_ node: Graph.Node) -> Bool {
        if node.op is View { return values[node.outputs[0]].shape == node.operands[0]?.value.map { values[$0].shape } }
        return !(node.op is Transpose || node.op is Slice || node.op is MatrixProduct)
            && !Self.scattering.contains(node.opType) && !Self.resizing.contains(node.opType)
            && !Self.spatial.contains(node.opType)
    }

    private func form(of output: ValueID, _ node: Graph.Node) -> SpatialLayout? {
        let shape = values[output].shape
        let first = node.operands.first??.value
        let operand = first.flatMap { forms[$0] }
        if Self.spatial.contains(node.opType) {
            // Along the tokens, or a map for each of them.
            if let operand, operand.tokens != nil { return operand.fits(shape) ? operand : nil }
            return operand ?? first.flatMap { Self.unknown(values[$0].shape) } == nil ? nil : .channelsFirst(shape)
        }
        if let gather = node.op as? Gather, let form = operand?.unfolded(gather, from: values[first!].shape) {
            return form
        }
        if Self.scattering.contains(node.opType) { return nil }
        if Self.resizing.contains(node.opType) { return operand?.resized(in: shape) }
        switch node.op {
        case let transpose as Transpose: return operand?.permuted(transpose.permutation)
        case is View: return first.flatMap { operand?.reshaped(from: values[$0].shape, to: shape) }
        case let slice as Slice: return operand?.sliced(slice, from: values[first!].shape)
        case let concat as Concat: return joined(concat, node, shape)
        case is MatrixProduct:
            // Rows keep their places; a product along the places mixes them.
            guard let operand, let first, !operand.axes.contains(values[first].shape.rank - 1),
                values[first].shape.rank == shape.rank
            else { return nil }
            return operand.fits(shape) ? operand : nil
        default:
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
    }

    private func sameExtents(_ form: SpatialLayout, _ shape: Shape, _ operand: Shape) -> Bool {
        form.axes.allSatisfy { shape[$0] == operand[$0 - (shape.rank - operand.rank)] }
    }

    /// Operands along a channel axis keep the places; class tokens may be set before or behind the others.
    private func joined(_ concat: Concat, _ node: Graph.Node, _ shape: Shape) -> SpatialLayout? {
        let forms = node.operands.map { $0?.value.flatMap { self.forms[$0] } }
        guard let index = forms.firstIndex(where: { $0 != nil }), var form = forms[index] else { return nil }
        guard form.axes.contains(concat.pieces.axis) else { return form.fits(shape) ? form : nil }
        guard case .tokens(let axis, let first) = form.place, forms.filter({ $0 != nil }).count == 1 else { return nil }
        form.place = .tokens(axis: axis, first: first + concat.pieces.extents[..<index].reduce(0, +))
        return form
    }
}

extension SpatialLayout {
    /// The same axes with the extents that a shape has there; tokens have no other size.
    fileprivate func resized(in shape: Shape) -> SpatialLayout? {
        guard case .grid(let row, let column) = place, column < shape.rank, row < shape.rank else { return nil }
        return SpatialLayout(place: place, height: shape[row], width: shape[column])
    }

    /// Windows along the rows or the columns, gathered by indices that have a column a window, each a step behind the
    /// one before it.
    fileprivate func unfolded(_ gather: Gather, from shape: Shape) -> SpatialLayout? {
        guard case .grid(let row, let column) = place, gather.outputShapes[0].rank == shape.rank + 1,
            let axis = axes.first(where: {
                gather.outer == shape.dims[..<$0].reduce(1, *) && gather.extent == shape[$0]
            })
        else { return nil }
        let windows = gather.outputShapes[0][axis + 1], indices = gather.indices
        let step = windows > 1 ? indices[1] - indices[0] : 1
        guard step > 0, indices.indices.allSatisfy({ $0 % windows == 0 || indices[$0] - indices[$0 - 1] == step })
        else { return nil }
        func moved(_ place: Int) -> Int { place >= axis ? place + 1 : place }
        return SpatialLayout(
            place: .grid(row: moved(row), column: moved(column)), height: axis == row ? windows : height,
            width: axis == column ? windows : width)
    }

    /// Every so many rows and columns; or tokens, if all that are places are among them.
    fileprivate func sliced(_ slice: Slice, from shape: Shape) -> SpatialLayout? {
        let output = slice.outputShapes[0]
        switch place {
        case .tokens(let axis, let first):
            guard slice.steps[axis] == 1 else { return nil }
            let form = SpatialLayout(
                place: .tokens(axis: axis, first: first - slice.starts[axis]), height: height, width: width)
            return form.fits(output) ? form : nil
        case .grid:
            // A part of the rows is a map of another photo.
            for axis in axes {
                let step = slice.steps[axis]
                guard step > 0, output[axis] * step > shape[axis] - step, output[axis] > 0 else { return nil }
            }
            return resized(in: output)
        }
    }
}
