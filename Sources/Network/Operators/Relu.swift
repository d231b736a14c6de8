/// max(x, 0), and Clip: min(max(x, low), high), the rectifier of MobileNets as Clip(0, 6).
/// https://onnx.ai/onnx/operators/onnx__Relu.html, onnx__Clip.html
package struct Relu: Operator {
    package let activation: Activation
    /// Whether it is written as bounds, not as a rectifier.
    package let isClip: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        outputShapes = [try node.shape(0).shape]
        isClip = node.node.opType == "Clip"
        activation =
            !isClip
            ? .relu
            : Activation(
                low: try node.float("min", orOperand: 1) ?? -.infinity,
                high: try node.float("max", orOperand: 2) ?? .infinity)
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        guard node.node.opType == "Clip" else { return .none }
        return IntegerUse([0, 1, 2], .bounded) { node throws(OperatorFault) in
            let (shape, values) = try node.wholeNumbers(0)
            let low = node.has(1) ? try node.wholeNumbers(1).1.first : nil
            let high = node.has(2) ? try node.wholeNumbers(2).1.first : nil
            return .integers(shape.shape, values.map { min(max($0, low ?? .min), high ?? .max) })
        }
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}

extension Graph {
    /// Whether a `RectifierRule` has something to do: there is a Relu, or a Clip from 0.
    public var hasRectifier: Bool { nodes.contains { ($0.op as? Relu)?.activation.low == 0 } }
}

/// y = min(max(x, low), high).
package struct Activation: Hashable, Sendable {
    package var low: Float = 0
    package var high: Float = .infinity

    static let relu = Activation()
}
