/// A map read at computed places, as a spatial transformer does: nearest, linear or cubic.
/// https://onnx.ai/onnx/operators/onnx__GridSample.html Jaderberg et al. 2015, https://arxiv.org/abs/1506.02025
///
/// The gradient reaches both the map and the places, as in PyTorch.
package struct GridSample: Operator {
    package enum Padding: String { case zeros, border, reflection }
    package enum Mode { case nearest, linear, cubic }

    package let mode: Mode
    package let padding: Padding
    package let alignsCorners: Bool
    package let maps, channels, height, width: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if try node.required(1).isInteger { throw .notFloat(1) }
        let (input, grid) = (try node.shape(0), try node.shape(1))
        guard input.rank == 4, grid.rank == 4, try grid[3] == 2, try grid[0] == input[0], input.count > 0 else {
            throw .shape("a grid of shape \(grid) over \(input) is not supported; only maps [1, C, H, W] are read")
        }
        switch try node.string("mode", default: "linear") {
        case "nearest": mode = .nearest
        case "linear", "bilinear": mode = .linear
        case "cubic", "bicubic": mode = .cubic
        case let other: throw .attribute("mode", other)
        }
        let stated = try node.string("padding_mode", default: "zeros")
        guard let padding = Padding(rawValue: stated) else { throw .attribute("padding_mode", stated) }
        self.padding = padding
        alignsCorners = try node.flag("align_corners")
        (maps, channels, height, width) = (
            try input[0].value, try input[1].value, try input[2].value, try input[3].value
        )
        outputShapes = [try Shape([input[0], input[1], grid[1], grid[2]])]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .window }
    package var numberEffect: NumberEffect { .other }
}
