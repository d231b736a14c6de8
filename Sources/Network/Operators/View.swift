/// The same numbers in the same order under another shape: Reshape, Flatten, Squeeze, Unsqueeze; Identity and Dropout
/// (which does nothing outside training). https://onnx.ai/onnx/operators/onnx__Reshape.html and its kin
package struct View: Operator {
    package let outputShapes: [Shape]
    /// Whether the output has the operand's own shape.
    package let keepsShape: Bool

    package init(_ node: NodeReader) throws(OperatorFault) {
        if node.node.opType == "Dropout", case .integers(_, let training)? = node.operand(2), training.first != 0,
            try node.float("ratio", orOperand: 1) ?? 0.5 != 0
        {
            throw .shape(trainingAdvice)
        }
        let input = try node.shape(0)
        let output = try node.viewShape(of: input)
        guard output.count == input.shape.count else {
            throw .shape(
                "\(input) cannot be viewed as \(output); if the network was exported for another input size, give "
                    + "that one (\(.inputSize))"
            )
        }
        outputShapes = [output]
        keepsShape = output == input.shape
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        IntegerUse([]) { node throws(OperatorFault) in
            let (shape, values) = try node.wholeNumbers(0)
            let output = try node.viewShape(of: shape)
            guard output.count == values.count else { throw .shape("\(shape) cannot be viewed as \(output)") }
            return .integers(output, values)
        }
    }

    package var spatialEffect: SpatialEffect { .reshape }
    package var numberEffect: NumberEffect { .kept }
}

extension NodeReader {
    /// The shape that a Reshape, Flatten, Squeeze, Unsqueeze, Identity or Dropout node gives to an input.
    func viewShape(of input: Extents) throws(OperatorFault) -> Shape {
        switch node.opType {
        case "Reshape":
            guard var dims = try ints("shape", orOperand: 1) else { throw .missingOperand(1) }
            let allowsZero = try flag("allowzero")
            for axis in dims.indices where dims[axis] == 0 && !allowsZero && axis < input.rank {
                dims[axis] = try input[axis]
            }
            dims = try ofOneImage(dims, count: input.count)
            if let open = dims.firstIndex(of: -1) {
                let known = try (dims[..<open] + dims[(open + 1)...]).product()
                dims[open] = known <= 0 ? 0 : try input.count / known
            }
            return try Shape(dims)
        case "Flatten":
            let stated = try int("axis", default: 1)
            let axis = stated == Extent(input.rank) ? input.rank : try input.axis(stated)
            return try Shape([try input.dims[..<axis].product(), try input.dims[axis...].product()])
        case "Squeeze":
            let stated = try ints("axes", orOperand: 1)
            let axes = Set(
                try stated.map { values throws(OperatorFault) in try self.axes(values, in: input) }
                    ?? input.axes.filter { input.dims[$0] == 1 })
            guard axes.allSatisfy({ input.dims[$0] == 1 }) else {
                throw .shape("axes \(axes.sorted()) of \(input) are not all 1")
            }
            return try Shape(input.axes.filter { !axes.contains($0) }.map { input.dims[$0] })
        case "Unsqueeze":
            guard let stated = try ints("axes", orOperand: 1) else { throw .missingOperand(1) }
            let rank = input.rank + stated.count
            let axes = Set(try self.axes(stated, in: Extents(try Shape([Extent](repeating: 1, count: rank)))))
            guard axes.count == stated.count else { throw .shape("axes \(stated) repeat one another") }
            var rest = input.dims.makeIterator()
            return try Shape((0..<rank).map { axes.contains($0) ? 1 : rest.next()! })
        default:
            return input.shape
        }
    }

    /// A shape that a file writes down for its batch, for one image of so many numbers.
    func ofOneImage(_ dims: [Extent], count: Extent) throws(OperatorFault) -> [Extent] {
        let batch = Extent(self.batch)
        guard batch > 1, let axis = dims.indices.first(where: { dims[$0].isPositiveMultiple(of: batch) }) else {
            return dims
        }
        let known = try dims.filter { $0 != -1 }.product()
        // With an open axis the batch stands first, or the rest cannot be divided by what is known.
        let isOfBatch =
            dims.contains(-1) ? axis == 0 || !count.isMultiple(of: known) : known == (try batch * count)
        guard isOfBatch else { return dims }
        var dims = dims
        dims[axis] = try dims[axis] / batch
        return dims
    }
}
