import Foundation
import Testing

@testable import Imaging

/// What a picture says made it, and bytes that say nothing.
struct SoftwareTests {
    private func software(_ bytes: [UInt8]) throws -> String? {
        let path = FileManager.default.temporaryDirectory.path + "/gradcam-software-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return Image.software(contentsOf: path)
    }

    @Test func readsWhatIsWritten() throws {
        let image = randomImage(40, 30)
        #expect(try software(image.jpeg(quality: 90, comment: "gradcam 1.2")) == "gradcam 1.2")
        #expect(try software(image.png(software: "gradcam 1.2")) == "gradcam 1.2")
        #expect(try software(image.jpeg(quality: 90)) == nil && software(image.png()) == nil)
        #expect(
            Image.software(contentsOf: "/no/such.jpg") == nil && Image.software(contentsOf: "/") == nil
                && Image.software(contentsOf: "/dev/null") == nil)
    }

    /// What libpng refuses after it has begun is an error, and what was written so far is freed.
    @Test func tooWideForLibpng() throws {
        let error = #expect(throws: ImageError.self) { try randomImage(1_000_001, 1).png(software: "x") }
        guard case .unencodable(let reason)? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(reason.contains("IHDR"), "\(reason)")
    }

    /// Cut anywhere and with bytes changed, a head is read without a fault.
    @Test func neverEndsTheProgram() throws {
        var random = SystemRandomNumberGenerator()
        for bytes in [try randomImage(9, 9).jpeg(quality: 90, comment: "x"), try randomImage(9, 9).png(software: "x")] {
            for _ in 0..<300 {
                var damaged = Array(bytes.prefix(Int.random(in: 0...120, using: &random)))
                for place in damaged.indices.dropFirst(8) where Int.random(in: 0..<8, using: &random) == 0 {
                    damaged[place] = .random(in: 0...255, using: &random)
                }
                _ = try software(damaged)
            }
        }
        #expect(
            try software([0xFF, 0xD8, 0xFF, 0xFE, 0x00, 0x00]) == nil
                && software([0xFF, 0xD8, 0xFF, 0xFE, 0x00, 0x02]) == "")
        #expect(
            try software([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 0xFF, count: 30)) == nil)
    }
}
