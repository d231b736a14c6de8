import TestSupport

/// A small model that uses every message and every way of storing values that the reader knows.
let sampleModel: [UInt8] = Proto(
    .int(1, 10), .string(2, "tool"), .string(3, "1.2"), .string(6, "a note"), .message(7, sampleGraph),
    .opset(21), .opset(1, domain: "local"),
    .entry(14, "labels", "[\"cat\",\"dog\"]"), .entry(14, "preprocessing", "{}"),
    .message(
        25,
        .string(1, "Twice"), .string(4, "x"), .string(5, "y"), .string(6, "alpha"),
        .message(
            7, .string(1, "x"), .string(1, "x"), .string(2, "y"), .string(4, "Add"),
            .message(5, .string(1, "axis"), .string(21, "alpha"), .int(20, 2))),
        .message(9, .int(2, 21)), .string(10, "local"),
        .message(11, .string(1, "beta"), .float(2, 0.5), .int(20, 1)),
        .message(12, .string(1, "y")), .string(13, "o"), .entry(14, "k", "v"))
).bytes

private let sampleGraph = Proto(
    .string(2, "main"),
    .message(
        1,
        .string(1, "image"), .string(1, ""), .string(1, "w"), .string(2, "h"), .string(3, "/conv"), .string(4, "Conv"),
        .string(7, "ai.onnx"), .entry(9, "pkg.torch.onnx.name_scopes", "['', 'layer1']"),
        .message(5, .string(1, "alpha"), .float(2, 0.25), .int(20, 1)),
        .message(5, .string(1, "group"), .int(3, -1), .int(20, 2)),
        .message(5, .string(1, "auto_pad"), .string(4, "SAME_UPPER"), .int(20, 3)),
        .message(5, .string(1, "scales"), .floats(7, [1, 2.5]), .float(7, -3), .int(20, 6)),
        .message(5, .string(1, "pads"), .int(8, 0), .ints(8, [1, -2]), .int(20, 7)),
        .message(5, .string(1, "names"), .string(9, "a"), .string(9, "b"), .int(20, 8)),
        .message(5, .string(1, "old"), .int(3, 7)),
        .message(5, .string(1, "default"), .int(20, 2)),
        .message(5, .string(1, "sparse"), .message(22), .int(20, 11))),
    .message(
        1,
        .string(2, "c"), .string(4, "Constant"),
        .message(5, .string(1, "value"), .message(5, .int(2, 7), .ints(7, [-5])), .int(20, 4)),
        .message(5, .string(1, "list"), .message(10, .int(2, 1), .float(4, 1)), .int(20, 9))),
    .message(
        1,
        .string(1, "c"), .string(2, "y"), .string(4, "If"), .string(7, "local"), .string(8, "o"),
        .message(
            5, .string(1, "then_branch"), .int(20, 5),
            .message(6, .string(2, "inner"), .message(1, .string(4, "Identity"))))),
    .message(5, .ints(1, [2, 2]), .int(2, 1), .string(8, "w"), .data(9, (0..<16).map { $0 })),
    .message(5, .int(1, 3), .int(2, 1), .string(8, "floats"), .floats(4, [1, 2]), .float(4, 3)),
    .message(5, .int(1, 2), .int(2, 11), .string(8, "doubles"), .doubles(10, [1.5]), .double(10, 2.5)),
    .message(5, .int(1, 2), .int(2, 10), .string(8, "halves"), .ints(5, [0x3c00, 0xc000])),
    .message(5, .int(1, 3), .int(2, 7), .string(8, "shape"), .ints(7, [1, -1]), .int(7, 300)),
    .message(5, .int(1, 1), .int(2, 13), .string(8, "unsigned"), .int(11, 9)),
    .message(5, .int(1, 2), .int(2, 8), .string(8, "words"), .string(6, "one"), .string(6, "")),
    .message(
        11, .string(1, "image"),
        .message(
            2,
            .message(
                1, .int(1, 1),
                .message(
                    2, .message(1, .string(2, "N")), .message(1, .int(1, 3)),
                    .message(1, .int(1, -1)), .message(1))))),
    .message(12, .string(1, "y"), .message(2, .message(1, .int(1, 10)))),
    .message(13, .string(1, "h"), .message(2, .message(4))),
    .message(13, .string(1, "scalar"), .message(2, .message(1, .int(1, 7), .message(2)))),
    .entry(16, "g", "1"))
