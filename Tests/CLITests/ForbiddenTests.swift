import Foundation
import Testing
import TestSupport

@testable import CLI

/// Networks that the standard forbids are refused in one line that names the node or tensor, with exit code 3.
@Suite struct ForbiddenTests {
    let folder = TemporaryFolder()

    private func check(_ network: NetworkFile) throws -> Finished {
        try run(program, ["--list-layers", "--model", folder.write(network.bytes, to: "m.onnx")])
    }

    @Test func theNetworkItselfIsTaken() throws {
        let result = try check(NetworkFile())
        #expect(result.status == 0 && result.errors == "" && result.output.contains("relu"), "\(result.errors)")
    }

    struct Case: Sendable {
        let reason: String
        let change: @Sendable (inout NetworkFile) -> Void
    }

    @Test(arguments: [
        Case(reason: "node 'conv' (Conv, opset 17): it has 9 inputs where the standard allows 2 to 3") {
            $0.nodes[0] = NetworkFile.node("Conv", ["image"] + [String](repeating: "w", count: 8), ["a"], name: "conv")
        },
        Case(reason: "node 'relu' (Relu, opset 17): it has 2 outputs where the standard allows 1") {
            $0.nodes[1] = NetworkFile.node("Relu", ["a"], ["b", "unread"], name: "relu")
        },
        Case(reason: "node 'relu' (Concat, opset 17): it has 0 inputs where the standard allows 1 or more") {
            $0.nodes[1] = NetworkFile.node("Concat", [], ["b"], name: "relu", NetworkFile.attribute("axis", 1))
        },
        Case(reason: "node 'conv' (Conv, opset 17): attribute 'group' is of the wrong type") {
            $0.nodes[0] = NetworkFile.node(
                "Conv", ["image", "w"], ["a"], name: "conv", NetworkFile.attribute("group", "one"))
        },
        Case(reason: "node 'relu' (Cast, opset 17): it casts to string, which is no type") {
            $0.nodes[1] = NetworkFile.node("Cast", ["a"], ["b"], name: "relu", NetworkFile.attribute("to", 8))
        },
        Case(reason: "node 'relu' (Gelu, opset 17): this operator came with opset 20") {
            $0.nodes[1] = NetworkFile.node("Gelu", ["a"], ["b"], name: "relu")
        },
        Case(reason: "node 'flatten' (Reshape, opset 17): operand 1 is of shape [1, 2] where the standard has a list") {
            $0.nodes[3] = NetworkFile.node("Reshape", ["c", "shape"], ["scores"], name: "flatten")
            $0.weights.append(NetworkFile.integers("shape", [1, 2], [1, 4]))
        },
        Case(reason: "'b' is given twice, by node 'relu' and by node 'again'") {
            $0.nodes.append(NetworkFile.node("Relu", ["a"], ["b"], name: "again"))
        },
        Case(reason: "'w' is given twice, by an initializer and by another one") {
            $0.weights.append($0.weights[0])
        },
        Case(reason: "the file names opset 0, where they count from 1") { $0.opsets = [.opset(0)] },
        Case(reason: "no opset of ONNX's own operators, of which node 'conv' is one") {
            $0.opsets = [.opset(1, domain: "com.microsoft")]
        },
        Case(reason: "input 'image' is a sequence, where a photo is one tensor") {
            $0.inputs = [Proto(.string(1, "image"), .message(2, .message(4)))]
        },
        Case(reason: "input 'image' is an optional, where a photo is one tensor") {
            $0.inputs = [Proto(.string(1, "image"), .message(2, .message(9)))]
        },
    ])
    func refused(_ forbidden: Case) throws {
        var network = NetworkFile()
        forbidden.change(&network)
        let result = try check(network)
        #expect(result.status == 3 && result.output == "")
        #expect(result.errors.hasPrefix("gradcam: \(folder.path)/m.onnx: "), "\(result.errors)")
        #expect(result.errors.contains(forbidden.reason), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1)
    }

    @Test func newerFilesAreTakenWithAWarning() throws {
        var network = NetworkFile()
        network.opsets = [.opset(99)]
        let path = folder.write(network.bytes, to: "m.onnx")
        let result = try run(program, ["--check", "--model", path])
        #expect(result.status == 0)
        #expect(result.errors.contains("warning: the file is of opset 99, newer than"), "\(result.errors)")
    }

    // MARK: External data

    @Test func externalDataLieInTheModelsFolder() throws {
        var network = NetworkFile()
        network.weights = [NetworkFile.external("w", "w.bin")]
        let data = [UInt8](repeating: 0x3f, count: 48)
        folder.write(data, to: "elsewhere/w.bin")
        let link = folder.path + "/model/w.bin"
        folder.write(network.bytes, to: "model/m.onnx")
        func outcome(_ path: String = "/model/m.onnx") throws -> Finished {
            try run(program, ["--list-layers", "--model", folder.path + path])
        }
        #expect(symlink("../elsewhere/w.bin", link) == 0)
        #expect(try outcome().status == 3)
        #expect(
            try outcome().errors.contains("'w.bin', which does not lie in the model's folder; put that file itself"))
        unlink(link)
        #expect(mkfifo(link, 0o600) == 0)
        #expect(try outcome().errors.contains("belong in the file 'w.bin' beside the model: is a pipe or a device"))
        unlink(link)
        folder.write(data, to: "model/real.bin")
        #expect(symlink("real.bin", link) == 0)
        #expect(try outcome().status == 0)
        // A cache holds links to a folder of all files.
        unlink(link)
        folder.write(network.bytes, to: "blobs/1")
        folder.write(data, to: "blobs/2")
        folder.write([], to: "cache/none")
        #expect(symlink("../blobs/1", folder.path + "/cache/m.onnx") == 0)
        #expect(symlink("../blobs/2", folder.path + "/cache/w.bin") == 0)
        #expect(try outcome("/cache/m.onnx").status == 0)
    }

    // MARK: Long names

    /// Names of a million characters: one line of 300 of them, whatever is asked.
    @Test func messagesStayShort() throws {
        let long = String(repeating: "n\u{1B}\u{202E}", count: 300_000)
        var network = NetworkFile()
        network.nodes[1] = NetworkFile.node(long, ["a"], ["b"], name: long)
        network.more = [.entry(14, "labels", "[\"\(String(repeating: "l", count: 1_000_000))\"]")]
        let path = folder.write(network.bytes, to: "m.onnx"), photo = try folder.photo("cat.jpg")
        network.nodes[1] = NetworkFile.node("Relu", [long], ["b"], name: long)
        let unresolved = folder.write(network.bytes, to: "n.onnx")
        network.nodes[1] = NetworkFile.node("Relu", ["a"], ["b"], name: long)
        let labelled = folder.write(network.bytes, to: "o.onnx")
        network.more = []
        let fine = folder.write(network.bytes, to: "p.onnx")
        let output = ["--output-dir", folder.path + "/out"]
        for (words, status) in [
            (["--check", "--model", path], Int32(3)), ([photo, "--model", path] + output, 3),
            ([photo, "--model", unresolved] + output, 3), ([photo, "--model", labelled] + output, 3),
            (["--list-layers", "--model", fine], 0), ([photo, "--model", fine] + output, 0),
            ([photo, "--model", fine, "--target-layer", String(repeating: "x", count: 100_000)] + output, 2),
            ([photo, "--model", fine, "--output", String(repeating: "x", count: 100_000)] + output, 2),
            ([photo, "--model", fine, "--method", String(repeating: "x", count: 100_000)] + output, 2),
        ] {
            let result = try run(program, words)
            #expect(result.status == status, "\(result.errors.prefix(400))")
            for line in result.errors.split(separator: "\n") where !line.hasPrefix("feeding ") {
                #expect(line.unicodeScalars.count <= 300 + "gradcam: : ".count + path.count, "\(line)")
            }
            for line in result.output.split(separator: "\n") { #expect(line.unicodeScalars.count < 2500) }
            #expect(!(result.errors + result.output).unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
        }
    }
}
