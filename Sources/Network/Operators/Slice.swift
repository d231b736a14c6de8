/// Every so many elements between two bounds along some axes. https://onnx.ai/onnx/operators/onnx__Slice.html
package struct Slice: Operator {
    /// First element and step along every axis.
    package let starts, steps: [Int]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let range = try node.slice(of: input)
        (starts, steps, outputShapes) = (range.starts, range.steps, [range.output])
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        IntegerUse([]) { node throws(OperatorFault) in
            let (shape, values) = try node.wholeNumbers(0)
            let range = try node.slice(of: shape)
            let output = try node.constant(range.output)
            let (strides, outStrides) = (shape.shape.strides, output.strides)
            let taken = (0..<output.count).map { element in
                shape.axes.reduce(0) { place, axis in
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
    let starts, steps: [Int]
    let output: Shape
}

extension NodeReader {
    func slice(of input: Extents) throws(OperatorFault) -> SliceRange {
        guard let starts = try ints("starts", orOperand: 1), let ends = try ints("ends", orOperand: 2) else {
            throw .missingOperand(1)
        }
        let axes = try self.axes(try ints("axes", orOperand: 3) ?? starts.indices.map { Extent($0) }, in: input)
        let steps = has(4) ? try integers(4) : [Extent](repeating: 1, count: starts.count)
        guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count, !steps.contains(0)
        else {
            throw .shape("starts \(starts), ends \(ends), axes \(axes), steps \(steps) do not fit together")
        }
        var first = [Int](repeating: 0, count: input.rank)
        var stride = [Int](repeating: 1, count: input.rank)
        var counts = input.dims
        for (i, axis) in axes.enumerated() {
            let extent = try input[axis]
            // A longer step leads out of the axis just as well.
            let step = min(max(steps[i], try -max(extent, 1)), max(extent, 1))
            func bound(_ value: Extent) throws(OperatorFault) -> Extent {
                let least: Extent = step > 0 ? 0 : -1, most = step > 0 ? extent : try extent - 1
                let fromStart = value >= 0 ? value : value < (try -extent) ? -1 : try value + extent
                return min(max(fromStart, least), most)
            }
            let (start, end) = (try bound(starts[i]), try bound(ends[i]))
            (first[axis], stride[axis]) = (start.value, step.value)
            counts[axis] = max(
                0, step > 0 ? try (end - start + step - 1) / step : try (start - end - step - 1) / (-step))
        }
        return SliceRange(starts: first, steps: stride, output: try Shape(counts))
    }
}
