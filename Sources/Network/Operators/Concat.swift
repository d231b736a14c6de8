/// Operands laid end to end along an axis. https://onnx.ai/onnx/operators/onnx__Concat.html
package struct Concat: Operator {
    package let pieces: AxisPieces
    /// Whether it lays computed maps after one another, channels by channels.
    package let joinsChannels: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let first = try node.shape(0)
        let axis = try node.axis(of: first, default: 1)
        let dims = first.dims
        var extents: [Extent] = []
        var isComputed = true
        for index in node.operands.indices {
            let operand = try node.required(index), shape = Extents(operand.shape)
            if case .integers = operand { throw .notFloat(index) }
            isComputed = isComputed && !operand.isConstant
            guard shape.rank == dims.count, dims.indices.allSatisfy({ $0 == axis || shape.dims[$0] == dims[$0] })
            else {
                throw .shape(
                    "operands of shapes \(first) and \(shape) cannot be concatenated along axis \(axis)")
            }
            extents.append(try shape[axis])
        }
        pieces = AxisPieces(axis: axis, extents: extents.values)
        joinsChannels = axis == 1 && dims.count == 4 && isComputed
        outputShapes = [try first.with(try extents.sum(), at: axis)]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        IntegerUse(Array(node.operands.indices), .moved) { node throws(OperatorFault) in
            guard try node.shape(0).rank == 1 else { return nil }
            var joined: [Int64] = []
            for index in node.operands.indices { joined += try node.wholeNumbers(index).1 }
            return Fold.integers(joined)
        }
    }

    package var spatialEffect: SpatialEffect { .concatenation(axis: pieces.axis, extents: pieces.extents) }
    package var numberEffect: NumberEffect { .moved }
}

/// A tensor as pieces laid end to end along an axis.
package struct AxisPieces: Sendable {
    package let axis: Int
    /// Every piece's extent along the axis.
    package let extents: [Int]
}
