import Foundation
import Imaging
import Testing
import TestSupport

/// Hostile and unsuitable files, and files written.
@Suite struct FileTests {
    /// A folder of its own for a test, removed at the end.
    static func inFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "imaging-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    static func fault(_ bytes: [UInt8]) -> ImageError? {
        do throws(ImageError) {
            try bytes.withUnsafeBytesTyped { bytes throws(ImageError) in _ = try Image(decoding: bytes) }
            return nil
        } catch { return error }
    }

    static func picture(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: DecodeTests.folder + name)))
    }

    /// Files of other kinds: how they begin, what they are called, and a word of the advice.
    static let unsuitable: [(String, what: String, advice: String)] = [
        ("", "empty", "JPEG or PNG"), ("x\u{1}", "not a picture", "JPEG or PNG"),
        ("this is text in a file named .jpg", "text, not a picture", "JPEG or PNG"),
        ("GIF89a.........", "a GIF picture", "convert"), ("RIFF....WEBPVP8 ", "a WebP picture", "dwebp"),
        ("RIFF....AVI LIST", "an AVI video", "save a picture"), ("BM........", "a BMP picture", "convert"),
        ("II*\0....", "a TIFF or raw camera picture", "convert"),
        ("\0\0\0\u{18}ftypheic\0\0\0\0mif1heic", "a HEIC picture", "heif-convert"),
        ("\0\0\0\u{18}ftypmif1\0\0\0\0mif1avif", "an AVIF picture", "heif-convert"),
        ("\0\0\0\u{14}ftypisom\0\0\0\0mp42", "an MP4 video", "save a picture"),
        ("\0\0\0\u{14}ftypqt  \0\0\0\0qt  ", "a QuickTime video", "save a picture"),
        ("\0\0\0\u{18}ftypcrx \0\0\0\u{1}crx isom", "a raw camera picture", "convert"),
        ("....JXL ", "a JPEG XL picture", "djxl"), ("\u{1F}\u{8B}\u{8}", "a gzip archive", "unpack"),
        ("PK\u{3}\u{4}....", "a ZIP archive", "unpack"), ("%PDF-1.7\n", "a PDF document", "pdftoppm"),
        (String(repeating: "\0", count: 128) + "DICM", "a DICOM picture", "dcmj2pnm"),
        (String(repeating: "\0", count: 500), "nothing but zeros", "again"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer", "git lfs pull"),
        ("/annex/objects/SHA256E-s3--0.jpg\n", "a git-annex pointer", "git annex get"),
        ("\n <!DOCTYPE html><title>404</title>", "a web page (HTML)", "fetch the picture itself"),
        ("<?xml version='1.0'?><svg/>", "an SVG picture", "rsvg-convert"), ("<?xml version='1.0'?>", "XML", "JPEG"),
        ("{\"error\": 404}", "JSON", "JPEG or PNG"), ("\u{93}NUMPY\u{1}", "a NumPy array", "JPEG or PNG"),
    ]

    @Test(arguments: unsuitable) func unsuitableFilesAreNamedForWhatTheyAre(
        _ text: String, _ what: String, _ advice: String
    ) throws {
        let bytes = text.unicodeScalars.map { UInt8($0.value) }, fault = try #require(Self.fault(bytes))
        #expect(fault.description.contains(what) && fault.description.contains(advice), "\(fault)")
        #expect(!fault.description.contains("\n") && fault.description.count <= 200)
        try Self.inFolder { folder in
            let path = folder + "/photo.jpg"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            #expect(throws: ImageError.file(path: path, fault)) { try Image(contentsOf: path) }
            #expect(!Image.isPhoto(contentsOf: path))
        }
    }

    @Test func missingFilesAndFoldersAreNamed() throws {
        #expect(throws: ImageError.file(path: "/no/such.jpg", .unreadable(reason: "No such file or directory"))) {
            try Image(contentsOf: "/no/such.jpg")
        }
        #expect(throws: ImageError.file(path: "/", .unreadable(reason: "Is a directory"))) {
            try Image(contentsOf: "/")
        }
        #expect(!Image.isPhoto(contentsOf: "/no/such.jpg") && !Image.isPhoto(contentsOf: "/"))
    }

    /// A PNG cut anywhere is an error; a JPEG cut after its header has grey or repeated pixels and a warning, as OpenCV
    /// shows it.
    @Test func truncationIsNoticedEverywhere() throws {
        let png = try Self.picture("type2-8bit-interlaced.png")
        for count in png.indices { #expect(Self.fault(Array(png[..<count])) != nil, "\(count) bytes") }
        let jpeg = try Self.picture("progressive.jpg")
        for count in jpeg.indices {
            jpeg[..<count].withUnsafeBytes { bytes in
                if let image = try? Image(decoding: bytes) {
                    #expect(image.warning != nil && image.width == 19, "\(count) bytes")
                }
            }
        }
    }

    /// How much of a JPEG is there is told, where its rows come one after another.
    @Test func theShareThatWasReadIsTold() throws {
        let rows = 256
        let noise = Image(
            width: 64, height: rows, pixels: (0..<192 * rows).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) })
        let jpeg = try noise.jpeg(quality: 90)
        let image = try Array(jpeg[..<(jpeg.count / 2)]).withUnsafeBytes { try Image(decoding: $0) }
        let share = (30...70).contains { image.warning?.hasSuffix("after \($0) % of its rows") == true }
        #expect(share, "\(image.warning ?? "no warning")")
    }

    /// Damaged bytes give a picture or an error, never a trap.
    @Test func damageNeverTraps() throws {
        var words = RandomWords(state: 7)
        for name in [
            "orientation6.jpg", "cmyk.jpg", "progressive.jpg", "orientation5.png", "type3-4bit-interlaced.png",
        ] {
            let whole = try Self.picture(name)
            for _ in 0..<300 {
                var bytes = whole
                for _ in 0..<3 { bytes[Int(words.next()! % UInt32(bytes.count))] = UInt8(words.next()! >> 24) }
                bytes.withUnsafeBytes { bytes in
                    if let image = try? Image(decoding: bytes) {
                        #expect(image.pixels.count == image.width * image.height * 3)
                    }
                }
            }
        }
    }

    @Test func absurdSizesAreRefused() throws {
        var jpeg = try Self.picture("grey.jpg")
        let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0x00, 0xFF, 0x00])
        #expect(Self.fault(jpeg) == ImageError.tooLarge(width: 0xFF00, height: 0xFF00, limit: Image.mostPixels))
        #expect(Self.fault(Goldens.bomb) == ImageError.tooLarge(width: 60_000, height: 60_000, limit: Image.mostPixels))
    }

    @Test func jpegKeepsSizeAndColours() throws {
        for (width, height) in [(1, 1), (17, 9), (20_000, 2)] {
            let colours: [UInt8] = (0..<width * height).flatMap { _ in [200, 100, 30] as [UInt8] }
            let image = Image(width: width, height: height, pixels: colours)
            for chroma in [ChromaSampling.halved, .full] {
                let bytes = try image.jpeg(quality: 95, chroma: chroma)
                let back = try bytes.withUnsafeBytes { try Image(decoding: $0) }
                #expect(back.width == width && back.height == height)
                #expect(zip(back.pixels, colours).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
            }
        }
        let image = randomImage(64, 64)
        #expect(try image.jpeg(quality: 50).count < image.jpeg(quality: 95).count)
        #expect(try image.jpeg(quality: 95).count < image.jpeg(quality: 95, chroma: .full).count)
    }

    @Test func jpegSaysWhatItCannotStore() {
        let wide = Image(width: 70_000, height: 1, pixels: [UInt8](repeating: 0, count: 210_000))
        #expect(throws: ImageError.self) { try wide.jpeg(quality: 95) }
        for quality in [0, 101] { #expect(throws: ImageError.self) { try randomImage(1, 1).jpeg(quality: quality) } }
    }

    @Test func jpegHoldsAComment() throws {
        let image = randomImage(5, 4), plain = try image.jpeg(quality: 95),
            told = try image.jpeg(quality: 95, comment: "grün")
        let segment: [UInt8] = [0xFF, 0xFE, 0, 7] + Array("grün".utf8)
        let place = try #require(told.indices.first { told[$0...].starts(with: segment) })
        #expect(Array(told[..<place] + told[(place + segment.count)...]) == plain)
        #expect(throws: ImageError.self) { try image.jpeg(quality: 95, comment: String(repeating: "x", count: 65534)) }
    }

    @Test(arguments: [(1, 1), (17, 9), (70_000, 2)]) func pngHoldsThePixels(_ width: Int, _ height: Int) throws {
        let image = randomImage(width, height), bytes = try image.png()
        #expect(try bytes.withUnsafeBytes { try Image(decoding: $0) } == image)
    }

    /// Beside what Pillow's PNGs of these photos take by its defaults, in a multiple of the time.
    @Test(arguments: [("cat", 199_243), ("dog-and-cat", 111_968), ("dog-bicycle-truck", 682_589), ("dog", 46_219)])
    func pngIsSmall(_ photo: String, pillow: Int) throws {
        let bytes = try Image(contentsOf: Shared.repository + "/Photos/\(photo).jpg").png()
        #expect(Double(bytes.count) < 1.1 * Double(pillow))
    }

    /// `tEXt`, or `iTXt` (no compression, no language) where Latin-1 may not do.
    @Test(arguments: [("gradcam 1.0", "tEXtSoftware\0gradcam 1.0"), ("grün", "iTXtSoftware\0\0\0\0\0grün")])
    func pngNamesItsMaker(_ software: String, _ chunk: String) throws {
        let image = randomImage(3, 2), bytes = try image.png(software: software)
        #expect(bytes.indices.contains { bytes[$0...].starts(with: Array(chunk.utf8)) })
        #expect(try bytes.withUnsafeBytes { try Image(decoding: $0) } == image)
    }

    @Test func filesAppearWholeOrNotAtAll() throws {
        try Self.inFolder { folder in
            let path = folder + "/map.jpg"
            for bytes: [UInt8] in [[1, 2, 3], [], [4]] {
                try AtomicFile.write(bytes, to: path)
                let back = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
                #expect(back == bytes)
            }
            #expect(throws: ImageError.self) { try AtomicFile.write([1], to: folder) }
            #expect(throws: ImageError.file(path: folder + "/none/x", .unwritable(reason: "No such file or directory")))
            {
                try AtomicFile.write([1], to: folder + "/none/x")
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left == ["map.jpg"])
        }
    }

    @Test func npyIsNumpys() {
        let bytes = NPY.encode(Plane(width: 3, height: 2, values: [0, 1, 2, 3, 4, 0.5]))
        let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
        let padding = String(repeating: " ", count: 117 - header.utf8.count) + "\n"
        #expect(bytes.count == 128 + 24)
        #expect(Array(bytes[..<10]) == magic)
        #expect(String(decoding: bytes[10..<128], as: UTF8.self) == header + padding)
        #expect(Array(bytes.suffix(4)) == [0, 0, 0, 0x3F])
    }

    /// 1 + 1/2048 and 1 + 3/2048 lie halfway between two: to even.
    @Test func npyOfHalfPrecision() {
        let bytes = NPY.encode(
            Plane(width: 3, height: 2, values: [1, 1.00048828125, 1.00146484375, -0.1, .nan, 6e-8]), as: .float16)
        let header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }"
        #expect(String(decoding: bytes[10..<10 + header.utf8.count], as: UTF8.self) == header)
        #expect(bytes.count == 128 + 12)
        let numbers = bytes.suffix(12)
        #expect(Array(numbers.prefix(8)) == [0, 0x3C, 0, 0x3C, 2, 0x3C, 0x66, 0xAE])
        #expect(Array(numbers.suffix(4)) == [0, 0x7E, 1, 0])
    }

    @Test func npyOfSeveralMapsHasThreeExtents() {
        let maps = [Plane(width: 2, height: 1, values: [1, 2]), Plane(width: 2, height: 1, values: [3, 0.5])]
        let bytes = NPY.encode(maps)
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 2), }"
        #expect(String(decoding: bytes[10..<10 + header.utf8.count], as: UTF8.self) == header)
        #expect(bytes.count == 128 + 16)
        #expect(Array(bytes.suffix(8)) == [0, 0, 0x40, 0x40, 0, 0, 0, 0x3F])
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of what is thrown.
    fileprivate func withUnsafeBytesTyped(_ body: (UnsafeRawBufferPointer) throws(ImageError) -> Void)
        throws(ImageError)
    {
        let result: Result<Void, ImageError> = withUnsafeBytes { bytes in
            do throws(ImageError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
