/// A tensor resampled along some axes: nearest, linear or cubic, separably. Upsample is its older form.
/// https://onnx.ai/onnx/operators/onnx__Resize.html, onnx__Upsample.html
package struct Resize: Operator {
    /// How each axis is resampled; nil where it stays as it is.
    package let axes: [ResizeAxis?]
    /// What stands where a coordinate lies outside the region (tf_crop_and_resize).
    package let extrapolation: Float?
    package let input: Shape
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let rule = try ResizeRule(node)
        let (counts, scales) = try node.resizedExtents(of: input)
        var region = (starts: [Float](repeating: 0, count: input.rank), ends: [Float](repeating: 1, count: input.rank))
        if rule.coordinates == .tfCropAndResize {
            let values = try node.floats(1).storage.values
            let axes = try node.axes(try node.ints("axes"), in: input)
            guard values.count == 2 * axes.count, values.allSatisfy(\.isFinite) else {
                throw .shape("a region of \(values.count) numbers does not fit \(input)")
            }
            for (i, axis) in axes.enumerated() {
                (region.starts[axis], region.ends[axis]) = (values[i], values[i + axes.count])
            }
        }
        let output = try node.output(try Shape(counts))
        axes = try input.axes.map { axis throws(OperatorFault) in
            let reach = try ResizeAxis.reach(scales[axis], rule)
            try node.countTable(try counts[axis] * (4 + 2 * reach), bytes: 16)
            let place = ResizeAxis(
                extent: input.shape[axis], count: output[axis], scale: scales[axis], reach: reach.value,
                region: (region.starts[axis], region.ends[axis]), rule)
            return place.isIdentity ? nil : place
        }
        extrapolation = rule.coordinates == .tfCropAndResize ? try node.float("extrapolation_value", default: 0) : nil
        self.input = input.shape
        outputShapes = [output]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .resize }
    package var numberEffect: NumberEffect { .other }
}

extension NodeReader {
    /// Every axis's new extent and the scale that coordinates are computed with.
    fileprivate func resizedExtents(of input: Extents) throws(OperatorFault) -> (counts: [Extent], scales: [Double]) {
        var (counts, scales) = (input.dims, [Double](repeating: 1, count: input.rank))
        let axes = try self.axes(try ints("axes"), in: input)
        let isUpsample = node.opType == "Upsample"
        let scaleIndex = isUpsample || opset < 11 ? 1 : 2
        var stated: [Float] = []
        if has(scaleIndex) { stated = try floats(scaleIndex).storage.values }
        if case .floats(let values)? = node.attributes["scales"] { stated = values }
        if !stated.isEmpty {
            guard isUpsample || operand(3).map({ $0.shape.count == 0 }) ?? true else {
                throw .shape("it has both scales and sizes, where the standard allows one of them")
            }
            guard stated.count == axes.count, stated.allSatisfy({ $0 > 0 && $0 < 65536 }) else {
                throw .shape("scales \(stated) do not fit \(input)")
            }
            for (i, axis) in axes.enumerated() {
                scales[axis] = Double(stated[i])
                counts[axis] = try Extent(input[axis].double * scales[axis])
            }
            return (counts, scales)
        }
        let sizes = try integers(isUpsample ? 1 : 3)
        guard sizes.count == axes.count, sizes.allSatisfy({ $0 > 0 && $0 < Window.limit }), input.count > 0 else {
            throw .shape("sizes \(sizes) do not fit \(input)")
        }
        for (i, axis) in axes.enumerated() {
            counts[axis] = sizes[i]
            scales[axis] = try sizes[i].double / input[axis].double
        }
        let policy = try string("keep_aspect_ratio_policy", default: "stretch")
        guard policy != "stretch" else { return (counts, scales) }
        let all = axes.map { scales[$0] }
        guard let scale = policy == "not_larger" ? all.min() : all.max() else { return (counts, scales) }
        for axis in axes {
            scales[axis] = scale
            counts[axis] = try Extent((scale * input[axis].double + 0.5).rounded(.down))
        }
        return (counts, scales)
    }
}
