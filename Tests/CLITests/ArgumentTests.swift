import Imaging
import Testing

@testable import CLI

/// The command line that `words` spell, split at spaces.
private func parse(_ words: String) throws(ArgumentFault) -> Arguments {
    try Arguments(parsing: words.split(separator: " ").map(String.init))
}

private struct Case: Sendable, CustomTestStringConvertible {
    let words: String
    let change: @Sendable (inout Arguments) -> Void
    init(_ words: String, _ change: @escaping @Sendable (inout Arguments) -> Void) {
        (self.words, self.change) = (words, change)
    }
    var testDescription: String { words }
}

@Suite struct ArgumentTests {
    @Test func standardValues() throws {
        let arguments = try parse("a.jpg")
        #expect(arguments.imagePaths == ["a.jpg"])
        #expect(arguments.methods == ["gradcam"])
        #expect(arguments.outputs == [.cam, .gb, .cam_gb])
        #expect(arguments.colours == .jet && arguments.imageWeight == 0.5 && arguments.quality == 95)
        #expect(arguments.outputDirectory == "." && arguments.topK == 1 && arguments.device == nil)
        #expect(
            arguments.model == nil && arguments.mean == nil && arguments.inputSize == nil && arguments.threads == nil)
        #expect(
            !arguments.json && !arguments.quiet && arguments.showsProgress && arguments.saveMap == nil
                && !arguments.namesClasses)
    }

    /// Each line differs from the standard values for `a.jpg` by one change.
    @Test(arguments: [
        Case("--image-path a.jpg") { _ in },
        Case("--image-path=a.jpg") { _ in },
        Case("-- a.jpg") { _ in },
        Case("a.jpg b.jpg --image-path c") { $0.imagePaths = ["a.jpg", "b.jpg", "c"] },
        Case("a.jpg -") { $0.imagePaths = ["a.jpg", "-"] },
        Case("a.jpg --image-path -") { $0.imagePaths = ["a.jpg", "-"] },
        Case("a.jpg -- --json -x") { $0.imagePaths = ["a.jpg", "--json", "-x"] },
        Case("a.jpg --method gradcam++,scorecam") { $0.methods = ["gradcam++", "scorecam"] },
        Case("a.jpg --method scorecam --method=gradcam,scorecam") { $0.methods = ["scorecam", "gradcam"] },
        Case("a.jpg --method ALL") { $0.methods = ["all"] },
        Case("a.jpg --method cheap,gradcam,cheap") { $0.methods = ["cheap", "gradcam"] },
        Case("a.jpg --target-category 281,tabby") { $0.categories = [[.index(281), .label("tabby")]] },
        Case("a.jpg --target-category 0") { $0.categories = [[.index(0)]] },
        Case("a.jpg --target-category malignant --target-category=b,2") {
            $0.categories = [[.label("malignant")], [.label("b"), .index(2)]]
        },
        Case("a.jpg -m m.onnx -o out -j -q -0") {
            ($0.model, $0.outputDirectory, $0.json, $0.quiet, $0.endsPathsInNUL) = ("m.onnx", "out", true, true, true)
        },
        Case("a.jpg -m=m.onnx --null") {
            $0.model = "m.onnx"; $0.endsPathsInNUL = true
        },
        Case("a.jpg -- -0") { $0.imagePaths = ["a.jpg", "-0"] },
        Case("a.jpg --top-k 3") { $0.topK = 3 },
        Case("a.jpg --shard 2/4") { $0.share = .init(index: 2, count: 4) },
        Case("a.jpg --model m.onnx --model n.onnx") { $0.model = "n.onnx" },
        Case("a.jpg --target-layer layer4[-1],model.layer3[0]") { $0.layers = ["layer4[-1]", "model.layer3[0]"] },
        Case("a.jpg --labels l.txt") { $0.labels = "l.txt" },
        Case("a.jpg --mean 0.485,0.456,0.406 --std 1") {
            $0.mean = [0.485, 0.456, 0.406]; $0.std = [1, 1, 1]
        },
        Case("a.jpg --mean -0.5,0,1") { $0.mean = [-0.5, 0, 1] },
        Case("a.jpg --input-size 224") { $0.inputSize = .init(width: 224, height: 224) },
        Case("a.jpg --input-size 320x240") { $0.inputSize = .init(width: 320, height: 240) },
        Case("a.jpg --channel-order bgr --resize letterbox") {
            $0.channelOrder = .bgr; $0.resize = .letterbox
        },
        Case("a.jpg --crop-size 224 --interpolation BICUBIC") {
            $0.cropSize = .init(width: 224, height: 224); $0.interpolation = .bicubic
        },
        Case("a.jpg --bit-depth 12") { $0.bitDepth = .bits(12) },
        Case("a.jpg --bit-depth auto") { $0.bitDepth = .automatic },
        Case("a.jpg --aug-smooth --eigen-smooth") {
            $0.augSmooth = true; $0.eigenSmooth = true
        },
        Case("a.jpg --use-cuda") { $0.device = .cuda },
        Case("a.jpg --use-cuda --device cpu") { $0.device = .cpu },
        Case("a.jpg --device cpu --use-cuda") { $0.device = .cuda },
        Case("a.jpg --use-cuda --device CUDA") {
            $0.device = .cuda; $0.needsDevice = true
        },
        Case("a.jpg --device cuda --use-cuda") { $0.device = .cuda },
        Case("a.jpg --threads 1 --batch 4 --batch-size 8") {
            $0.threads = 1; $0.batch = 4; $0.batchSize = 8
        },
        Case("a.jpg --output-dir o/p --outputs cam_gb,cam") {
            $0.outputDirectory = "o/p"; $0.outputs = [.cam_gb, .cam]
        },
        Case("a.jpg --compare") {
            $0.compares = true; $0.outputs = [.cam, .gb, .cam_gb, .compare]
        },
        Case("a.jpg --outputs compare") { $0.outputs = [.compare] },
        Case("a.jpg --compare --outputs compare,cam --colorbar --colormap bwr") {
            $0.compares = true; $0.outputs = [.compare, .cam]; $0.showsColorbar = true; $0.colormap = .bwr
        },
        Case("a.jpg --concepts 3") {
            $0.concepts = 3; $0.outputs = [.cam, .gb, .cam_gb, .concepts]
        },
        Case("a.jpg --outputs concepts,gb --target-layer a") {
            $0.outputs = [.concepts, .gb]; $0.layers = ["a"]
        },
        Case("a.jpg --save-map --colormap viridis --image-weight 0 --quality 1") {
            $0.saveMap = .photo; $0.colormap = .viridis; $0.imageWeight = 0; $0.quality = 1
        },
        Case("a.jpg --save-map") { $0.saveMap = .photo },
        Case("--save-map a.jpg") { $0.saveMap = .photo },
        Case("--save-map layer a.jpg") { $0.saveMap = .layer },
        Case("--save-map=INPUT a.jpg") { $0.saveMap = .input },
        Case("a.jpg --save-map ./layer") {
            $0.saveMap = .photo; $0.imagePaths = ["a.jpg", "./layer"]
        },
        Case("a.jpg --save-map=photo layer") {
            $0.saveMap = .photo; $0.imagePaths = ["a.jpg", "layer"]
        },
        Case("a.jpg --save-map -- layer") {
            $0.saveMap = .photo; $0.imagePaths = ["a.jpg", "layer"]
        },
        Case("a.jpg --save-map layer --save-map") { $0.saveMap = .photo },
        Case("a.jpg --outputs none") { $0.outputs = [.nothing] },
        Case("a.jpg --outputs none --concepts 3 -q -j") {
            ($0.outputs, $0.concepts, $0.quiet, $0.json) = ([.nothing], 3, true, true)
        },
        Case("a.jpg --outputs none --quiet --save-map layer") {
            ($0.outputs, $0.quiet, $0.saveMap) = ([.nothing], true, .layer)
        },
        Case("a.jpg --json --quiet --no-progress") {
            $0.json = true; $0.quiet = true; $0.showsProgress = false
        },
    ])
    fileprivate func accepted(_ line: Case) throws {
        var expected = try parse("a.jpg")
        line.change(&expected)
        #expect(try parse(line.words) == expected)
    }

    @Test(arguments: [
        ("--help", Arguments.Action.help), ("-h", .briefHelp), ("-V", .version), ("-q -h -m", .briefHelp),
        ("--version", .version), ("--list-methods", .listMethods),
        ("--list-layers --model x", .listLayers), ("--check --model x", .check), ("--list-models", .listModels),
        ("a.jpg --help --nonsense", .help),
        ("--generate complete-zsh --nonsense", .generate(.zsh)),
    ])
    func actions(_ words: String, _ action: Arguments.Action) throws {
        #expect(try parse(words).action == action)
    }

    @Test(arguments: [
        ("a.jpg --methd gradcam", ArgumentFault.unknownFlag("--methd", nearest: "--method")),
        ("a.jpg --image_path x", .unknownFlag("--image_path", nearest: "--image-path")),
        ("a.jpg -method x", .unknownFlag("-method", nearest: "--method")),
        ("a.jpg --goal x", .unknownFlag("--goal", nearest: nil)),
        ("a.jpg --frobnicate=1", .unknownFlag("--frobnicate", nearest: nil)),
        ("a.jpg -x", .unknownFlag("-x", nearest: nil)),
        ("a.jpg --model", .missingValue(flag: "--model", placeholder: "NAME|FILE|FOLDER")),
        ("a.jpg --model --json", .missingValue(flag: "--model", placeholder: "NAME|FILE|FOLDER")),
        ("a.jpg -m", .missingValue(flag: "-m", placeholder: "NAME|FILE|FOLDER")),
        ("a.jpg --output-dir -j", .missingValue(flag: "--output-dir", placeholder: "DIR")),
        ("a.jpg -j=yes", .unexpectedValue(flag: "-j", value: "yes")),
        ("a.jpg -nul", .unknownFlag("-nul", nearest: "--null")),
        ("a.jpg --target-category cat,", .badValue(flag: "--target-category", value: "cat,", .empty)),
        ("-0", .noPhoto),
        ("a.jpg --json=yes", .unexpectedValue(flag: "--json", value: "yes")),
        (
            "a.jpg --method gradcan",
            .badValue(
                flag: "--method", value: "gradcan",
                .notOneOf(Vocabulary.methods + ["all", "cheap"], nearest: "gradcam"))
        ),
        ("a.jpg --method gradcam,", .badValue(flag: "--method", value: "gradcam,", .empty)),
        ("a.jpg --method=", .badValue(flag: "--method", value: "", .empty)),
        (
            "a.jpg --device gpu",
            .badValue(flag: "--device", value: "gpu", .notOneOf(["cpu", "cuda"], nearest: "cuda"))
        ),
        (
            "a.jpg --device NVIDIA",
            .badValue(flag: "--device", value: "NVIDIA", .notOneOf(["cpu", "cuda"], nearest: "cuda"))
        ),
        (
            "a.jpg --precision fp32",
            .badValue(
                flag: "--precision", value: "fp32",
                .notOneOf(["float32", "bf16x3", "bf16", "tf32"], nearest: "float32")
            )
        ),
        ("a.jpg --device cuda:1", .badValue(flag: "--device", value: "cuda:1", .numberedCard("1"))),
        (
            "a.jpg --resize=stretch",
            .badValue(flag: "--resize", value: "stretch", .notOneOf(["squash", "crop", "letterbox"], nearest: nil))
        ),
        (
            "a.jpg --colormap virids",
            .badValue(
                flag: "--colormap", value: "virids", .notOneOf(Colormap.allCases.map(\.rawValue), nearest: "viridis"))
        ),
        (
            "a.jpg --outputs cam-gb",
            .badValue(
                flag: "--outputs", value: "cam-gb",
                .notOneOf(["cam", "gb", "cam_gb", "compare", "concepts", "none"], nearest: "cam_gb"))
        ),
        ("a.jpg --top-k 0", .badValue(flag: "--top-k", value: "0", .outOfRange(low: "1", high: "100000"))),
        ("a.jpg --top-k three", .badValue(flag: "--top-k", value: "three", .notANumber)),
        (
            "a.jpg --threads 99999999999999999999",
            .badValue(flag: "--threads", value: "99999999999999999999", .outOfRange(low: "1", high: "1024"))
        ),
        (
            "a.jpg --target-category -1",
            .badValue(flag: "--target-category", value: "-1", .outOfRange(low: "0", high: "2147483647"))
        ),
        ("a.jpg --image-weight nan", .badValue(flag: "--image-weight", value: "nan", .notANumber)),
        (
            "a.jpg --image-weight 1.5",
            .badValue(flag: "--image-weight", value: "1.5", .outOfRange(low: "0.0", high: "1.0"))
        ),
        (
            "a.npy --preview-channels 1,x",
            .badValue(flag: "--preview-channels", value: "1,x", .notANumber)
        ),
        ("a.jpg --mean a,b,c", .badValue(flag: "--mean", value: "a,b,c", .notANumber)),
        ("a.jpg --std 0", .badValue(flag: "--std", value: "0", .malformed(expected: "numbers above 0"))),
        (
            "a.jpg --input-size 224x",
            .badValue(flag: "--input-size", value: "224x", .malformed(expected: "N or WxH, such as 224 or 320x240"))
        ),
        ("a.jpg --input-size 0", .badValue(flag: "--input-size", value: "0", .outOfRange(low: "1", high: "8192"))),
        ("a.jpg --bit-depth 7", .badValue(flag: "--bit-depth", value: "7", .outOfRange(low: "8", high: "16"))),
        (
            "a.jpg --interpolation cubic",
            .badValue(
                flag: "--interpolation", value: "cubic",
                .notOneOf(Preprocessing.Interpolation.allCases.map(\.rawValue), nearest: nil))
        ),
        (
            "a.jpg --shard 5/4",
            .badValue(
                flag: "--shard", value: "5/4", .malformed(expected: "I/N with I from 1 to N, such as 2/4, or auto"))
        ),
        ("a.jpg --concepts 2 --target-layer a,b", .conflict("concepts", "several of --target-layer")),
        ("a.jpg --outputs none,cam", .conflict("--outputs none", "--outputs cam")),
        ("a.jpg --compare --outputs none", .conflict("--outputs none", "--compare")),
        ("a.jpg --outputs none --quiet", .nothingAskedFor),
        ("a.jpg --save-map=", .badValue(flag: "--save-map", value: "", .empty)),
        (
            "a.jpg --save-map=layers",
            .badValue(flag: "--save-map", value: "layers", .notOneOf(["photo", "input", "layer"], nearest: "layer"))
        ),
        ("--save-map photo", .noPhoto),
        ("a.jpg --outputs none --concepts 2 --target-layer a,b", .conflict("concepts", "several of --target-layer")),
        ("a.jpg --top-k 2 --target-category 1", .conflict("--top-k", "--target-category")),
        ("a.jpg --categories t.csv --target-category 1", .conflict("--target-category", "--categories")),
        ("a.jpg --score rest --against 2", .conflict("--against", "--score rest")),
        ("a.jpg --target x[0] --top-k 2", .conflict("--target", "--top-k")),
        ("a.jpg --target x[0] --target y[0]", .conflict("output 'x'", "output 'y'")),
        ("a.jpg --target x[0] --output y", .conflict("output 'x'", "output 'y'")),
        ("a.jpg --target-mask m.png --similar-to b.jpg", .conflict("--target-mask", "--similar-to")),
        ("a.jpg --target-box 3 --score rest", .conflict("--target-box", "--score rest")),
        ("a.jpg --target-box 3 --target-category 1,2", .conflict("--target-box", "several of --target-category")),
        ("--json", .noPhoto),
        ("", .noPhoto),
        ("--", .noPhoto),
    ])
    func refused(_ words: String, _ fault: ArgumentFault) {
        #expect(throws: fault) { try parse(words) }
    }

    @Test func shortFlagsStandInTheHelp() {
        #expect(Flag.all.compactMap(\.short).sorted() == ["-0", "-V", "-j", "-m", "-o", "-q"])
        for line in ["  -0, --null ", "  -m, --model NAME|FILE", "  -o, --output-dir DIR ", "  -V, --version "] {
            #expect(Help.text.contains("\n" + line))
        }
    }

    @Test func emptyPathIsRefused() {
        #expect(throws: ArgumentFault.badValue(flag: "--image-path", value: "", .empty)) {
            try Arguments(parsing: [""])
        }
    }

    @Test func classesAreNamedByWhatWasAskedFor() throws {
        #expect(try !parse("a --target-category 3").namesClasses)
        #expect(try parse("a --target-category 3,4").namesClasses)
        #expect(try parse("a --top-k 2").namesClasses)
    }
}
