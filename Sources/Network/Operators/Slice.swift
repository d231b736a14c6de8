/// Every so many elements between two bounds along some axes. https://onnx.ai/onnx/operators/onnx__Slice.html
package struct Slice: Operator {
    /// First element and step along every axis.
    package let starts, steps: [Int]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        (starts, steps, outputShapes) = try node.slice(of: input).asOutput
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        IntegerUse([]) { node throws(OperatorFault) in
            let (shape, values) = try node.wholeNumbers(0)
            let range = try node.slice(of: shape)
            let output = Shape(range.counts)
            let (strides, outStrides) = (shape.strides, output.strides)
            let taken = (0..<output.count).map { element in
                shape.dims.indices.reduce(0) { place, axis in
                    let index = element / outStrides[axis] % output[axis]
                    return place + (range.starts[axis] + index * range.steps[axis]) * strides[axis]
                }
            }
            return .integers(output, taken.map { values[$0] })
        }
    }

    package var spatialEffect: SpatialEffect { .slice(starts: starts, steps: steps) }
    package var numberEffect: NumberEffect { .moved }
}

/// The part of a tensor that a Slice node takes.
struct SliceRange {
    let starts, steps, counts: [Int]
    var asOutput: ([Int], [Int], [Shape]) { (starts, steps, [Shape(counts)]) }
}

extension NodeReader {
    func slice(of input: Shape) throws(OperatorFault) -> SliceRange {
        guard let starts = try ints("starts", orOperand: 1), let ends = try ints("ends", orOperand: 2) else {
            throw .missingOperand(1)
        }
        let axes = try self.axes(try ints("axes", orOperand: 3) ?? Array(starts.indices), in: input)
        let steps =
            has(4) ? try integers(4).map { min(max($0, -1 << 32), 1 << 32) } : [Int](repeating: 1, count: starts.count)
        guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count, !steps.contains(0)
        else {
            throw .shape("starts \(starts), ends \(ends), axes \(axes), steps \(steps) do not fit together")
        }
        var first = [Int](repeating: 0, count: input.rank)
        var stride = [Int](repeating: 1, count: input.rank)
        var counts = input.dims
        for (i, axis) in axes.enumerated() {
            let (extent, step) = (input[axis], steps[i])
            func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
                let fromStart = value < 0 ? (value < -extent ? -1 : value + extent) : value
                return min(max(fromStart, range.lowerBound), range.upperBound)
            }
            let start = step > 0 ? bound(starts[i], 0...extent) : bound(starts[i], -1...(extent - 1))
            let end = step > 0 ? bound(ends[i], 0...extent) : bound(ends[i], -1...(extent - 1))
            (first[axis], stride[axis]) = (start, step)
            counts[axis] = max(0, step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step)
        }
        return SliceRange(starts: first, steps: stride, counts: counts)
    }
}
