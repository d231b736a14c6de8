import Foundation

/// The node tests of the ONNX standard, unpacked: a folder a test with model.onnx, input_N.pb and output_N.pb.
/// scripts/conformance.py makes the archive from the `onnx` package.
public final class NodeTests: Sendable {
    public let folder: String
    /// In alphabetical order.
    public let names: [String]

    /// - Returns: nil, saying so on standard output, where the archive is not on this machine.
    public init?(for what: String) throws {
        guard let archive = Shared.path("onnx-node-tests/node-tests.tar.gz", for: what) else { return nil }
        folder = NSTemporaryDirectory() + "gradcam-node-tests-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "xzf", archive, "-C", folder]
        try tar.run()
        tar.waitUntilExit()
        names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Whether a file of a test is there.
    public func path(_ test: String, _ file: String) -> String? {
        let path = "\(folder)/\(test)/\(file)"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
