/// Elements at constant indices along an axis. https://onnx.ai/onnx/operators/onnx__Gather.html
package struct Gather: Operator {
    /// Extents before, along and behind the axis.
    package let outer, extent, inner: Int
    package let indices: [Int]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: 0), in: input)
        let extent = input[axis]
        indices = try node.integers(1).map { $0 < 0 ? $0 + extent : $0 }
        guard indices.allSatisfy((0..<extent).contains) else {
            throw .shape("indices \(try node.integers(1)) reach outside axis \(axis) of \(input)")
        }
        (outer, inner) = (input.dims[..<axis].reduce(1, *), input.dims[(axis + 1)...].reduce(1, *))
        self.extent = extent
        outputShapes = [Shape(Array(input.dims[..<axis]) + (try node.shape(1)).dims + Array(input.dims[(axis + 1)...]))]
    }
}
