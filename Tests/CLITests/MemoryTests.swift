import Testing
import TestSupport

@testable import CLI

/// `--max-memory`, and files that ask for more than there is.
@Suite struct MemoryLimitTests {
    @Test func aPaddedConvolutionIsRefusedByName() throws {
        let file = Case("memory-padded-to-terabytes").path("conv_pads_2e18.onnx")
        let result = try run(program, ["--check", "--model", file])
        #expect(result.status == 3)
        for text in ["node 'Conv_0'", "2.2 TB", "are allowed", "--max-memory"] {
            #expect(result.errors.contains(text), "\(result.errors)")
        }
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test func theLimitIsTheUsers() throws {
        let words = ["--check", "--model", Shared.repository + "/Models/catdog.onnx", "--max-memory"]
        #expect(try run(program, words + ["500MB"]).status == 0)
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
        #expect(maxDifference(try map("12MB"), try map("1GB")) <= 1e-5)
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
