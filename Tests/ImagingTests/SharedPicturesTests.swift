import Foundation
import Imaging
import TestSupport
import Testing

/// Every picture of shared/images-decoding, to the last bit as OpenCV decodes it.
@Suite struct SharedPicturesTests {
    struct Manifest: Decodable {
        struct Item: Decodable { let file: String, cv_shape: [Int], cv_sha256: String }
        let items: [Item]
    }

    @Test func pixelsAreOpenCVs() throws {
        guard let path = Shared.path("images-decoding/manifest.json", for: "321 pictures against OpenCV's pixels")
        else { return }
        let manifest = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        let folder = String(path.dropLast("manifest.json".count))
        #if DEBUG
        // Hashing takes 40 times as long without optimisation.
        let items = manifest.items.enumerated().filter { $0.offset % 8 == 0 }.map(\.element)
        #else
        let items = manifest.items
        #endif
        for item in items {
            do {
                let image = try Image(contentsOf: folder + item.file)
                #expect([image.height, image.width, 3] == item.cv_shape, "\(item.file)")
                #expect(sha256(image.pixels) == item.cv_sha256, "\(item.file)")
            } catch { Issue.record("\(error)") }
        }
    }
}
