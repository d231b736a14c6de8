import Foundation
import Imaging
import Testing
import TestSupport

@testable import CLI

/// What goes wrong is told in one line, with the contract's exit code, and leaves no half-written file.
@Suite struct RobustnessTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()
    private var output: [String] { ["--output-dir", results.path, "--outputs", "cam"] }

    private func expectLine(_ result: Finished, _ status: Int32, _ parts: [String]) {
        #expect(result.status == status)
        #expect(result.output == "")
        #expect(
            result.faults.hasPrefix("gradcam: ") && result.faults.split(separator: "\n").count == 1, "\(result.faults)")
        for part in parts { #expect(result.faults.contains(part), "\(result.faults)") }
    }

    @Test(arguments: [
        ("", "empty"), ("Dear reader,\n", "text, not a picture"), ("GIF89a............", "GIF"),
        ("\u{89}PNG\r\n\u{1A}\n", "ends too early"),
    ])
    func brokenPhoto(_ content: String, _ reason: String) throws {
        let path = folder.write(content.unicodeScalars.map { UInt8($0.value) }, to: "x.jpg")
        expectLine(try explain([path] + output), 1, [path + ": ", reason])
        #expect(results.files == [])
    }

    @Test func missingPhoto() throws {
        expectLine(try explain(["/none/x.jpg"] + output), 1, ["/none/x.jpg: No such file or directory"])
    }

    @Test func oneBrokenPhotoAmongSeveral() throws {
        for name in ["a.jpg", "c.jpg"] { try folder.photo(name) }
        let broken = folder.write(Array("text".utf8), to: "b.jpg")
        let result = try explain([folder.path] + output)
        #expect(result.status == 1)
        #expect(results.files == ["a_gradcam_cam.jpg", "c_gradcam_cam.jpg"])
        #expect(
            result.faults
                == "gradcam: \(broken): text, not a picture: give a JPEG or PNG file\n2 photos done, 1 failed\n")
    }

    @Test func truncatedPhotoIsExplainedWithAWarning() throws {
        let whole = bytes(try folder.photo("a.jpg"))
        let path = folder.write(whole.prefix(whole.count / 2), to: "b.jpg")
        let result = try explain([path] + output)
        #expect(result.status == 0)
        #expect(result.faults.hasPrefix("gradcam: warning: \(path): the file is damaged ("))
        let object = try objects(try explain([path, "--json", "--quiet"] + output))[0]
        #expect((object["diagnosis"] as? [String])?.count == 1)
    }

    @Test(arguments: [(1, 1), (20_000, 3), (1, 300)])
    func photosOfOddSizes(_ width: Int, _ height: Int) throws {
        let path = try folder.photo("a.jpg", width: width, height: height)
        let result = try explain([path, "--output-dir", results.path, "--save-map"])
        #expect(result.status == 0)
        for name in ["gradcam_cam.jpg", "gradcam_gb.jpg", "gradcam_cam_gb.jpg"] {
            let picture = try Image(contentsOf: results.path + "/" + name)
            #expect(picture.width == width && picture.height == height)
        }
    }

    @Test(arguments: ["empty", "text", "truncated", "folder", "missing", "photo"])
    func unusableModel(_ kind: String) throws {
        let photo = try folder.photo("cat.jpg")
        let path = folder.path + "/model.onnx"
        switch kind {
        case "empty": folder.write([], to: "model.onnx")
        case "text": folder.write(Array("weights\n".utf8), to: "model.onnx")
        case "truncated": folder.write(bytes(smallModel).prefix(150_000), to: "model.onnx")
        case "photo": try folder.photo("model.onnx")
        case "folder": mkdir(path, 0o777)
        default: break
        }
        expectLine(try explain([photo] + output, model: path), 3, [path])
        #expect(results.files == [])
    }

    @Test(arguments: [
        (["--target-layer", "layer4[7]"], "no layer 'layer4[7]'; did you mean 'layer4"),
        (["--target-layer", "avgpol"], "'avgpool'"),
        (["--target-category", "10"], "class 10 is out of range: the model has 10 classes, 0 to 9"),
        (["--target-category", "cat"], "the model has no labels"), (["--target-layer", "fc"], "not a map"),
        (["--labels", "/none.txt"], "/none.txt: cannot be read: No such file"),
        (["--labels", smallModel], "labels: line 1 holds a control character"),
        (["--input-size", "64"], "fixed at 128x128, but --input-size asks for 64x64"),
    ])
    func wrongChoice(_ words: [String], _ reason: String) throws {
        expectLine(try explain([try folder.photo("a.jpg")] + words + output), 2, [reason])
        #expect(results.files == [])
    }

    @Test func labelsMakeClassesNameable() throws {
        let labels = folder.write(Array((0..<10).map { "sort \($0)\n" }.joined().utf8), to: "labels.txt")
        let photo = try folder.photo("a.jpg")
        #expect(
            try explain([photo, "--labels", labels, "--target-category", "sort 4"] + output).output.contains("sort 4\n")
        )
        expectLine(
            try explain([photo, "--labels", labels, "--target-category", "sorte 4"] + output), 2,
            ["did you mean 'sort 4'"])
    }

    @Test func unwritableFolder() throws {
        let photo = try folder.photo("a.jpg")
        for place in [photo, photo + "/inner", "/proc/gradcam"] {
            expectLine(try explain([photo, "--output-dir", place]), 2, [place, "--output-dir"])
        }
    }

    @Test func photosAreNotWrittenOver() throws {
        let photo = try folder.photo("gradcam_cam.jpg")
        let before = bytes(photo)
        expectLine(try explain([photo, "--output-dir", folder.path]), 1, ["would be written over"])
        #expect((bytes(photo) == before) as Bool)
    }

    /// A limit on the size of files stands for a full disk where none can be mounted.
    @Test func fileThatGrowsTooLargeIsNotLeftBehind() throws {
        let photo = try folder.photo("a.jpg", width: 1200, height: 900)
        let result = try run(
            "/usr/bin/env",
            [
                "bash", "-c", "ulimit -f 20; exec \"$@\"", "bash", program, "--model", smallModel, "--mean", "0.5",
                "--std", "0.5", photo,
            ] + output)
        expectLine(result, 1, [photo + ": ", "gradcam_cam.jpg: cannot be written (File too large)"])
        #expect(results.files == [])
    }

    @Test func interruptLeavesNoHalfWrittenFile() throws {
        for index in 0..<300 { try folder.photo("\(index).jpg", width: 400, height: 300) }
        let process = Process()
        // Whoever runs the tests may ignore the signal, and the program would go on ignoring it.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "--default-signal=INT", program, "--model", smallModel, "--quiet", "--output-dir", results.path,
            folder.path,
        ]
        try process.run()
        while results.files.filter({ !$0.hasPrefix(".") }).count < 4 && process.isRunning { usleep(2000) }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let files = results.files
        #expect(files.count >= 4 && files.count < 900)
        for file in files {
            #expect(!file.hasPrefix("."))
            let picture = try Image(contentsOf: results.path + "/" + file)
            #expect(picture.warning == nil && picture.width == 400)
        }
    }
}
