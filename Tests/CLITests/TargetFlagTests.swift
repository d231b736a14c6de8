import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Targets of every kind by the built program.
@Suite struct TargetFlagTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()
    /// Of several outputs: five scores, one number, maps and more.
    private static let scalars = Golden.folder + "/scalars/network.onnx"
    private static let dense = Golden.folder + "/targets"

    private func gradcam(_ words: [String], model: String = scalars) throws -> Finished {
        try explain(words + ["-o", results.path], model: model)
    }

    /// Of each photo, what was explained: `kind name`.
    private func targets(_ words: [String], model: String = scalars) throws -> [[String]] {
        let finished = try gradcam(words + ["--json"], model: model)
        #expect(finished.status == 0, "\(finished.errors)")
        return try objects(finished).map { object in
            try #require(object["targets"] as? [[String: Any]]).map { "\($0["kind"]!) \($0["name"]!)" }
        }
    }

    @Test func numbersOfClassesHaveNames() throws {
        let photo = try folder.photo("cat.jpg"), words = [photo, "--outputs", "none", "--output", "scores"]
        #expect(try targets(words + ["--target-category", "2"]) == [["logit class 2"]])
        #expect(
            try targets(words + ["--target-category", "2,3", "--score", "rest"]) == [
                ["rest ReST of class 2", "rest ReST of class 3"]
            ])
        #expect(
            try targets(words + ["--target-category", "1", "--against", "4"]) == [
                ["difference class 1 against class 4"]
            ])
        // Among the best, the class itself is passed over.
        #expect(try targets(words + ["--top-k", "9", "--against", "4"])[0].count == 4)
        let faults = [
            (["--target-category", "4", "--against", "4"], "itself"), (["--against", "5"], "out of range"),
            (["--score", "rest", "--method", "finercam"], "by their logits"),
        ]
        for (flags, reason) in faults {
            let finished = try gradcam(words + flags)
            #expect(finished.status == 2 && finished.errors.contains(reason), "\(finished.errors)")
        }
        let cheap = try gradcam(words + ["--score", "rest", "--method", "all", "--samples", "2", "--dry-run"])
        #expect(cheap.status == 0 && cheap.errors.contains("left out finercam"), "\(cheap.errors)")
    }

    @Test func partsOfOutputsHaveFilesOfTheirOwn() throws {
        let photo = try folder.photo("cat.jpg"), methods = "gradcam,scorecam,rise,saliency,ablationcam"
        let words = [
            photo, "--target", "maps[0,3].sum", "--target", "maps[0,1:3,::2,4].max", "--method", methods, "--samples",
            "9",
        ]
        #expect(try targets(words) == [["sum maps[0,3].sum", "max maps[0,1:3,::2,4].max"]])
        #expect(results.pictures.count == 2 * 5 * 3)
        #expect(results.pictures.contains("gradcam_target2_cam_gb.jpg"))
        let text = try gradcam(words + ["--outputs", "none"]).output
        #expect(text.contains("value  target") && text.contains("  maps[0,3].sum"), "\(text)")
        let faults: [([String], String)] = [
            (["--target", "maps[0,3]"], "192 numbers"), (["--target", "maps[0,4].sum"], "out of range"),
            (["--target", "nothing[0]"], "nothing"), (["--target", "maps(0)"], "'out[0,3,:,:].sum'"),
            (["--target", "maps.sum", "--aug-smooth"], "exclude each other"),
            (["--target", "maps.sum", "--method", "finercam"], "finercam has no map here"),
        ]
        for (flags, reason) in faults {
            let finished = try gradcam([photo] + flags)
            #expect(finished.status == 2 && finished.errors.contains(reason), "\(flags) \(finished.errors)")
        }
    }

    @Test func aTableTellsEachPhotosClasses() throws {
        for name in ["a/cat.jpg", "b/cat.jpg", "dog.jpg", "owl.jpg"] { try folder.photo("photos/" + name) }
        let labels = folder.write(Array("ant\nbee, honey\ncat\ndog\nelk\n".utf8), to: "labels.txt")
        let table = folder.write(
            Array("photo,class\na/cat,cat\n./b/cat.jpg,\"bee, honey\"\nb/cat.jpg,4\ndog.jpg,3\n".utf8), to: "t.csv")
        let words = [
            folder.path + "/photos", "--categories", table, "--labels", labels, "--output", "scores", "--outputs",
            "cam",
        ]
        let finished = try gradcam(words + ["--json"])
        #expect(finished.status == 1)
        let found = try objects(finished).map { object in
            (object["classes"] as? [[String: Any]])?.map { $0["index"] as? Int ?? -1 } ?? []
        }
        #expect(found == [[2], [1, 4], [3], []])
        #expect(finished.errors.contains("owl.jpg: \(table) tells no class of this photo"), "\(finished.errors)")
        #expect(results.pictures.filter { $0.contains("cat") }.count == 3 && results.pictures.count == 4)
        let planned = try gradcam(words + ["--dry-run"])
        #expect(planned.output.contains("b/cat_gradcam_4_cam.jpg") && planned.status == 1, "\(planned.output)")

        for (text, reason) in [
            ("dog.jpg,9\n", "line 1: class 9 is out of range"), ("dog.jpg,3\na,-1\n", "line 2"),
            ("dog.jpg\n", "line 1"), ("", "nothing"), ("a,yak\n", "yak"),
        ] {
            let table = folder.write(Array(text.utf8), to: "wrong.csv")
            let finished = try gradcam([folder.path + "/photos", "--categories", table, "--labels", labels])
            #expect(finished.status == 2 && finished.errors.contains(reason), "\(text) \(finished.errors)")
        }
    }

    @Test func aSegmentationIsExplainedUnderAMask() throws {
        let photo = try folder.photo("cat.jpg", width: 96, height: 64), model = Self.dense + "/fcn.onnx"
        var pixels = [UInt8](repeating: 0, count: 96 * 64 * 3)
        for place in 0..<96 * 30 * 3 { pixels[place] = 255 }
        let upper = folder.write(try Image(width: 96, height: 64, pixels: pixels).png(), to: "upper.png")
        let words = [photo, "--outputs", "none", "--target-mask", upper]
        let chosen = try targets(words, model: model)
        try #require(chosen.count == 1)
        #expect(chosen[0].count == 1 && chosen[0][0].hasPrefix("pixels ") && chosen[0][0].hasSuffix(" under the mask"))
        #expect(try targets(words + ["--target-category", "0,1"], model: model)[0].count == 2)
        #expect(try targets([photo, "--outputs", "none"], model: model)[0][0].hasPrefix("pixels "))
        let small = folder.write(
            try Image(width: 9, height: 9, pixels: Array(pixels[..<243])).png(), to: "s.png")
        let black = folder.write(
            try Image(width: 96, height: 64, pixels: pixels.map { _ in 0 }).png(), to: "black.png")
        for (mask, reason) in [(small, "9 x 9 pixels, the photo 96 x 64"), (black, "no pixel of the output")] {
            let finished = try gradcam([photo, "--target-mask", mask], model: model)
            #expect(finished.status == 1 && finished.errors.contains(reason), "\(finished.errors)")
        }
    }

    @Test func aDetectorsBoxesAreExplained() throws {
        let photo = try folder.photo("cat.jpg", width: 96, height: 64), model = Self.dense + "/yolo8.onnx"
        let words = [photo, "--outputs", "cam"]
        let two = try targets(words + ["--target-box", "3", "--target-box", "10,10,60,50"], model: model)
        #expect(two[0].count == 1 && two[0][0].hasPrefix("box ") && two[0][0].contains(" in box 3 at "))
        #expect(two[0][0].contains(" + ") && results.pictures == ["gradcam_cam.jpg"])
        let again = try targets(words + ["--target-box", "3", "--target-box", "3"], model: model)
        #expect(!again[0][0].contains(" + "), "each box counts once")
        #expect(try targets(words, model: model)[0][0].contains(" in box "))
        let beyond = try gradcam(words + ["--target-box", "99999999"], model: model)
        #expect(beyond.status == 2 && beyond.errors.contains("box 99999999 is out of range"), "\(beyond.errors)")
        let nowhere = try gradcam(words + ["--target-box", "5000,5000,6000,6000"], model: model)
        #expect(nowhere.status == 1 && nowhere.errors.contains("none of the network's boxes"), "\(nowhere.errors)")
    }

    /// What is explained are the boxes that rows are chosen from.
    @Test(arguments: ["yolo10", "yolo8_suppressed"])
    func boxesThatRowsAreChosenFromAreExplained(_ name: String) throws {
        let photo = try folder.photo("cat.jpg", width: 96, height: 64), model = Self.dense + "/\(name).onnx"
        let finished = try gradcam([photo, "--outputs", "none"], model: model)
        #expect(finished.status == 0 && finished.errors.contains("output 'output' holds rows that are chosen from '/"))
        #expect(
            try targets([photo, "--outputs", "none", "--target-box", "115"], model: model)[0][0].contains("box 115"))
        let check = try run(program, ["--check", "--model", model])
        #expect(check.status == 0 && check.output.contains("holds rows that are chosen from"), "\(check.errors)")
        #expect(check.output.contains("[1, 7, 120]: classes, each by its best box"), "\(check.output)")
    }

    /// Whatever box or pixels are explained, the classes' numbers are of one kind, and no logits.
    @Test func classesOfDetectorsAndSegmentationsHaveScores() throws {
        let photo = try folder.photo("cat.jpg", width: 96, height: 64), model = Self.dense + "/yolo8.onnx"
        for flags in [
            [], ["--target-box", "3"], ["--target-box", "3", "--target-box", "4", "--target-category", "1"],
        ] {
            let report = try #require(
                objects(gradcam([photo, "--outputs", "none", "--json"] + flags, model: model)).first)
            let top = try #require(report["top"] as? [[String: Any]])
            let classes = try #require(report["classes"] as? [[String: Any]])
            #expect(classes.count == 1 && top.allSatisfy { $0["logit"] is NSNull })
            for entry in classes {
                let same = try #require(top.first { $0["index"] as? Int == entry["index"] as? Int })
                #expect(same["score"] as? Double == entry["score"] as? Double && entry["logit"] is NSNull)
            }
        }
        for file in ["yolo8", "fcn"] {
            let text = try gradcam([photo, "--outputs", "none"], model: Self.dense + "/\(file).onnx").output
            #expect(text.contains("score  class") && !text.contains("logit"), "\(text)")
        }
    }

    @Test func aWrongNameIsToldWithTheNearest() throws {
        let photo = try folder.photo("cat.jpg")
        let wrong = try gradcam([photo, "--target", "mapz[0,3].sum"])
        #expect(wrong.status == 2 && wrong.errors.contains("no output, tensor or node 'mapz'; did you mean 'maps'?"))
        #expect(wrong.errors.contains("--list-layers names the nodes of maps"), "\(wrong.errors)")
        // As that list has them.
        let node = "/backbone/layer3/layer3.0/Conv", model = Self.dense + "/fcn.onnx"
        let list = try run(program, ["--list-layers", "--model", model]).output
        try #require(list.contains(node), "\(list)")
        #expect(try targets([photo, "--outputs", "none", "--target", node + "[0,1].sum"], model: model)[0].count == 1)
    }

    @Test func anEmbeddingIsComparedWithPhotosAndFiles() throws {
        let photo = try folder.photo("cat.jpg"), model = Self.dense + "/tower.onnx"
        let words = [photo, "--outputs", "none", "--json", "--similar-to"]
        let itself = try objects(gradcam(words + [photo], model: model))
        let value = try #require((itself.first?["targets"] as? [[String: Any]])?.first?["value"] as? Double)
        #expect(abs(value - 1) < 1e-5)
        #expect(
            try targets([photo, "--outputs", "none", "--similar-to", Self.dense + "/text.npy"], model: model) == [
                ["similarity similarity to text.npy"]
            ])
        let short = folder.write([UInt8](), to: "short.npy")
        try AtomicFile.write(to: [short]) { sink throws(ImageError) in
            try NPY.encode(Plane(width: 2, height: 1, values: [1, 2]).rows, as: .float32, to: sink)
        }
        let finished = try gradcam(words + [short], model: model)
        #expect(finished.status == 2 && finished.errors.contains("'short.npy' has 2 numbers"), "\(finished.errors)")
        let zeros = folder.write([UInt8](), to: "zeros.npy")
        try AtomicFile.write(to: [zeros]) { sink throws(ImageError) in
            let plane = Plane(width: 12, height: 1, values: [Float](repeating: 0, count: 12))
            try NPY.encode(plane.rows, as: .float32, to: sink)
        }
        let undefined = try gradcam(words + [zeros], model: model)
        #expect(
            undefined.status == 2 && undefined.errors.contains("'zeros.npy' has no direction"), "\(undefined.errors)")
        // An embedding is told from what may be a classifier's scores.
        let guess = "nothing tells that output"
        #expect(!undefined.errors.contains(guess))
        let scores = try gradcam(
            [photo, "--outputs", "none", "--similar-to", photo], model: Shared.repository + "/Models/catdog.onnx")
        #expect(scores.status == 0 && scores.errors.contains(guess), "\(scores.errors)")
    }

    @Test func theCheckTellsHowOneOfSeveralInputsTakesThePhoto() throws {
        let check = try run(program, ["--check", "--model", Self.dense + "/siamese.onnx"])
        #expect(check.status == 3 && check.output.contains("--image-input left --input right=FILE"), "\(check.output)")
        #expect(check.output.contains("--image-input right --input left=FILE"))
    }
}
