/// How many inputs and outputs the standard gives an operator, and the operator set that it came with.
///
/// Sources: https://github.com/onnx/onnx/blob/main/docs/Changelog.md, and for `com.microsoft`
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
struct Signature {
    let since: Int
    let inputs, outputs: ClosedRange<Int>

    /// Every signature that an operator has had, oldest first, by its name with its domain where that is not ONNX's
    /// own; what an operator takes is its newest one of the file's operator set or before.
    static let all: [String: [Signature]] = {
        var all: [String: [Signature]] = [:]
        for (domain, rows) in [("", standard), ("com.microsoft.", microsoft)] {
            for (since, inputs, outputs, names) in rows {
                for name in names.split(separator: " ") {
                    all[domain + name, default: []].append(Signature(since: since, inputs: inputs, outputs: outputs))
                }
            }
        }
        return all
    }()

    /// No end to the number.
    static let many = Int.max

    private typealias Row = (since: Int, inputs: ClosedRange<Int>, outputs: ClosedRange<Int>, names: String)

    /// By `since`. Four are wider than the standard has them, as files are: LayerNormalization stands in files older
    /// than it, Resize of operator set 11 goes without regions and scales, and Scatter and Upsample outlive their end.
    private static let standard: [Row] = [
        (1, 0...0, 1...1, "Constant"),
        (1, 1...1, 1...1, "Abs ArgMax ArgMin AveragePool Cast Ceil Clip DepthToSpace Elu Exp Flatten Floor"),
        (1, 1...1, 1...1, "GlobalAveragePool GlobalLpPool GlobalMaxPool HardSigmoid Hardmax Identity LRN"),
        (1, 1...1, 1...1, "LeakyRelu Log LogSoftmax LpNormalization LpPool MaxPool Neg Not Pad Reciprocal"),
        (1, 1...1, 1...1, "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin"),
        (1, 1...1, 1...1, "ReduceProd ReduceSum ReduceSumSquare Relu Reshape Selu Shape Sigmoid Size Slice"),
        (1, 1...1, 1...1, "Softmax Softplus Softsign SpaceToDepth Sqrt Squeeze Tanh Transpose Unsqueeze"),
        (1, 1...1, 1...1, "Upsample"),
        (1, 1...1, 1...2, "Dropout"),
        (1, 1...1, 1...many, "If"),
        (1, 1...1, 2...2, "TopK"),
        (1, 1...2, 1...many, "Split"),
        (1, 1...many, 1...1, "Concat Max Mean Min Sum"),
        (1, 2...2, 1...1, "Add And Div Equal Gather Greater Less MatMul Mul Or PRelu Pow Sub Xor"),
        (1, 2...3, 1...1, "Conv ConvTranspose"),
        (1, 2...3, 1...3, "LayerNormalization"),
        (1, 3...3, 1...1, "Gemm InstanceNormalization Tile"),
        (1, 5...5, 1...5, "BatchNormalization"),
        (2, 1...1, 1...many, "Split"),
        (5, 2...2, 1...1, "Reshape"),
        (6, 2...2, 1...1, "Tile"),
        (7, 1...1, 1...1, "Acos Asin Atan Cos Sin Tan"),
        (8, 1...1, 1...2, "MaxPool"),
        (8, 2...2, 1...1, "Expand"),
        (9, 1...1, 1...1, "Acosh Asinh Atanh ConstantOfShape Cosh Erf EyeLike IsNaN MeanVarianceNormalization"),
        (9, 1...1, 1...1, "NonZero Shrink Sign Sinh"),
        (9, 2...2, 1...1, "Compress Upsample"),
        (9, 3...3, 1...1, "OneHot Scatter Where"),
        (10, 1...1, 1...1, "IsInf ThresholdedRelu"),
        (10, 2...2, 1...1, "Mod Resize"),
        (10, 2...2, 2...2, "TopK"),
        (10, 2...3, 1...1, "DequantizeLinear QuantizeLinear"),
        (10, 2...4, 1...1, "ConvInteger MatMulInteger"),
        (10, 3...5, 1...1, "Slice"),
        (10, 8...8, 1...1, "QLinearMatMul"),
        (10, 8...9, 1...1, "QLinearConv"),
        (11, 0...0, 1...1, "SequenceEmpty"),
        (11, 1...1, 1...1, "ConcatFromSequence Round SequenceLength"),
        (11, 1...1, 3...3, "DynamicQuantizeLinear"),
        (11, 1...2, 1...1, "SequenceErase SplitToSequence"),
        (11, 1...3, 1...1, "Clip"),
        (11, 1...4, 1...1, "Resize"),
        (11, 1...many, 1...1, "SequenceConstruct"),
        (11, 2...2, 1...1, "CumSum GatherElements GatherND SequenceAt"),
        (11, 2...3, 1...1, "Gemm Pad SequenceInsert"),
        (11, 3...3, 1...1, "Range ScatterElements ScatterND"),
        (12, 1...1, 1...1, "Celu"),
        (12, 1...3, 1...2, "Dropout"),
        (12, 1...many, 1...1, "Einsum"),
        (12, 2...2, 1...1, "GreaterOrEqual LessOrEqual"),
        (13, 1...2, 1...1, "ReduceSum Squeeze"),
        (13, 1...2, 1...many, "Split"),
        (13, 2...2, 1...1, "Unsqueeze"),
        (14, 1...1, 1...1, "HardSwish"),
        (14, 1...2, 1...1, "Trilu"),
        (14, 5...5, 1...3, "BatchNormalization"),
        (15, 2...2, 1...1, "CastLike"),
        (16, 2...2, 1...1, "GridSample"),
        (18, 1...1, 1...1, "Mish"),
        (18, 1...2, 1...1, "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin"),
        (18, 1...2, 1...1, "ReduceProd ReduceSumSquare"),
        (18, 2...2, 1...1, "CenterCropPad"),
        (18, 2...4, 1...1, "Pad"),
        (18, 3...3, 1...1, "Col2Im GroupNormalization"),
        (20, 1...1, 1...1, "Gelu"),
        (20, 2...2, 1...1, "AffineGrid"),
        (23, 2...2, 1...1, "RMSNormalization"),
        (23, 3...4, 1...1, "RotaryEmbedding"),
        (23, 3...6, 1...4, "Attention"),
        (24, 1...1, 1...1, "Swish"),
        (24, 3...7, 1...4, "Attention"),
        (28, 2...2, 1...1, "SwiGLU"),
    ]

    /// Optional inputs stand before required ones here, too.
    private static let microsoft: [Row] = [
        (1, 1...1, 1...1, "Gelu QuickGelu"),
        (1, 1...2, 1...1, "FastGelu"),
        (1, 1...10, 1...4, "MultiHeadAttention"),
        (1, 2...2, 1...1, "BiasGelu FusedMatMul"),
        (1, 2...3, 1...1, "DequantizeLinear FusedGemm QuantizeLinear"),
        (1, 2...4, 1...1, "FusedConv"),
        (1, 2...7, 1...3, "Attention"),
        (1, 3...5, 1...4, "SkipLayerNormalization"),
        (1, 3...6, 1...1, "MatMulNBits"),
        (1, 3...many, 1...1, "QLinearConcat"),
        (1, 4...5, 1...1, "QLinearAveragePool QLinearGlobalAveragePool QLinearLeakyRelu QLinearSigmoid"),
        (1, 4...5, 1...1, "QLinearSoftmax"),
        (1, 6...9, 1...1, "QGemm"),
        (1, 7...8, 1...1, "QLinearAdd QLinearMul"),
    ]
}
