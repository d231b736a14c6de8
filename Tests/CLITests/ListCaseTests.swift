import Foundation
import Imaging
import Testing
import TestSupport

@testable import CLI

/// Lists of photos, the program's own pictures among them, and photos that no JPEG can hold, on the plain network of
/// the cases.
struct ListCaseTests {
    private let folder = TemporaryFolder()

    /// The program in the folder of photos.
    private func gradcam(_ words: String, in place: String? = nil, input: [UInt8] = []) throws -> Finished {
        let list = folder.path + "/.input"
        folder.write(input, to: ".input")
        return try run(
            "/bin/sh",
            [
                "-c", "cd \"$1\" && exec \"$2\" \(words) --threads 1 --model \"$3\" <\"$4\"", "sh",
                place ?? folder.path, program, Case.plainModel, list,
            ])
    }

    private func photos(_ names: String...) { for name in names { folder.write(bytes(Case.photo), to: name) } }

    private func inputs(_ finished: Finished) throws -> [String] {
        try objects(finished).compactMap { $0["input"] as? String }
    }

    @Test(arguments: ["-0", "--null"])
    func pathsThatEndInNUL(_ flag: String) throws {
        photos("a.png", "new\nline.png", "\"q\".png", "z.png")
        let result = try gradcam(
            "- --json --outputs cam \(flag)", input: Array("./a.png\0./new\nline.png\0\"q\".png\0./z.png\0".utf8))
        #expect(result.status == 0, "\(result.errors)")
        #expect(try inputs(result) == ["./a.png", "./new\nline.png", "\"q\".png", "./z.png"])
    }

    @Test(arguments: ["./a.png\0./b.png\0", "a.png\nb.png\0", "a\0.png"])
    func linesWithNULAreRefusedWhole(_ list: String) throws {
        photos("a.png", "b.png")
        let result = try gradcam("- --json", input: Array(list.utf8))
        #expect(
            result.status == 1 && result.errors.contains("gradcam: -: the paths on standard input hold NUL; give -0"),
            "\(result.errors)")
        #expect(try inputs(result) == ["-"] && folder.files.count == 3)
    }

    @Test(
        arguments: [
            [0xEF, 0xBB, 0xBF] + Array("a.png\r\n\"b c.png\"\r\n'd.png'".utf8),
            [0xFF, 0xFE] + "a.png\r\n\"b c.png\"\r\nd.png".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] },
            [0xFE, 0xFF] + "a.png\nb c.png\nd.png\n".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] },
        ] as [[UInt8]])
    func listsOfWindowsEditors(_ list: [UInt8]) throws {
        photos("a.png", "b c.png", "d.png")
        let result = try gradcam("- --json --outputs cam", input: list)
        #expect(try inputs(result) == ["a.png", "b c.png", "d.png"], "\(result.errors)")
    }

    /// Twice in a folder, in all the ways in which results come to lie among the photos.
    @Test(arguments: [
        (".", ".", 9), (". --output-dir out", ". --output-dir other", 9), (". --output-dir out", ".", 9),
        ("*.png", "*.*g", 6),
        (". --save-map --method all --samples 4 --steps 4", "*.png *.jpg", 6 * ((try? methods().count) ?? 0)),
        ("inner a.png --output-dir inner", "inner a.png inner/*g", 6),
        (".", "-", 9),
    ])
    func ownPicturesAreNeverExplained(_ first: String, _ second: String, _ passedOver: Int) throws {
        photos("a.png", "inner/b.png", "c.png")
        let one = try gradcam(first + " --json")
        let photos = try inputs(one)
        #expect(one.status == 0 && photos.count > 1 && !one.errors.contains("passed over"))
        let left = folder.files
        let two = try gradcam(
            second + " --json", input: Array(folder.files.filter { $0.hasSuffix("g") }.joined(separator: "\n").utf8))
        #expect(two.status == 0, "\(two.errors)")
        #expect(try Set(inputs(two)).isSubset(of: ["a.png", "inner/b.png", "c.png"]))
        #expect(two.errors.contains("passed over \(passedOver) pictures that gradcam wrote"), "\(two.errors)")
        if first == second { #expect(try folder.files == left && inputs(two) == photos) }
    }

    /// What lies beside the photos changes no name, and is looked at by its own name alone.
    @Test func ownPicturesAreNoNames() throws {
        photos("a.png", "a_gradcam_cam.png")
        let first = try gradcam(". --outputs cam --output-dir out")
        let left = folder.files
        #expect(first.status == 0 && left.contains("out/a_gradcam_cam_gradcam_cam.jpg"))
        for name in ["a_gradcam_cam", "b"] {
            try FileManager.default.copyItem(
                atPath: folder.path + "/out/a_gradcam_cam.jpg", toPath: folder.path + "/\(name).jpg")
        }
        for words in ["", " --shard 1/2", " --shard 2/2"] {
            #expect(try gradcam(". --outputs cam --output-dir out" + words).status == 0)
        }
        #expect(
            folder.files.filter { $0.hasPrefix("out/") && $0.hasSuffix("g") } == left.filter { $0.hasPrefix("out/") })
    }

    @Test func ownPicturesAreKnownByAnyNameFromAnyFolder() throws {
        photos("photos/a.png", "photos/b.png")
        #expect(try gradcam("photos --output-dir photos --outputs cam").status == 0)
        let picture = folder.path + "/photos/a_gradcam_cam.jpg"
        try FileManager.default.moveItem(atPath: picture, toPath: folder.path + "/photos/holiday.jpeg")
        let result = try gradcam("../photos --json --outputs cam --output-dir ..", in: folder.path + "/photos")
        #expect(try inputs(result) == ["../photos/a.png", "../photos/b.png"])
        #expect(result.errors.contains("passed over 2 pictures that gradcam wrote"))
    }

    @Test func ownPictureByItselfIsExplainedWithAWarning() throws {
        photos("a.png")
        #expect(try gradcam("a.png --outputs cam").status == 0)
        let alone = try gradcam("gradcam_cam.jpg --json --output-dir out")
        #expect(try alone.status == 0 && inputs(alone) == ["gradcam_cam.jpg"])
        #expect(alone.errors.contains("warning: gradcam_cam.jpg: gradcam wrote this picture"))
        #expect(try gradcam("gradcam_cam.jpg").errors.contains("would be written over"))
        let nothing = try gradcam("out gradcam_cam.jpg")
        #expect(nothing.status == 1 && nothing.errors.contains("gradcam: out: nothing but pictures that gradcam wrote"))
    }

    /// A picture of the user's own that happens to have a result's name is a photo, and is spared.
    @Test func photoWithAResultsNameIsSpared() throws {
        photos("a.png", "a_gradcam_cam.jpg")
        let result = try gradcam(". --outputs cam")
        #expect(result.status == 1 && result.errors.contains("a.png: a_gradcam_cam.jpg would be written over"))
        #expect((bytes(folder.path + "/a_gradcam_cam.jpg") == bytes(Case.photo)) as Bool)
    }

    /// The case i10 and pictures of other sides: PNG beyond 65500 a side, which holds the overlay's own pixels.
    @Test(arguments: [("wide.png", 70000, 8), ("65501x1", 65501, 1), ("3x66000", 3, 66000)])
    func photosThatNoJPEGCanHold(_ name: String, _ width: Int, _ height: Int) throws {
        var path = Case("i10-wide-png").path(name)
        if !name.hasSuffix(".png") {
            let pixels = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 / 700) }
            path = folder.write(try Image(width: width, height: height, pixels: pixels).png(), to: "photo.png")
        }
        let result = try gradcam("\(path) --save-map --json --output-dir out")
        #expect(
            result.status == 0
                && result.errors.contains(
                    "\(width) x \(height) pixels are more than a JPEG can hold; the pictures are written as PNG"),
            "\(result.errors)")
        let names = ["gradcam_cam.png", "gradcam_gb.png", "gradcam_cam_gb.png", "gradcam_cam.npy"]
        #expect(try objects(result).first?["files"] as? [String] == names.map { "out/" + $0 })
        #expect(folder.files.filter { $0.hasPrefix("out/") }.sorted() == names.map { "out/" + $0 }.sorted())

        let photo = try Image(contentsOf: path),
            map = Plane(width: width, height: height, values: try readNPY(folder.path + "/out/gradcam_cam.npy"))
        #expect(
            (try Image(contentsOf: folder.path + "/out/gradcam_cam.png").pixels == photo.overlaid(with: map).pixels)
                as Bool)
        #expect(PictureMark.isOn(folder.path + "/out/gradcam_cam.png"))
    }

    @Test func photosThatAJPEGJustHolds() throws {
        let photo = folder.write(
            try Image(width: 65500, height: 1, pixels: [UInt8](repeating: 90, count: 3 * 65500)).png(), to: "photo.png")
        #expect(try gradcam("\(photo) --outputs cam --output-dir out").status == 0)
        #expect(folder.files.contains("out/gradcam_cam.jpg"))
    }
}
