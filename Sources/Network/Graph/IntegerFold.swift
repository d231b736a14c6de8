/// Integer arithmetic on constants: what exporters leave of a shape's computation.
enum IntegerFold {
    static func evaluate(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand? {
        switch node.node.opType {
        case "Identity", "Dropout": return .integers(shape, values)
        case "Neg": return .integers(shape, values.map { 0 &- $0 })
        case "Abs": return .integers(shape, values.map { Int64(clamping: $0.magnitude) })
        case "Not": return .integers(shape, values.map { $0 == 0 ? 1 : 0 })
        case "Add": return try binary(node) { $0 &+ $1 }
        case "Sub": return try binary(node) { $0 &- $1 }
        case "Mul": return try binary(node) { $0 &* $1 }
        case "Div": return try binary(node) { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }
        case "Mod": return try binary(node) { a, b in
            guard b != 0 else { return 0 }
            let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
            return rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
        }
        case "Min": return try binary(node, min)
        case "Max": return try binary(node, max)
        case "Equal": return try binary(node) { $0 == $1 ? 1 : 0 }
        case "Greater": return try binary(node) { $0 > $1 ? 1 : 0 }
        case "GreaterOrEqual": return try binary(node) { $0 >= $1 ? 1 : 0 }
        case "Less": return try binary(node) { $0 < $1 ? 1 : 0 }
        case "LessOrEqual": return try binary(node) { $0 <= $1 ? 1 : 0 }
        case "And": return try binary(node) { $0 != 0 && $1 != 0 ? 1 : 0 }
        case "Or": return try binary(node) { $0 != 0 || $1 != 0 ? 1 : 0 }
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
            let output = try node.viewShape(of: shape)
            guard output.count == values.count else { throw .shape("\(shape) cannot be viewed as \(output)") }
            return .integers(output, values)
        case "Gather": return try gather(node, shape, values)
        case "Slice": return try slice(node, shape, values)
        case "Concat": return try concat(node, shape)
        case "Range": return try range(node)
        case "Expand": return try expand(shape, values, to: try Fold.checked(Shape(try node.integers(1))))
        case "Where": return try choose(node, shape, values)
        case "ReduceProd": return .integers(Shape(try node.flag("keepdims", default: true) ? [1] : []), [values.reduce(1, &*)])
        default: return nil
        }
    }

    private static func integers(_ node: NodeReader, _ index: Int) throws(OperatorFault) -> (Shape, [Int64]) {
        guard case .integers(let shape, let values) = try node.required(index) else { throw .notConstant(index) }
        return (shape, values)
    }

    private static func binary(_ node: NodeReader, _ f: (Int64, Int64) -> Int64) throws(OperatorFault) -> Operand {
        let ((a, x), (b, y)) = (try integers(node, 0), try integers(node, 1))
        guard let both = Shape.broadcast(a, b) else { throw .shape("operands of shapes \(a) and \(b) do not broadcast") }
        let (left, right) = (spread(a, x, to: both), spread(b, y, to: both))
        return .integers(both, zip(left, right).map(f))
    }

    /// Repeats broadcast elements until the numbers fill the shape.
    private static func spread(_ shape: Shape, _ values: [Int64], to target: Shape) -> [Int64] {
        let own = shape.strides
        let offset = target.rank - shape.rank
        return (0..<target.count).map { index in
            var (rest, source) = (index, 0)
            for axis in stride(from: target.rank - 1, through: 0, by: -1) {
                if axis >= offset, shape[axis - offset] > 1 { source += rest % target[axis] * own[axis - offset] }
                rest /= target[axis]
            }
            return values[source]
        }
    }

    private static func expand(_ shape: Shape, _ values: [Int64], to target: Shape) throws(OperatorFault) -> Operand {
        guard let both = Shape.broadcast(shape, target) else { throw .shape("\(shape) does not expand to \(target)") }
        return .integers(both, spread(shape, values, to: both))
    }

    private static func choose(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand {
        let ((a, x), (b, y)) = (try integers(node, 1), try integers(node, 2))
        guard let pair = Shape.broadcast(a, b), let whole = Shape.broadcast(shape, pair) else {
            throw .shape("operands of shapes \(shape), \(a) and \(b) do not broadcast")
        }
        let (condition, left, right) = (spread(shape, values, to: whole), spread(a, x, to: whole), spread(b, y, to: whole))
        return .integers(whole, condition.indices.map { condition[$0] != 0 ? left[$0] : right[$0] })
    }

    private static func gather(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand {
        let axis = try node.axis(try node.int("axis", default: 0), in: shape)
        let (indexShape, indices) = try integers(node, 1)
        let (outer, extent) = (shape.dims[..<axis].reduce(1, *), shape[axis])
        let inner = shape.dims[(axis + 1)...].reduce(1, *)
        var picked: [Int64] = []
        for o in 0..<outer {
            for index in indices {
                let at = Int(clamping: index < 0 ? index + Int64(extent) : index)
                guard (0..<extent).contains(at) else { throw .shape("index \(index) is outside axis \(axis) of \(shape)") }
                picked += values[(o * extent + at) * inner..<(o * extent + at + 1) * inner]
            }
        }
        return .integers(Shape(Array(shape.dims[..<axis]) + indexShape.dims + Array(shape.dims[(axis + 1)...])), picked)
    }

    private static func slice(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand {
        let range = try node.slice(of: shape)
        let output = Shape(range.counts)
        let (strides, outStrides) = (shape.strides, output.strides)
        return .integers(output, (0..<output.count).map { index in
            values[(0..<shape.rank).reduce(0) { sum, axis in
                sum + (range.starts[axis] + index / outStrides[axis] % output[axis] * range.steps[axis]) * strides[axis]
            }]
        })
    }

    private static func concat(_ node: NodeReader, _ shape: Shape) throws(OperatorFault) -> Operand {
        guard shape.rank == 1 else { throw .shape("integer tensors of shape \(shape) cannot be concatenated") }
        var joined: [Int64] = []
        for index in node.operands.indices { joined += try integers(node, index).1 }
        return Fold.integers(joined)
    }

    private static func range(_ node: NodeReader) throws(OperatorFault) -> Operand {
        let bounds = [try integers(node, 0).1, try integers(node, 1).1, try integers(node, 2).1].compactMap(\.first)
        guard bounds.count == 3, bounds[2] != 0, abs((Double(bounds[1]) - Double(bounds[0])) / Double(bounds[2])) < Double(1 << 24) else {
            throw .shape("a range over \(bounds) is not possible")
        }
        return Fold.integers(Array(stride(from: bounds[0], to: bounds[1], by: Int(clamping: bounds[2]))))
    }
}
