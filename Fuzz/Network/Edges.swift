@testable import Network

/// What mutations put in the place of what stands in a file.
enum Edges {
    static let integers: [Int] = [
        0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 255, 256, 1000, 65_535, 1 << 20, 1 << 24, (1 << 31) - 1, 1 << 31,
        1 << 32, 1 << 40, 1 << 53, 1 << 60, 1 << 61, (1 << 61) + 1, 1 << 62, .max, .max - 1, -1, -2, -3, -4, -8, -1000,
        -(1 << 31), -(1 << 62), .min, .min + 1,
    ]

    static let floats: [Float] = [
        0, -0.0, 1, -1, 0.5, 1e-38, 1e-7, 255, 65_536, 16_777_216, 3e9, 1e19, 3.4e38, -3.4e38, .infinity, -.infinity,
        .nan,
    ]

    /// Every operator that can be run or is rewritten, and what imports treat by themselves.
    static let operators: [String] =
        (Array(Registry.operators.keys) + Array(Lowering.rules.keys)
        + [
            "Constant", "ConstantOfShape", "If", "Loop", "Scan", "Shape", "Size", "Range", "NonZero",
            "SequenceConstruct", "SequenceAt", "SplitToSequence", "ConcatFromSequence", "SequenceInsert",
            "SequenceLength", "SequenceErase", "SequenceEmpty", "Optional", "OptionalGetElement",
        ]).sorted()

    static let attributes = [
        "activation_alpha", "align_corners", "allowzero", "alpha", "approximate", "auto_pad", "axes", "axis", "axis_w",
        "batch_dims", "beta", "bias", "blocked_axes", "block_size", "blocksize", "ceil_mode",
        "coordinate_transformation_mode", "count_include_pad", "cubic_coeff_a", "detect_negative", "detect_positive",
        "dilations", "direction", "dtype", "else_branch", "end", "ends", "epsilon", "equation", "exclude_outside",
        "exclusive", "fmod", "group", "is_causal", "keep_aspect_ratio_policy", "keepdims", "kernel_shape",
        "kv_num_heads", "largest", "mode", "momentum", "nearest_mode", "noop_with_empty_axes", "num_groups",
        "num_heads",
        "num_outputs", "output_height", "output_padding", "output_shape", "p", "padding_mode", "pads", "perm",
        "q_num_heads", "reverse", "saturate", "scale", "scales", "select_last_index", "size", "softcap", "sorted",
        "spatial_scale", "split", "start", "starts", "stash_type", "storage_order", "strides", "then_branch", "to",
        "training_mode", "transA", "transB", "upper", "value", "value_float", "value_floats", "value_int", "value_ints",
        "body", "repeats", "values", "high", "low", "lambd", "sampling_ratio", "seed",
    ]

    static let words = [
        "", "ai.onnx", "com.microsoft", "linear", "cubic", "nearest", "reflect", "edge", "wrap", "constant", "DCR",
        "CRD",
        "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "tanh", "none", "asymmetric", "half_pixel", "align_corners",
        "pytorch_half_pixel", "tf_crop_and_resize", "floor", "ceil", "ij,jk->ik", "...ii->...i", "bilinear", "zeros",
        "add", "mul", "max", "../x", "é", "location", "N", "batch", String(repeating: "a/", count: 400),
    ]
}

/// https://prng.di.unimi.it/splitmix64.c
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ count: Int) -> Int { .random(in: 0..<count, using: &self) }
    mutating func one<C: RandomAccessCollection>(of choices: C) -> C.Element { choices.randomElement(using: &self)! }
}
