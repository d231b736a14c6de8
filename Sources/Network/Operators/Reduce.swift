/// Sums, means, norms, products and extremes over axes; GlobalAveragePool is the mean over a map's height and width.
/// https://onnx.ai/onnx/operators/onnx__ReduceMean.html and its kin, onnx__GlobalAveragePool.html
///
/// Of several equal extremes each gets its share of the gradient, as in PyTorch's amax.
package struct Reduce: Operator {
    package enum Kind: String {
        case sum = "ReduceSum", mean = "ReduceMean", l1 = "ReduceL1", l2 = "ReduceL2", sumSquare = "ReduceSumSquare"
        case logSum = "ReduceLogSum", logSumExp = "ReduceLogSumExp", max = "ReduceMax", min = "ReduceMin"
        case product = "ReduceProd"
    }

    package let kind: Kind
    package let axes: [Int]
    package let keepsDims: Bool
    /// Whether the operand is a map, whatever else is known of it.
    package let isOverMap: Bool
    package let input: Shape
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let operand = try node.required(0)
        let input = Extents(operand.shape)
        isOverMap = node.node.opType == "GlobalAveragePool"
        if isOverMap {
            guard input.rank > 2 else { throw .shape("\(input) is not a map") }
            (kind, axes, keepsDims) = (.mean, Array(input.axes.dropFirst(2)), true)
        } else {
            guard let kind = Kind(rawValue: node.node.opType) else { throw .unsupported }
            self.kind = kind
            let stated = try node.ints("axes", orOperand: 1) ?? []
            let all = try node.flag("noop_with_empty_axes") ? [] : Array(input.axes)
            axes = stated.isEmpty ? all : try node.axes(stated, in: input).sorted()
            keepsDims = try node.flag("keepdims", default: true)
        }
        let (reduced, keepsDims) = (Set(axes), self.keepsDims)
        self.input = input.shape
        outputShapes = [
            try Shape(input.axes.compactMap { reduced.contains($0) ? (keepsDims ? 1 : nil) : input.dims[$0] })
        ]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        switch Kind(rawValue: node.node.opType) {
        case .max, .min: IntegerUse([0])
        case .product, .sum: IntegerUse([0], .accumulated)
        default: .none
        }
    }

    package var spatialEffect: SpatialEffect { isOverMap ? .window : .reduction(axes: axes) }
    package var numberEffect: NumberEffect { .pooled }
    package var operations: Double { Double(input.count) }
}
