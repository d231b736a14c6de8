import ActivationMaps

/// How maps are computed.
extension Flag.Section {
    static let computing = Flag.Section(
        title: "Computing",
        flags: [
            .toggle("--aug-smooth", "average over flipped and scaled copies of the input") { $0.augSmooth = true },
            .toggle("--eigen-smooth", "first principal component of the weighted activations") {
                $0.eigenSmooth = true
            },
            .choice(
                "--layer-fusion", "NAME",
                "how the maps of several layers become one: mean, max, product (default: mean)", \.fusion),
            .toggle(
                "--signed", "maps of -1..1 that show what speaks against the class, too, in blue and red"
            ) { $0.isSigned = true },
            .value(
                "--seed", "N", "what methods draw at random by (default: 0)", \.options.seed,
                Values.integer(0...Int.max)),
            .value(
                "--channels", "N",
                "how many channels of a layer scorecam, sscam and iscam try out: those of the largest standard "
                    + "deviation (default: all)", \.options.channels, Values.integer(1...1_000_000)),
            .value(
                "--samples", "N",
                "how many copies of the input a method averages (default: the method's own)", \.options.samples,
                Values.integer(1...1_000_000)),
            .value(
                "--steps", "N",
                "in how many steps a method walks from the baseline to the input, or strengthens its masks "
                    + "(default: its own)",
                \.options.steps, Values.integer(1...10_000)),
            .choice(
                "--baseline", "NAME",
                "where the path to the input begins, and what covers it: zero (the mean colour), blur or white "
                    + "(default: zero)",
                \.options.baseline),
            .toggle("--use-cuda", "compute on an NVIDIA GPU where there is one, else on the CPU") {
                ($0.device, $0.needsDevice) = (.cuda, false)
            },
            .value(
                "--device", "cpu|cuda", "what to compute on; cuda is an error where it is not there (default: cpu)",
                \.chosenDevice, Values.device, form: .word(Values.words(of: Arguments.Device.self))),
            .choice(
                "--precision", "float32|bf16x3|bf16|tf32",
                "of the factors of convolutions: bf16x3 and bf16 need AMX (default: bf16x3 where it is, else float32); "
                    + "tf32 needs an NVIDIA GPU",
                \.precision,
                elsewhere: ["fp32": .float32, "f32": .float32, "float": .float32, "bfloat16": .bf16]),
            .value(
                "--threads", "N", "compute threads (default: all cores that it may use)", \.threads,
                Values.integer(1...1024)),
            .value(
                "--batch", "N",
                "photos per pass, each with the same numbers (default: up to 8 where the network gains by it)",
                \.batch, Values.integer(1...64)),
            .value(
                "--batch-size", "N", "masked inputs per pass (default: chosen to fit)", \.batchSize,
                Values.integer(1...4096)),
            .value(
                "--max-memory", "N",
                "the most memory for the network's values, such as 4GB (default: three quarters of the machine's)",
                \.limits.memory.bytes, Values.bytes),
            .value(
                "--max-elements", "N", "the most numbers in one tensor of a network (default: 2147483648)",
                \.limits.elements, Values.count),
            .value(
                "--max-nodes", "N",
                "the most nodes of a network, with its functions' wherever they are called (default: 200000)",
                \.limits.nodes, Values.count),
            .value(
                "--max-nesting", "N", "how deep functions and branches may stand in one another (default: 64)",
                \.limits.nesting, Values.integer(1...256)),
            .value(
                "--max-operations", "N",
                "the most multiplications that a network may take an image, such as 500G (default: 10T)",
                \.limits.operations, Values.count),
        ])
}
