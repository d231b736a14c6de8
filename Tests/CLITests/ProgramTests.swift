import Platform
import Testing

@testable import CLI

/// The built program, which lies beside the tests.
let program: String = {
    guard let tests = programPath() else { return "gradcam" }
    return Paths.folder(tests) + "/gradcam"
}()

@Suite struct ProgramTests {
    @Test func version() throws {
        let result = try run(program, ["--version"])
        #expect(result.status == 0)
        #expect(result.output == "gradcam \(Vocabulary.version)\n")
    }

    @Test func help() throws {
        let result = try run(program, ["--help"])
        #expect(result.status == 0)
        #expect(result.output == Help.text + "\n")
        #expect(result.errors == "")
    }

    @Test(arguments: [["--methd", "x"], [], ["a.jpg", "--top-k", "0"], ["a.jpg", "--model"]])
    func wrongCommandLineIsOneLineAndExitsWith2(_ words: [String]) throws {
        let result = try run(program, words)
        #expect(result.status == 2)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("gradcam: ") && result.errors.split(separator: "\n").count == 1)
    }

    @Test func refusesKernelsThatTheProcessorLacks() throws {
        let result = try run(program, ["--version"], environment: ["GRADCAM_KERNELS": "mmx"])
        #expect(result.status == 2)
        #expect(result.output == "")
        #expect(
            result.errors.hasPrefix("gradcam: GRADCAM_KERNELS is 'mmx'; on this processor it must be one of "))
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test func fullStandardOutputIsToldAndExitsWith1() throws {
        let result = try run("/usr/bin/env", ["bash", "-c", "exec \"$0\" --help >/dev/full", program])
        #expect(result.status == 1)
        #expect(result.errors == "gradcam: cannot write to standard output: No space left on device\n")
    }
}
