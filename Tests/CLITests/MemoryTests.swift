import Testing
import TestSupport

@testable import CLI

/// `--max-memory`, and files that ask for more than there is.
@Suite struct MemoryLimitTests {
    private static let folder = Shared.repository + "/Tests/Goldens/hostile/memory/"

    /// Files, the node that is named, and what it would take.
    @Test(arguments: [
        ("conv_pads_2e18", "Conv_0", "2.2 TB"), ("conv_pads_1e4", "hostile", "3.3 GB"), ("pad_2e20", "Pad_3", "2.2 TB"),
        ("conv_transpose", "hostile", "17 GB"), ("resize", "hostile", "19 GB"), ("expand", "hostile", "205 GB"),
        ("expand_2e31", "Expand_3", "8.6 GB"), ("tile", "hostile", "205 GB"), ("range", "hostile", "13 GB"),
        ("constant_of_shape", "hostile", "8.1 GB"), ("gather", "indices", "17 GB"), ("broadcast", "hostile", "275 GB"),
        ("einsum", "hostile", "275 GB"), ("concat_x30", "Concat_21", "1.1 GB"), ("in_2e15", "image_", "13 GB"),
    ])
    func whatDoesNotFitIsRefusedByName(_ file: String, _ node: String, _ bytes: String) throws {
        for words in [["--check"], [Case.photo, "--outputs", "cam"]] {
            let result = try run(
                program, words + ["--model", "\(Self.folder)\(file).onnx", "--max-memory", "1GB", "--threads", "1"])
            #expect(result.status == 3)
            #expect(result.errors.contains(node) && result.errors.contains(bytes), "\(result.errors)")
            let isOfMemory = ["1.0 GB are allowed", "--max-memory"].allSatisfy(result.errors.contains)
            #expect(isOfMemory, "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1 && result.errors.count <= 400, "\(result.errors)")
        }
    }

    /// A limit of addresses bounds what is asked for, before the system refuses it.
    @Test func theSystemsLimitCounts() throws {
        for (file, kind) in [("conv_pads_1e4", "v"), ("concat_x30", "v"), ("in_2e15", "d")] {
            let words = [
                "ulimit -\(kind) 3000000; exec \"$0\" \"$@\"", program, "--check", "--threads", "1", "--model",
            ]
            let result = try run("/bin/sh", ["-c"] + words + ["\(Self.folder)\(file).onnx"])
            #expect(result.status == 3 && result.errors.contains("2.3 GB are allowed"), "\(result.errors)")
        }
    }

    @Test func aHugeInputIsRefusedBeforeAPhotoIsRead() throws {
        let model = try Golden("mobilenet_v2").path + "/torchscript.onnx"
        let result = try run(
            program, ["no-such.jpg", "--model", model, "--input-size", "8192", "--max-memory", "1GB"])
        #expect(result.status == 3 && result.errors.contains("--max-memory"), "\(result.errors)")
    }

    @Test func theLimitIsTheUsers() throws {
        let words = ["--check", "--model", Shared.repository + "/Models/catdog.onnx", "--max-memory"]
        #expect(try run(program, words + ["500MB"]).status == 0)
        // What passes is what runs of all pictures take.
        let photos = [Shared.repository + "/Photos/cat.jpg", Shared.repository + "/Photos/dog.jpg", "-o"]
        let least = try [5, 10, 20, 40, 80].first { try run(program, words + ["\($0)MB"]).status == 0 }
        let folder = TemporaryFolder()
        let limit = "\(try #require(least))MB"
        #expect(try run(program, photos + [folder.path] + words.dropFirst() + [limit]).status == 0, "\(limit)")
        let result = try run(program, words + ["1MB"])
        #expect(result.status == 3 && result.errors.contains("1.0 MB are allowed"), "\(result.errors)")
        for wrong in ["", "much", "-1GB", "4XB", "0", "1e30TB"] {
            #expect(try run(program, words + [wrong]).status == 2, "\(wrong)")
        }
    }

    /// Where all masks of a pass do not fit, fewer run at once, with the same maps.
    @Test func scoreCAMRunsInSmallerPasses() throws {
        let folder = TemporaryFolder()
        func map(_ limit: String) throws -> [Float] {
            let words = [
                "--model", Shared.repository + "/Models/catdog.onnx", "--method", "scorecam", "--outputs", "cam",
            ]
            let result = try run(
                program,
                [Shared.repository + "/Photos/cat.jpg", "--save-map", "--max-memory", limit, "-o", folder.path] + words)
            #expect(result.status == 0, "\(result.errors)")
            return try readNPY(folder.path + "/scorecam_cam.npy")
        }
        let expected = try map("1GB")
        // Weights that are packed for many images take some 60 MB.
        for limit in ["20MB", "45MB", "90MB"] { #expect(maxDifference(try map(limit), expected) <= 1e-5, "\(limit)") }
    }

    @Test func unitsArePowersOfAThousand() throws {
        for (text, bytes) in [
            ("4GB", 4_000_000_000), ("500m", 500_000_000), ("1.5 TB", 1_500_000_000_000),
            ("2000000", 2_000_000), ("3000KB", 3_000_000),
        ] {
            #expect(try Values.bytes(text) == bytes, "\(text)")
        }
    }
}
