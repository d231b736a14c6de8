/// Running sums along an axis. https://onnx.ai/onnx/operators/onnx__CumSum.html
struct CumSum: Operator, Kernel {
    /// Extents before, along and behind the axis.
    let outer, extent, inner: Int
    /// Whether an element's own sum leaves it out.
    let isExclusive: Bool
    let isReversed: Bool
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        guard let stated = try node.integers(1).first else { throw .missingOperand(1) }
        let axis = try node.axis(stated, in: input)
        (outer, extent, inner) = (input.dims[..<axis].reduce(1, *), input[axis], input.dims[(axis + 1)...].reduce(1, *))
        (isExclusive, isReversed) = (try node.flag("exclusive"), try node.flag("reverse"))
        outputShapes = [input]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    /// target[i] = (or +=, where it adds) the sum of the source's elements up to i, along every line.
    private func run(
        _ images: Int, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, reversed: Bool, adds: Bool
    ) {
        for line in 0..<images * outer * inner {
            let start = line / inner * extent * inner + line % inner
            var sum: Float = 0
            for step in 0..<extent {
                let i = start + (reversed ? extent - 1 - step : step) * inner
                let before = sum
                sum += source[i]
                target[i] = (adds ? target[i] : 0) + (isExclusive ? before : sum)
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        run(pass.images, pass.input.base, pass.output.base, reversed: isReversed, adds: false)
    }

    /// The sum of the gradients of all sums that an element is part of: the running sum from the other end.
    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        run(pass.images, pass.dOutput.base, dx, reversed: !isReversed, adds: true)
    }
}
