import Foundation
import TestSupport
import Testing

@testable import CLI

/// `.npy` files as photos, by the built program: alone, in folders and tars, resumed, and damaged.
@Suite struct ArrayPhotoTests {
    let folder = TemporaryFolder()
    private static let goldens = Golden.folder + "/further_inputs/"

    private func gradcam(_ words: [String]) throws -> Finished {
        try run(program, ["--model", Self.goldens + "bands.onnx", "--threads", "2", "--no-progress"] + words)
    }

    private func array(_ name: String, to path: String) { folder.write(bytes(Self.goldens + name), to: path) }

    @Test func anArrayIsExplained() throws {
        let result = try gradcam([
            Self.goldens + "bands_large.npy", "-o", folder.path, "--preview-channels", "5,3,1", "--save-map", "--json",
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(folder.files == ["gradcam_cam.jpg", "gradcam_cam.npy", "gradcam_cam_gb.jpg", "gradcam_gb.jpg"])
        #expect(
            result.errors.contains("feeding 24x32, squashed") || result.errors.contains("feeding 24x32 (the network)"))
        #expect(result.errors.contains("arrays as they are"))
        let note =
            "arrays as they are, resized from 36x40; shown: channels 5, 3, 1, each from its least number to its greatest"
        let report = try #require(try objects(result).first)
        #expect((report["diagnosis"] as? [String])?.contains(note) ?? false, "\(report)")
        let logits = try Golden("further_inputs").tensor("bands_large.logits").values
        let classes = try #require(report["classes"] as? [[String: Any]])
        #expect(abs(try #require(classes[0]["logit"] as? Double) - Double(logits.max()!)) < 0.1)
    }

    @Test func foldersAndTarsGiveArrays() throws {
        array("bands.npy", to: "photos/a.npy")
        array("bands_last.npy", to: "photos/sub/b.npy")
        array("bands.npy", to: "photos/old_gradcam_cam.npy")
        array("bands.npy", to: "photos/concepts.npy")
        array("bands.npy", to: "photos/dashcam.npy")
        try folder.photo("photos/c.jpg")
        let tar = folder.path + "/photos.tar"
        #expect(
            try run("/usr/bin/env", ["tar", "cf", tar, "-C", folder.path + "/photos", "--sort=name", "."]).status == 0)
        let one = folder.path + "/one", two = folder.path + "/two"
        let result = try gradcam([folder.path + "/photos", "-o", one, "--outputs", "cam", "--save-map"])
        #expect(
            result.status == 0 && result.errors.contains("passed over 2 pictures that gradcam wrote")
                && result.errors.contains("passed over 1 picture where the network takes arrays (1 .jpg)"),
            "\(result.errors)")
        #expect(
            folder.files.filter { $0.hasPrefix("one/") } == [
                "one/a_gradcam_cam.jpg", "one/a_gradcam_cam.npy",
                "one/dashcam_gradcam_cam.jpg", "one/dashcam_gradcam_cam.npy", "one/sub/b_gradcam_cam.jpg",
                "one/sub/b_gradcam_cam.npy",
            ], "\(folder.files)")
        #expect(bytes(one + "/a_gradcam_cam.npy") == bytes(one + "/sub/b_gradcam_cam.npy"))
        #expect(try gradcam([tar, "-o", two, "--outputs", "cam", "--save-map"]).status == 0)
        #expect(bytes(two + "/sub/b_gradcam_cam.npy") == bytes(one + "/sub/b_gradcam_cam.npy"))

        func resumed(_ words: [String]) throws -> Int {
            let words = [folder.path + "/photos", "-o", one, "--outputs", "cam", "--save-map", "--resume"] + words
            let result = try gradcam(words + ["--verbose"])
            #expect(result.status == 0, "\(result.errors)")
            return result.errors.components(separatedBy: "forward").count - 1
        }
        #expect(try resumed([]) == 0)
        array("bands_last.npy", to: "photos/a.npy")
        #expect(try resumed([]) == 1)
        #expect(try resumed(["--mean", "0.5"]) == 3)
        #expect(try resumed(["--mean", "0.5", "--preview-channels", "4"]) == 3)
    }

    static let refused: [(name: String, bytes: [UInt8], reason: String)] = [
        ("cut.npy", Array(bytes(goldens + "bands.npy").dropLast(7)), "it is cut off: "),
        (
            "other.npy", bytes(goldens + "signal.npy"),
            "the array is of shape [3, 100], where the network takes [6, height"
        ),
        (
            "huge.npy",
            Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [1, 0, 70, 0]
                + Array("{'descr': '<f4', 'fortran_order': False, 'shape': (6, 90000, 90000)}".utf8) + [10, 10],
            "[6, 90000, 90000] are more than the limit of 768000000 numbers: save fewer of them, or raise --max-pixels"
        ),
        ("photo.png", bytes(Case.folder + "/photo48.png"), "a picture, where the network takes arrays: give an .npy"),
    ]

    @Test(arguments: refused.indices)
    func whatDoesNotFitIsToldInALine(_ index: Int) throws {
        let (name, content, reason) = Self.refused[index]
        let path = folder.write(content, to: name)
        let result = try gradcam([path, "-o", folder.path, "--quiet"])
        #expect(result.status == 1 && result.errors.contains(name + ": " + reason), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1 && result.output.isEmpty)
    }

    @Test func whatIsFedIsChecked() throws {
        for path in [Self.goldens + "bands.onnx", Case("input-four-channels-last").path("model.onnx")] {
            let check = try run(program, ["--check", "--model", path])
            #expect(
                check.status == 0 && check.output.contains("can be explained")
                    && check.output.contains("arrays as they are"), "\(check)")
        }
    }

    @Test func aFurtherInputIsFedByTheProgram() throws {
        let words = [
            "--model", Self.goldens + "siamese.onnx", "--image-input", "first", "--input",
            "second=" + Case.folder + "/photo.png", "--quiet", "--json", "--outputs", "none",
            Case.folder + "/photo48.png",
        ]
        let result = try run(program, words)
        #expect(result.status == 0, "\(result.errors)")
        let told = try #require(try objects(result).first?["inputs"] as? [[String: String]])
        #expect(told == [["name": "second", "fed": Case.folder + "/photo.png"]])
        let logits = try Golden("further_inputs").tensor("siamese.logits").values
        let classes = try #require(try objects(result).first?["classes"] as? [[String: Any]])
        #expect(abs(try #require(classes[0]["logit"] as? Double) - Double(logits.max()!)) < 1e-4)
    }
}
