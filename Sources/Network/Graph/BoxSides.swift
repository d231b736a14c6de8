/// What the four numbers of a detector's boxes are, as the nodes that compute the fourth tell: a lower edge is a place
/// and a distance added, a height a factor or the difference of two edges.
struct BoxSides {
    let sides: BoxForm.Sides

    /// - Parameter axis: the one that the boxes' numbers lie along.
    init(_ importer: Importer, _ value: ValueID, axis: Int) {
        var (value, axis, number) = (value, axis, 3)
        for _ in 0..<Self.steps {
            guard let node = importer.node(value) else { break }
            let computed = node.operands.compactMap { $0?.value }
            let shape = importer.values[value].shape
            // Not what is the same for all four, which is of one number or of another rank.
            var next = computed.first {
                let operand = importer.values[$0].shape
                return operand.rank == shape.rank && operand[axis] == shape[axis]
            }
            switch node.op {
            case let concat as Concat where concat.pieces.axis == axis:
                let extents = concat.pieces.extents
                var piece = 0
                while piece < extents.count, number >= extents[piece] {
                    number -= extents[piece]
                    piece += 1
                }
                next = piece < extents.count ? node.operands[piece]?.value : nil
            case let split as Split where split.pieces.axis == axis:
                number += split.pieces.extents[..<node.outputs.firstIndex(of: value)!].reduce(0, +)
                next = computed.first
            case let slice as Slice:
                number = slice.starts[axis] + number * slice.steps[axis]
                next = computed.first
            case let transpose as Transpose:
                axis = transpose.permutation[axis]
                next = computed.first
            case let op where op.isView:
                next = computed.first
                guard let before = next.map({ importer.values[$0].shape.dims }),
                    let same = before.indices.first(where: {
                        before[$0] == shape[axis]
                            && before[($0 + 1)...].reduce(1, *) == shape.dims[(axis + 1)...].reduce(1, *)
                    })
                else { next = nil; break }
                axis = same
            case is Add:
                sides = .corners
                return
            case is Binary where node.pair == .sub && computed.count == 1:
                // A place less a distance; what is less by a number stays what it is.
                if node.operands[0]?.value == nil {
                    sides = .corners
                    return
                }
            case is Binary where [.mul, .div, .min, .max].contains(node.pair): break
            case is Gather, is GatherSlices:
                next = computed.first { importer.values[$0].shape.rank == shape.rank }
            case is Concat, is Split, is Slice, is Relu: break
            default: next = nil
            }
            guard let next else { break }
            value = next
        }
        sides = .centreAndSize
    }

    /// No way from a layer to a box is longer.
    private static let steps = 64
}
