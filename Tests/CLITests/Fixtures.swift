import ActivationMaps
import Foundation
import Imaging
import TestSupport

@testable import CLI

/// A small network of the goldens: ResNet18 with few channels, ten classes without labels, an input of 128 x 128.
let smallModel = Golden.folder + "/resnet18/torchscript.onnx"

/// The names of the methods that have a map of a network, which `--method all` stands for there.
func methods(of model: String = smallModel) throws -> [String] {
    Methods.of(try Classifier(contentsOf: model).graph).map(\.name)
}

extension TemporaryFolder {
    /// Writes a JPEG: one of the goldens' photos, scaled.
    @discardableResult
    func photo(_ name: String, of what: String = "cat", width: Int = 160, height: Int = 120) throws -> String {
        let pixels = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Golden.folder + "/photos/\(what)-224x224.rgb")))
        let picture = Image(width: 224, height: 224, pixels: pixels).resized(width: width, height: height)
        return write(try picture.jpeg(quality: 90), to: name)
    }

    /// Every file below, by its path in this folder, sorted; hidden ones too, but for what a run records of itself.
    var files: [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.filter { (try? FileStatus(of: path + "/" + $0).kind) == .file }
            .filter { !["manifest.json", "manifest.jsonl"].contains(Paths.name($0)) }.sorted()
    }
}

extension TemporaryFolder {
    /// The JPEGs among the files, without what a run records of itself.
    var pictures: [String] { files.filter { $0.hasSuffix(".jpg") } }
}

/// A file's bytes; empty where it is missing.
func bytes(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map { [UInt8]($0) } ?? [] }

/// The program on the small network, with two threads.
func explain(_ words: [String], model: String = smallModel, input: String = "") throws -> Finished {
    try run(
        program,
        ["--model", model, "--threads", "2", "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"] + words,
        input: input)
}

/// The JSON objects on standard output, one a line.
func objects(_ finished: Finished) throws -> [[String: Any]] {
    try finished.output.split(separator: "\n").map { line in
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
}
