/// Comparisons and logic with broadcasting. A truth value is 1 or 0 in a float tensor; no gradient passes.
/// https://onnx.ai/onnx/operators/onnx__Greater.html and its kin
struct Comparison: Operator, Kernel {
    enum Kind: String { case Equal, Greater, GreaterOrEqual, Less, LessOrEqual, And, Or, Xor }

    let kind: Kind
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        guard let kind = Kind(rawValue: node.node.opType), node.operands.count == 2 else { throw .unsupported }
        self.kind = kind
        outputShapes = [try node.broadcastShape()]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func forward(_ pass: ForwardPass) {
        switch kind {
        case .Equal: compare(pass) { $0 == $1 }
        case .Greater: compare(pass) { $0 > $1 }
        case .GreaterOrEqual: compare(pass) { $0 >= $1 }
        case .Less: compare(pass) { $0 < $1 }
        case .LessOrEqual: compare(pass) { $0 <= $1 }
        case .And: compare(pass) { $0 != 0 && $1 != 0 }
        case .Or: compare(pass) { $0 != 0 || $1 != 0 }
        case .Xor: compare(pass) { ($0 != 0) != ($1 != 0) }
        }
    }

    func gradient(_ pass: GradientPass) {}

    @inline(__always)
    private func compare(_ pass: ForwardPass, _ holds: (Float, Float) -> Bool) {
        pass.walk { y, x, n, s in for i in 0..<n { y[i * s[0]] = holds(x[0][i * s[1]], x[1][i * s[2]]) ? 1 : 0 } }
    }
}
