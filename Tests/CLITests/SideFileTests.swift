import Foundation
import Testing
import TestSupport

@testable import CLI

/// Files beside a model are read as far as they are files of a size that makes sense.
@Suite(.timeLimit(.minutes(3))) struct SideFileTests {
    let folder = TemporaryFolder()
    private var model: String { folder.write(NetworkFile().bytes, to: "m.onnx") }

    private func list(_ words: [String] = []) throws -> Finished {
        try run(program, ["--list-layers", "--model", model] + words)
    }

    @Test(arguments: ["m.json", "m.labels.txt"])
    func pipesAndDevicesBesideAModelAreTold(_ name: String) throws {
        let path = folder.path + "/" + name
        #expect(mkfifo(path, 0o600) == 0)
        let reason = "\(path): cannot be read: a pipe, device or socket; give a regular file\n"
        let pipe = try list()
        #expect(pipe.status == 3 && pipe.errors == "gradcam: " + reason)
        unlink(path)
        #expect(symlink("/dev/zero", path) == 0)
        let device = try list()
        #expect(device.status == 3 && device.errors == "gradcam: " + reason)
    }

    @Test func othersConfigurationsArePassedOver() throws {
        #expect(mkfifo(folder.path + "/config.json", 0o600) == 0)
        #expect(try list().status == 0)
    }

    @Test func aNamedPipeIsReadAndNothingElse() throws {
        let shell = "\"$0\" --list-layers --model \"$1\" --labels <(printf 'a\\nb\\nc\\nd\\n')"
        #expect(try run("/usr/bin/env", ["bash", "-c", shell, program, model]).status == 0)
        let input = try run(
            program, ["--list-layers", "--model", model, "--labels", "/dev/stdin"], input: "a\nb\nc\nd\n")
        #expect(input.status == 0, "\(input.errors)")
        let late =
            "mkfifo \"$2\"; (sleep 0.3; printf 'a\\nb\\nc\\nd\\n' >\"$2\") & "
            + "\"$0\" --list-layers --model \"$1\" --labels \"$2\""
        let waited = try run("/usr/bin/env", ["bash", "-c", late, program, model, folder.path + "/pipe"])
        #expect(waited.status == 0, "\(waited.errors)")
        for (path, reason) in [
            ("/dev/zero", "a pipe, device or socket"), (folder.path, "Is a directory"),
        ] {
            let result = try list(["--labels", path])
            #expect(
                result.status == 2 && result.errors.contains("\(path): cannot be read: \(reason)"), "\(result.errors)")
        }
        let endless = "\"$0\" --list-layers --model \"$1\" --labels <(yes)"
        let result = try run("/usr/bin/env", ["bash", "-c", endless, program, model])
        #expect(result.status == 2 && result.errors.contains("more than 16 MB"), "\(result.errors)")
    }

    @Test(arguments: [
        ("\n", 20_000_000, "more than 16 MB"), ("\n", 10_000_000, "more than 4000000 lines or commas"),
        ("a,", 5_000_000, "more than 4000000 lines or commas"), ("[", 10_000_000, "neither JSON nor a Python literal"),
        ("a", 10_000_000, "has 10000000 bytes; give one of at most 1000"),
    ])
    func hugeLabelsCostLittle(_ unit: String, _ count: Int, _ reason: String) throws {
        let path = folder.write(Array(String(repeating: unit, count: count).utf8), to: "labels.txt")
        let shell = "ulimit -v 2000000; \"$@\""
        let result = try run(
            "/usr/bin/env",
            ["bash", "-c", shell, "bash", program, "--list-layers", "--model", model, "--labels", path],
            environment: ["OPENBLAS_NUM_THREADS": "1"])
        #expect(result.status == 2 && result.errors.contains(reason), "\(result.errors.prefix(400))")
        #expect(result.errors.unicodeScalars.count < 400)
    }

    /// Numbers that no float holds, and keys that are there twice: the last one counts, as in Python.
    @Test(arguments: [
        (#"{"mean": [1e999]}"#, "mean [inf] should be 1 or 3 numbers"),
        (#"{"mean": NaN}"#, "mean [nan] should be 1 or 3 numbers"),
        (#"{"std": [0]}"#, "std [0] should be 1 or 3 numbers above 0"),
        (#"{"std": 1e-999}"#, "std [0] should be 1 or 3 numbers above 0"),
        (#"{"size": 1e999}"#, "size should be a number of pixels"),
        (#"{"size": 8, "size": 0}"#, "size of 0 pixels should be 1 to 8192"),
        (String(repeating: "[", count: 100_000), "preprocessing is not valid JSON (line 1)"),
    ])
    func numbersThatAreNone(_ text: String, _ reason: String) throws {
        folder.write(Array(text.utf8), to: "m.json")
        let result = try list()
        #expect(result.status == 3 && result.errors.contains(reason), "\(result.errors)")
    }

    @Test(arguments: [["--mean", "nan"], ["--std", "0"], ["--std", "inf"], ["--mean", "1e999"]])
    func flagsThatAreNoNumbers(_ words: [String]) throws {
        let result = try list(words)
        #expect(result.status == 2 && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    @Test func weightsThatAreNoNumbersAreTold() throws {
        var network = NetworkFile()
        network.weights = [
            Proto(.ints(1, [4, 3, 1, 1]), .int(2, 1), .floats(4, [Float](repeating: .nan, count: 12)), .string(8, "w"))
        ]
        let path = folder.write(network.bytes, to: "nan.onnx")
        let result = try explain([try folder.photo("cat.jpg"), "--output-dir", folder.path], model: path)
        #expect(result.errors.contains("the network's scores are not all finite numbers"), "\(result.errors)")
        #expect(!result.errors.contains("is blank"))
        let check = try run(program, ["--check", "--model", path])
        #expect(check.status == 0 && check.errors.contains("warning: the network's scores are not all finite"))
    }
}
