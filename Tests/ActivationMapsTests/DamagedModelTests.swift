import Foundation
import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// A damaged network is refused with a reason, or run; it never ends the program.
struct DamagedModelTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    /// A file whose weights stand beside it, so that every byte tells of the graph, and small ones of other kinds.
    @Test(arguments: [
        "resnet18/dynamo.onnx", "foreign/dynamic_quantised.onnx", "foreign/dynamic_shapes.onnx",
        "foreign/int4_blocks.onnx", "foreign/label_and_table.onnx",
        "foreign/qoperators_all.onnx", "foreign/sequences.onnx", "foreign/token_pruning.onnx",
    ])
    func neverEndsTheProgram(_ file: String) throws {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("gradcam-damaged-\(UUID().uuidString)")
        defer { try? files.removeItem(at: folder) }
        let original = URL(fileURLWithPath: Golden.folder + "/" + file)
        try files.copyItem(at: original.deletingLastPathComponent(), to: folder)
        let bytes = try Data(contentsOf: original)
        let target = folder.appendingPathComponent(original.lastPathComponent)
        var random = Random(state: 7)
        var (refused, ran) = (0, 0)
        let photo = Image(width: 16, height: 16, pixels: [UInt8](repeating: 99, count: 16 * 16 * 3))
        for _ in 0..<amount(400, debug: 40) {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try damaged.write(to: target)
            do {
                _ = try Explainer(contentsOf: target.path, threads: 2, expectedImages: 1).explain(photo)
                ran += 1
            } catch {
                #expect(!"\(error)".isEmpty && !"\(error)".contains("\n"), "\(error)")
                refused += 1
            }
        }
        #expect(refused > 0 && ran > 0)
    }
}
