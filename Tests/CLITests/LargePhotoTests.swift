import Foundation
import Imaging
import Testing
import TestSupport

@testable import CLI

/// `--max-pixels`, the memory that large photos take, and the promise that threads change no picture.
@Suite struct LargePhotoTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()

    /// The decoded pixels and 60 MB, although the JPEG is turned upright.
    @Test(arguments: ["jpg", "png"]) func memoryIsBounded(_ format: String) throws {
        let width = amount(8000, debug: 1600), height = amount(5000, debug: 1000)
        let pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { pixels, count in
            for i in 0..<3 * width * height { pixels[i] = UInt8(truncatingIfNeeded: i >> 9) }
            count = 3 * width * height
        }
        let image = Image(width: width, height: height, pixels: pixels)
        var bytes = format == "jpg" ? try image.jpeg(quality: 50) : try image.png()
        if format == "jpg" {
            let exif = Array("Exif\0\0II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
            bytes.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif, at: 2)
        }
        let path = folder.path + "/photo." + format
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let process = try Running([path, "--quiet", "-o", results.path, "--save-map"])
        let peak = process.peakMemory()
        #expect(process.status == 0 && results.files.count == 4)
        #if os(Linux) && !DEBUG
        #expect(peak > 3 * width * height && peak < 3 * width * height + 60_000_000, "\(peak)")
        #endif
    }

    @Test func largerPhotosAreRefusedByName() throws {
        let path = try folder.photo("a.jpg", width: 160, height: 120)
        for (limit, status) in [("19200", 0), ("0.0192MP", 0), ("19199", 1)] as [(String, Int32)] {
            let result = try explain([path, "--max-pixels", limit, "-o", results.path])
            #expect(result.status == status, "\(result.errors)")
            if status == 0 { continue }
            for part in [path, "160 x 120 pixels", "19199", "--max-pixels"] { #expect(result.errors.contains(part)) }
        }
        for (text, pixels) in [("256MP", 256_000_000), ("1g", 1_000_000_000), ("1.5 kp", 1500), ("7", 7)] {
            #expect(try Values.pixels(text) == pixels, "\(text)")
        }
        for wrong in ["", "-1", "0", "many", "3XP", "2000TP"] {
            #expect(try explain([path, "--max-pixels", wrong]).status == 2, "\(wrong)")
        }
    }

    @Test func threadsChangeNoPicture() throws {
        let path = try folder.photo("a.jpg", width: 333, height: 257)
        func files(_ threads: String) throws -> [[UInt8]] {
            let output = results.path + "/" + threads
            let words = [path, "--method", "all", "--save-map", "--top-k", "2", "-o", output, "--threads", threads]
            #expect(try explain(words + ["--samples", "4", "--steps", "4"]).status == 0)
            return try FileManager.default.contentsOfDirectory(atPath: output).sorted().map { bytes(output + "/" + $0) }
        }
        let alone = try files("1")
        #expect(try alone.count == 8 * methods().count)
        for threads in ["2", "3", "8"] { #expect((try files(threads) == alone) as Bool, "\(threads) threads") }
    }
}
