/// Transposed convolution of a map with constant weights: the adjoint of the convolution from its output to its input.
/// https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
package struct ConvTranspose: Operator {
    /// The convolution whose input is this operator's output.
    package private(set) var mirror: Conv
    package let bias: FloatStorage?
    package let input: Shape
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let (shape, weights) = try node.floats(1)
        guard input.rank == 4, shape.rank == 4 else {
            throw .shape(
                "a transposed convolution of \(input) with weights \(shape) is not supported; only maps [1, C, H, "
                    + "W] are"
            )
        }
        let groups = try node.int("group", default: 1)
        guard groups > 0, shape.count > 0, try shape[0] == input[1], try shape[0] % groups == 0 else {
            throw .shape("weights \(shape) with \(groups) groups do not fit input \(input)")
        }
        let channels = try shape[1] * groups
        bias = node.has(2) ? try node.floats(2).storage : nil
        guard bias.map({ $0.count == channels.value }) ?? true else {
            throw .shape("the bias does not fit weights \(shape)")
        }
        let window = try Self.window(node, input: input, kernel: Array(shape.dims[2...]))
        guard window.inArea > 0, window.outArea > 0 else {
            throw .shape(
                "maps of \(input) are empty, or what becomes of them is: there is nothing for a window to slide over")
        }
        let geometry = ConvolutionGeometry(
            window: window, inChannels: channels.value, outChannels: try shape[0].value, groups: groups.value)
        mirror = Conv(geometry: geometry, weights: weights, maps: try input[0].value, output: input.shape)
        self.input = input.shape
        outputShapes = [try Shape([input[0], channels, Extent(window.inHeight), Extent(window.inWidth)])]
    }

    /// The window of the convolution from output to input.
    private static func window(_ node: NodeReader, input: Extents, kernel: [Extent]) throws(OperatorFault) -> Window {
        let strides = try node.ints("strides") ?? [1, 1]
        let dilations = try node.ints("dilations") ?? [1, 1]
        let extra = try node.ints("output_padding") ?? [0, 0]
        var pads = try node.ints("pads") ?? [0, 0, 0, 0]
        let lists = [strides, dilations, extra]
        guard lists.allSatisfy({ $0.count == 2 }), pads.count == 4, (strides + dilations).allSatisfy({ $0 > 0 }),
            (lists.joined() + pads + kernel).allSatisfy({ $0 >= 0 && $0 < 65536 })
        else {
            throw .shape(
                "strides \(strides), dilations \(dilations), pads \(pads), output_padding \(extra) do not fit a map")
        }
        let mode = try node.string("auto_pad", default: "NOTSET")
        guard ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(mode) else { throw .attribute("auto_pad", mode) }
        let isSame = mode.hasPrefix("SAME")
        var stated = try node.ints("output_shape").map { Array($0.suffix(2)) }
        if stated == nil, isSame { stated = [try input[2] * strides[0], try input[3] * strides[1]] }
        var out: [Extent] = []
        for axis in 0..<2 {
            let span = try dilations[axis] * (kernel[axis] - 1) + 1
            let full = try strides[axis] * (input[axis + 2] - 1) + extra[axis] + span
            if mode == "VALID" { (pads[axis], pads[axis + 2]) = (0, 0) }
            if let stated {
                guard stated.count == 2, stated.allSatisfy({ $0 > 0 && $0 < Window.limit }) else {
                    throw .shape("output_shape \(stated) does not fit a map")
                }
                let total = max(0, try full - stated[axis])
                pads[axis] = mode == "SAME_UPPER" ? try total / 2 : try total - total / 2
                pads[axis + 2] = try total - pads[axis]
                out.append(stated[axis])
            } else {
                out.append(try full - pads[axis] - pads[axis + 2])
            }
        }
        guard out.allSatisfy({ $0 > 0 }) else { throw .shape("pads \(pads) leave nothing of the output \(out)") }
        return Window(
            kernel: kernel.values, strides: strides.values, dilations: dilations.values, pads: pads.values,
            input: out.values, output: [try input[2].value, try input[3].value])
    }

    package func with(weights: FloatStorage) -> any Operator {
        var other = self
        other.mirror = Conv(
            geometry: mirror.geometry, weights: weights, maps: mirror.maps, output: mirror.outputShapes[0])
        return other
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .window }
    package var numberEffect: NumberEffect { .mixed }
    package var operations: Double { mirror.operations }
}
