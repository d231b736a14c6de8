/// Slices copied from indexed places: GatherElements and GatherND.
/// https://onnx.ai/onnx/operators/onnx__GatherElements.html, onnx__GatherND.html
struct GatherSlices: Operator, Kernel {
    let slices: IndexedSlices
    let outputShapes: [Shape]
    let gradientReads: GradientReads = .operands

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let (input, indices) = (try node.shape(0), try node.shape(1))
        if node.node.opType == "GatherElements" {
            slices = try IndexedSlices(elements: node, of: input)
            outputShapes = [indices]
        } else {
            let batch = try node.int("batch_dims", default: 0)
            slices = try IndexedSlices(rows: node, of: input, batch: batch)
            outputShapes = [Shape(Array(indices.dims.dropLast()) + Array(input.dims[(batch + indices.dims.last!)...]))]
        }
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            for (slice, start) in slices.starts(pass.operands, image: image).enumerated() {
                (y + slice * slices.run).update(from: x + start, count: slices.run)
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        for image in 0..<pass.images {
            let (t, d) = (dx.image(image), pass.dOutput.image(image))
            for (slice, start) in slices.starts(pass.operands, image: image).enumerated() {
                for i in 0..<slices.run { t[start + i] += d[slice * slices.run + i] }
            }
        }
    }
}
