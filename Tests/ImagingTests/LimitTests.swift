import Foundation
import Testing

@testable import Imaging

/// Files that would take for ever, that are no files, and that change while they are read.
@Suite struct LimitTests {
    /// The scan that refines all first coefficients, again and again; its bytes stand at 516..<532 of the picture.
    private static func progressive(scans: Int) throws -> [UInt8] {
        let bytes = try FileTests.picture("progressive.jpg"), scan = bytes[516..<532]
        #expect(scan.starts(with: [0xFF, 0xDA, 0, 12]))
        return Array(bytes[..<516]) + [[UInt8]](repeating: Array(scan), count: scans).joined() + bytes[532...]
    }

    @Test func endlessScansEnd() throws {
        #expect(FileTests.fault(try Self.progressive(scans: 400)) == nil)
        let fault = try #require(FileTests.fault(try Self.progressive(scans: 600)))
        #expect("\(fault)".contains("more than 500 scans"), "\(fault)")
    }

    @Test func theCallerLimitsPixels() throws {
        let bytes = try randomImage(30, 20).png()
        for (limit, fault) in [(600, nil), (599, ImageError.tooLarge(width: 30, height: 20, limit: 599))] {
            try FileTests.inFolder { folder in
                let path = folder + "/photo.png"
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                do throws(ImageError) {
                    _ = try Image(contentsOf: path, mostPixels: limit)
                    #expect(fault == nil)
                } catch {
                    #expect(error == fault.map { .file(path: path, $0) })
                }
            }
        }
    }

    /// A header that asks for 900 megapixels is refused before memory is taken, whatever the format.
    @Test func largeHeadersCostNothing() throws {
        var jpeg = try FileTests.picture("grey.jpg")
        let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0x75, 0x30, 0x75, 0x30])
        #expect(FileTests.fault(jpeg) == .tooLarge(width: 30_000, height: 30_000, limit: Image.mostPixels))
    }

    @Test func whatIsNoRegularFileIsRefused() throws {
        try FileTests.inFolder { folder in
            let pipe = folder + "/pipe.jpg"
            mkfifo(pipe, 0o600)
            for path in [pipe, "/dev/zero", "/dev/null"] {
                #expect(throws: ImageError.file(path: path, .unreadable(reason: "it is no regular file"))) {
                    try Image(contentsOf: path)
                }
            }
        }
    }

    /// What the file held when it was opened is not there any more, or goes on beyond the limit.
    @Test func filesMayChangeWhileTheyAreRead() throws {
        let bytes = try randomImage(600, 500).jpeg(quality: 100)
        #expect(bytes.count > 400_000)
        try FileTests.inFolder { folder in
            let path = folder + "/photo.jpg"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let endless = try JPEGReader(PictureBytes(file: path, limit: 1000))
            let fault = #expect(throws: ImageError.self) { try endless.image(mostPixels: 1_000_000) }
            #expect(fault.map { "\($0)" }?.contains("it goes on after 1000 bytes") == true)

            let shrinking = try JPEGReader(PictureBytes(file: path, limit: 1_000_000))
            truncate(path, 300_000)
            #expect(try shrinking.image(mostPixels: 1_000_000).warning != nil)
        }
    }

    /// Many Exif segments, of which the first are kept, and one with the orientation among them.
    @Test(arguments: [7, 8]) func notesAreNotHoarded(_ before: Int) throws {
        let picture = try FileTests.picture("progressive.jpg")
        func segment(_ body: [UInt8]) -> [UInt8] {
            let body = Array("Exif\0\0".utf8) + body
            return [0xFF, 0xE1, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
        }
        let turned = segment(Array("II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0])
        let empty = [[UInt8]](repeating: segment([UInt8](repeating: 0, count: 60_000)), count: before).joined()
        let image = try (picture[..<2] + empty + turned + picture[2...]).withUnsafeBytes { try Image(decoding: $0) }
        let upright = try picture.withUnsafeBytes { try Image(decoding: $0) }
        #expect(image.width == (before < 8 ? upright.height : upright.width))
    }

    @Test func oneContentUnderSeveralNames() throws {
        try FileTests.inFolder { folder in
            let paths = ["a", "b", "c"].map { folder + "/" + $0 }, bytes = randomBytes(200_000)
            func write(_ failing: Bool) throws(ImageError) {
                try AtomicFile.write(to: paths) { sink throws(ImageError) in
                    for start in stride(from: 0, to: bytes.count, by: 70_001) {
                        let part = Array(bytes[start..<min(start + 70_001, bytes.count)])
                        var fault: ImageError?
                        part.withUnsafeBytes { part in
                            do throws(ImageError) { try sink(part) } catch { fault = error }
                        }
                        if let fault { throw fault }
                        if failing { throw .empty }
                    }
                }
            }
            #expect(throws: ImageError.empty) { try write(true) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            try write(false)
            for path in paths { #expect((try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == bytes) as Bool) }
        }
    }
}
