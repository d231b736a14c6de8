/// A tensor repeated along axes of extent 1. https://onnx.ai/onnx/operators/onnx__Expand.html
struct Expand: Operator, Kernel {
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        var dims = try node.integers(1)
        if node.batch > 1, dims.first == node.batch, input.rank < dims.count || input[0] == 1 { dims[0] = 1 }
        let asked = try Fold.checked(Shape(dims))
        guard let shape = Shape.broadcast(input, asked) else { throw .shape("\(input) does not expand to \(asked)") }
        outputShapes = [shape]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func forward(_ pass: ForwardPass) {
        pass.walk(operands: 0..<1) { y, x, n, s in for i in 0..<n { y[i * s[0]] = x[0][i * s[1]] } }
    }

    func gradient(_ pass: GradientPass) {
        pass.walk(0, operands: 0..<1) { t, d, _, _, n, s in for i in 0..<n { t[i * s[0]] += d[i * s[1]] } }
    }
}
