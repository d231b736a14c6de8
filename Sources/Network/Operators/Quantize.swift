import ONNX

/// QuantizeLinear: q = clamp(round(x / scale) + zero, low, high), and DequantizeLinear: x = (q - zero) * scale, in
/// float. https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html
///
/// The gradient passes the rounding straight through and stops outside the range, as in PyTorch's fake quantisation.
/// Bengio, Leonard and Courville 2013, https://arxiv.org/abs/1308.3432
package struct Quantize: Operator {
    package let scales: QuantizationScales
    /// The range of the quantised type; nil: this is DequantizeLinear.
    package let range: ClosedRange<Float>?
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let quantizes = node.node.opType == "QuantizeLinear"
        let input = try node.shape(0)
        scales = try QuantizationScales(node, input)
        range = quantizes ? try Self.range(node) : nil
        outputShapes = [input.shape]
    }

    /// The type that QuantizeLinear gives.
    private static func quantisedType(_ node: NodeReader) throws(OperatorFault) -> ElementType {
        let stated = try node.int("output_dtype", default: 0)
        return stated != 0 ? ElementType(code: stated.int64) : node.type(2) ?? .uint8
    }

    private static func range(_ node: NodeReader) throws(OperatorFault) -> ClosedRange<Float> {
        let type = try quantisedType(node)
        guard let range = type.wholeNumbers else { throw .attribute("output_dtype", "\(type)") }
        return range
    }

    /// Whether the other does the same to the same numbers.
    func isSame(as other: any Operator) -> Bool { (other as? Quantize)?.range == range && hasSameScale(as: other) }

    func hasSameScale(as other: any Operator) -> Bool { (other as? Quantize)?.scales == scales }

    /// Writes (q - zero) * scale of integers of any size: exact but for the last rounding.
    ///
    /// - Parameter zero: one number a scale.
    func dequantize(_ values: [Int64], zero: [Int64], into x: UnsafeMutablePointer<Float>) {
        let slice = scales.slices(strides: outputShapes[0].strides)
        for (element, q) in values.enumerated() {
            let slice = slice(element)
            x[element] = Float((Double(q) - Double(zero[slice])) * Double(scales.values[slice]))
        }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        guard node.node.opType == "QuantizeLinear" else { return IntegerUse([], gives: .typed(nil)) }
        return IntegerUse([], gives: .typed(try? quantisedType(node)))
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}

/// The scales and zero points of a quantisation: of the whole tensor, of every slice along an axis, or of every block
/// of slices.
package struct QuantizationScales: Hashable, Sendable {
    /// One number a tensor, slice or block.
    package let values, zeros: [Float]
    package let axis: Int
    /// The scale of every element in row-major order, where they are one a block; nil: one a slice.
    package let blocks: [UInt32]?

    init(_ node: NodeReader, _ input: Extents) throws(OperatorFault) {
        let (shape, scales) = try node.floats(1)
        let block = try node.int("block_size", default: 0)
        let axis = scales.count == 1 ? 0 : try node.axis(of: input, default: 1)
        let wanted =
            block > 0 ? try Self.extents(of: block, along: axis, in: input) : [input.rank > 0 ? try input[axis] : 1]
        guard scales.count == 1 || shape.dims == wanted else {
            throw .shape("scales of shape \(shape) do not fit axis \(axis) of \(input)")
        }
        guard scales.count <= UInt32.max else { throw .shape("scales of shape \(shape) are too many") }
        let isBlockwise = block > 0 && scales.count > 1
        if isBlockwise { _ = try node.constant(input.shape) }
        blocks = isBlockwise ? Self.blocks(of: block.value, along: axis, in: input.shape, shape.shape) : nil
        self.axis = axis
        values = scales.values
        zeros =
            switch node.operand(2) {
            case .integers(_, let values)?: values.map { Float($0) }
            case .floats(_, let values)?: values.values
            case nil: [Float](repeating: 0, count: scales.count)
            case .value?: throw .notConstant(2)
            }
        guard zeros.count == values.count else { throw .shape("zero points do not fit the scales of shape \(shape)") }
    }

    /// How many blocks of so many slices an axis makes up, and the other extents.
    private static func extents(
        of size: Extent, along axis: Int, in input: Extents
    ) throws(OperatorFault) -> [Extent] {
        var extents = input.dims
        if !extents.isEmpty { extents[axis] = try input[axis] / size + (input[axis] % size == 0 ? 0 : 1) }
        return extents
    }

    private static func blocks(of size: Int, along axis: Int, in input: Shape, _ scales: Shape) -> [UInt32] {
        let (strides, own) = (input.strides, scales.strides)
        return (0..<input.count).map { element in
            UInt32(
                input.dims.indices.reduce(0) {
                    $0 + element / strides[$1] % input[$1] / ($1 == axis ? size : 1) * own[$1]
                })
        }
    }

    /// Which of the scales an element has, of one image that lies with these strides (row-major where there are
    /// blocks).
    func slices(strides: [Int]) -> (Int) -> Int {
        if values.count == 1 { return { _ in 0 } }
        if let blocks { return { Int(blocks[$0]) } }
        let (inner, count) = (strides[axis], values.count)
        return { $0 / inner % count }
    }
}

extension ElementType {
    /// The least and the greatest number of an integer type of at most 32 bits; nil for others.
    private var integers: ClosedRange<Int64>? {
        switch self {
        case .int4: -8...7
        case .uint4: 0...15
        case .int8: -128...127
        case .uint8: 0...255
        case .int16: -32768...32767
        case .uint16: 0...65535
        case .int32: -2_147_483_648...2_147_483_647
        case .uint32: 0...4_294_967_295
        default: nil
        }
    }

    /// The numbers of a type of at most 16 bits; nil for others.
    package var wholeNumbers: ClosedRange<Float>? {
        guard let integers, integers.upperBound < 1 << 16 else { return nil }
        return Float(integers.lowerBound)...Float(integers.upperBound)
    }

    /// An integer as the type holds it: what does not fit keeps its lowest bits.
    func wrapped(_ number: Int64) -> Int64 {
        guard let integers else { return number }
        let bits = integers.upperBound - integers.lowerBound
        return (number &- integers.lowerBound) & bits + integers.lowerBound
    }
}
