import Foundation
import Testing
import TestSupport

/// What is computed on, and what is said of it: without a card, and with the stand-in of CUDATests in the place of
/// NVIDIA's libraries.
struct DeviceTests {
    private let folder = TemporaryFolder()

    /// - Parameter cuda: a folder with libraries.
    private func explain(_ arguments: [String], cuda: String = "/none") throws -> Finished {
        // Of a machine with a card the driver shows none.
        let environment = [
            "CUDA_VISIBLE_DEVICES": "", "GRADCAM_CUDA_PATH": cuda, "XDG_CACHE_HOME": folder.path + "/cache",
        ]
        return try run(
            program, [try folder.photo("cat.jpg"), "-o", folder.path + "/out", "--save-map"] + arguments,
            environment: environment)
    }

    @Test func theCPUIsToldWhereItIsAskedFor() throws {
        let result = try explain(["--device", "cpu"])
        #expect(result.status == 0 && result.faults == "Using CPU for computation\n")
        #expect(try explain([]).faults == "")
    }

    @Test func withoutACardTheCPUComputes() throws {
        let result = try explain(["--use-cuda"])
        #expect(result.status == 0 && result.faults.hasPrefix("Using CPU for computation\ngradcam: warning: CUDA: "))
        #expect(result.faults.hasSuffix("; computing on the CPU\n"))
    }

    @Test func aCardThatIsNeededIsAnError() throws {
        let result = try explain(["--device", "cuda"])
        #expect(result.status == 2 && result.output == "" && result.faults.hasPrefix("gradcam: CUDA: "))
        let other = try explain(["--use-cuda", "--precision", "bf16"])
        #expect(other.status == 2)
    }

    /// Which a check tells, too, and goes on.
    @Test func aCheckTellsThatThereIsNoCard() throws {
        let environment = ["CUDA_VISIBLE_DEVICES": "", "GRADCAM_CUDA_PATH": "/none", "NVIDIA_TF32_OVERRIDE": "0"]
        let without = try run(program, ["--check", "--use-cuda"], environment: environment)
        let lines = without.output.split(separator: "\n").filter { $0.hasPrefix("card ") }
        #expect(without.status == 0 && without.errors == "" && lines.count == 1)
        #expect(lines.first?.contains("  cannot be used: CUDA: ") == true)
        #expect(lines.first?.hasSuffix("; a run would compute on the CPU") == true)
        #expect(try run(program, ["--check", "--device", "cuda"], environment: environment).status == 2)
        // The environment speaks against the flag, whatever the network and the card.
        for flags in [["--check"], [try folder.photo("cat.jpg")]] {
            for device in [["--use-cuda"], ["--device", "cuda"]] {
                let off = try run(program, flags + device + ["--precision", "tf32"], environment: environment)
                #expect(off.status == 2 && off.output == "")
                #expect(
                    off.errors
                        == "gradcam: CUDA: NVIDIA_TF32_OVERRIDE=0 in the environment switches TF32 off: unset it, "
                        + "or compute in float32 (--precision)\n")
            }
        }
    }

    /// Where only errors are printed a report tells what computed.
    @Test func aQuietReportTellsWhatComputed() throws {
        let quiet = try explain(["--use-cuda", "--quiet", "--json"])
        #expect(quiet.status == 0 && quiet.errors == "")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(quiet.output.utf8)) as? [String: Any])
        #expect(report["kernels"] as? String != "cuda" && report["kernels"] as? String != "")
    }

    /// The stand-in, built by the compiler that is at hand; nil, saying so, where there is none.
    private func standIn() throws -> String? {
        let (root, library) = (Shared.repository + "/Tests/CUDAStandIn", folder.path + "/cuda")
        let sources = try FileManager.default.contentsOfDirectory(atPath: root).filter { $0.hasSuffix(".cpp") }
        let built = try run(
            "/usr/bin/env",
            ["bash", Shared.repository + "/scripts/make_stand_in.sh", library])
        guard built.status == 0, !sources.isEmpty else {
            print("skipped: a card's stand-in: \(built.errors)")
            return nil
        }
        return library
    }

    @Test func aCardComputesTheSame() throws {
        guard let library = try standIn() else { return }
        let map = folder.path + "/out/gradcam_cam.npy"
        #expect(try explain(["--device", "cpu"]).status == 0)
        let expected = try Data(contentsOf: URL(fileURLWithPath: map))
        let result = try explain(["--device", "cuda", "--verbose", "--overwrite", "always"], cuda: library)
        #expect(result.status == 0 && result.faults.contains("Using GPU for acceleration\n"), "\(result.errors)")
        #expect(result.faults.contains("Stand-in, compute capability 8.6") && !result.faults.contains("warning"))
        let found = try Data(contentsOf: URL(fileURLWithPath: map))
        #expect(maxDifference(numbers(expected), numbers(found)) < 1e-4 && expected.count == found.count)
        let check = try run(
            program, ["--check", "--device", "cuda"],
            environment: ["GRADCAM_CUDA_PATH": library, "XDG_CACHE_HOME": folder.path + "/cache"])
        #expect(check.output.contains("card   Stand-in") || check.output.contains("card  Stand-in"))
        #expect(check.output.contains("in float32 scores and map differ by 0.0000"))
    }

    /// TF32 is a card's alone: on the CPU it is refused, or, where the CPU may take the place of a card, float32 is.
    @Test func tf32IsOfACard() throws {
        let refused = try explain(["--precision", "tf32"])
        #expect(refused.status == 2 && refused.faults.hasPrefix("gradcam: tf32 needs an NVIDIA GPU of compute"))
        #expect(refused.faults.contains("(--device)") && refused.faults.hasSuffix("float32 can be had (--precision)\n"))
        let without = try explain(["--use-cuda", "--precision", "tf32", "--json"])
        #expect(without.status == 0 && without.faults.contains("convolutions multiply float32; kernels: "))
        #expect(
            without.output.contains(#""precision":"float32""#) && without.output.contains(#""precision_loss":null"#))
        guard let library = try standIn() else { return }
        let own = try explain(
            ["--device", "cuda", "--precision", "tf32", "--json", "--overwrite", "always"], cuda: library)
        #expect(own.status == 0)
        #expect(own.faults.contains("convolutions and products of matrices multiply TF32; kernels: cuda\n"))
        let report = try #require(try JSONSerialization.jsonObject(with: Data(own.output.utf8)) as? [String: Any])
        #expect(report["precision"] as? String == "tf32" && report["kernels"] as? String == "cuda")
        #expect(try SchemaTests.schema("report").faults(JSONValue(own.output)) == [])
        let loss = try #require(report["precision_loss"] as? [String: Any])
        let (scores, map) = (loss["scores"] as? Double ?? 0, loss["map"] as? Double ?? 0)
        #expect((1e-5...1e-2).contains(scores) && (1e-5...1e-2).contains(map), "\(loss)")
        #expect(!own.faults.contains("warning") && own.faults.contains("tf32 against float32: scores differ by up to"))
        let check = try run(
            program, ["--check", "--device", "cuda", "--precision", "tf32"],
            environment: ["GRADCAM_CUDA_PATH": library, "XDG_CACHE_HOME": folder.path + "/cache"])
        #expect(check.output.contains("in tf32 scores and map differ by 0.00"))
        let off = try run(
            program, ["--check", "--device", "cuda", "--precision", "tf32"],
            environment: [
                "GRADCAM_CUDA_PATH": library, "XDG_CACHE_HOME": folder.path + "/cache", "NVIDIA_TF32_OVERRIDE": "0",
            ])
        #expect(off.status == 2 && off.errors.hasPrefix("gradcam: CUDA: NVIDIA_TF32_OVERRIDE=0"))
    }

    /// A cuDNN that cannot be used is told, and what takes its place.
    @Test func anUnusableCUDNNIsTold() throws {
        guard let library = try standIn() else { return }
        try FileManager.default.removeItem(atPath: library + "/libcudnn_ops.so.9")
        let result = try explain(["--device", "cuda", "--verbose"], cuda: library)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.faults.contains("; convolutions are products of cuBLAS, as cuDNN cannot be used: \(library)/"))
        #expect(result.faults.contains("libcudnn_ops.so.9: cannot open shared object file"))
    }

    /// A library that is cut off, which would end the process, is passed over.
    @Test func aLibraryThatIsCutOffIsPassedOver() throws {
        guard let library = try standIn() else { return }
        let half = folder.path + "/half", whole = URL(fileURLWithPath: library + "/libcublas.so.12")
        let bytes = try Data(contentsOf: whole.resolvingSymlinksInPath())
        try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: true)
        for name in ["libcuda.so.1", "libcublas.so.12", "libcudnn.so.9"] {
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: half + "/" + name))
        }
        let result = try explain(["--device", "cuda", "--verbose"], cuda: half + ":" + library)
        #expect(result.status == 0 && result.faults.contains("cuBLAS (\(library)/libcublas.so.12)"), "\(result.errors)")
        #expect(
            result.faults.contains("; not taken: \(half)/libcudnn.so.9 is cut off: \(bytes.count / 2) of at least "))
        let without = try explain(["--use-cuda"], cuda: half)
        #expect(without.status == 0 && without.faults.contains("warning: CUDA: "), "\(without.errors)")
    }

    /// Of an array file in format version 1.
    private func numbers(_ file: Data) -> [Float] {
        let header = 10 + Int(file[8]) + Int(file[9]) << 8
        return file.dropFirst(header).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
    }
}
