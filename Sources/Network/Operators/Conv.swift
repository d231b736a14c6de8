/// Convolution of a map with constant weights. https://onnx.ai/onnx/operators/onnx__Conv.html
package struct Conv: Operator {
    package let geometry: ConvolutionGeometry
    /// [outChannels][inChannels / groups][kernel y][kernel x]
    package let weights: FloatStorage
    package let bias: FloatStorage?
    /// The leading extent: maps in one image's tensor.
    package let maps: Int
    package let outputShapes: [Shape]

    init(
        geometry: ConvolutionGeometry, weights: FloatStorage, bias: FloatStorage? = nil, maps: Int, output: Shape
    ) {
        (self.geometry, self.weights, self.bias, self.maps) = (geometry, weights, bias, maps)
        self.outputShapes = [output]
    }

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let (shape, weights) = try node.floats(1)
        guard input.rank == 4, shape.rank == 4 else {
            throw .shape(
                "a convolution of \(input) with weights \(shape) is not supported, only one along lines [N, C, L] "
                    + "or over maps [N, C, H, W]; rewrite it as one of these")
        }
        let groups = try node.int("group", default: 1)
        guard groups > 0, shape.count > 0, try groups <= shape[0], try shape[0] % groups == 0,
            try shape[1] * groups == input[1]
        else {
            throw .shape("weights \(shape) with \(groups) groups do not fit input \(input)")
        }
        guard try max(shape.count / shape[0], shape[0], input[1]) <= .mostInt32 else {
            throw .shape("weights \(shape) are too large")
        }
        let kernel = Array(shape.dims[2...])
        if let stated = try node.ints("kernel_shape"), stated != kernel {
            throw .shape("kernel_shape \(stated) contradicts weights \(shape)")
        }
        bias = node.has(2) ? try node.floats(2).storage : nil
        guard bias.map({ $0.count == shape.shape[0] }) ?? true else {
            throw .shape("the bias does not fit weights \(shape)")
        }
        let window = try Window(node, input: input, kernel: kernel)
        geometry = ConvolutionGeometry(
            window: window, inChannels: try input[1].value, outChannels: try shape[0].value, groups: groups.value)
        self.weights = weights
        maps = try input[0].value
        outputShapes = [try window.output(of: input, channels: shape[0])]
    }

    package func with(weights: FloatStorage) -> any Operator {
        Conv(geometry: geometry, weights: weights, bias: bias, maps: maps, output: outputShapes[0])
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .window }
    package var numberEffect: NumberEffect { .mixed }
    package var operations: Double { Double(outputShapes[0].count) * Double(geometry.taps) }
}

/// The extents of a convolution over a map.
package struct ConvolutionGeometry: Hashable, Sendable {
    package let window: Window
    package let inChannels, outChannels, groups: Int

    package var groupIn: Int { inChannels / groups }
    package var groupOut: Int { outChannels / groups }
    /// Numbers under one window in one group: the product's inner extent.
    package var taps: Int { window.kernelHeight * window.kernelWidth * groupIn }
}
