/// The index of the greatest (ArgMin: the least) element along an axis, as a float; no gradient passes.
/// https://onnx.ai/onnx/operators/onnx__ArgMax.html
struct ArgMax: Operator, Kernel {
    let outer, extent, inner: Int
    let findsLeast: Bool
    /// Whether the last of several equal ones counts.
    let takesLast: Bool
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: 0), in: input)
        let keepsDims = try node.flag("keepdims", default: true)
        (outer, extent, inner) = (input.dims[..<axis].reduce(1, *), input[axis], input.dims[(axis + 1)...].reduce(1, *))
        findsLeast = node.node.opType == "ArgMin"
        takesLast = try node.flag("select_last_index")
        outputShapes = [Shape(Array(input.dims[..<axis]) + (keepsDims ? [1] : []) + Array(input.dims[(axis + 1)...]))]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func forward(_ pass: ForwardPass) {
        for line in 0..<pass.images * outer * inner {
            let x = pass.input.base + line / inner * extent * inner + line % inner
            var best = 0
            for i in 0..<extent {
                let (a, b) = findsLeast ? (-x[i * inner], -x[best * inner]) : (x[i * inner], x[best * inner])
                if a > b || (takesLast && a == b) { best = i }
            }
            pass.output.base[line] = Float(best)
        }
    }

    func gradient(_ pass: GradientPass) {}
}
