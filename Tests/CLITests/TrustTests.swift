import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Metrics, what people marked, boxes and masks by the built program.
@Suite struct TrustTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()

    private func gradcam(_ words: [String], input: String = "") throws -> Finished {
        try explain(words + ["-o", results.path], input: input)
    }

    private func photos(_ count: Int) throws -> String {
        for number in 0..<count { try folder.photo("photos/\(number).jpg", of: number % 2 == 0 ? "cat" : "coffee") }
        return folder.path + "/photos"
    }

    @Test func aPhotosReportHasTheControls() throws {
        let photo = try folder.photo("cat.jpg")
        let boxes = folder.write(Array("cat.jpg,3,20,20,120,100\n".utf8), to: "boxes.csv")
        let words = [
            photo, "--metrics", "complexity", "--boxes", boxes, "--target-category", "3,4", "--outputs", "none",
        ]
        let object = try #require(try objects(gradcam(words + ["--json"])).first)
        let judgements = try #require(object["judgements"] as? [[String: Any]])
        #expect(
            judgements.map { $0["method"] as? String } == [
                "gradcam", "randomcam", "sobel", "gradcam", "randomcam", "sobel",
            ])
        #expect(judgements.map { $0["control"] as? Bool } == [false, true, true, false, true, true])
        #expect(judgements.map { $0["class"] as? Int } == [3, 3, 3, 4, 4, 4])
        let names = judgements.map { ($0["measures"] as? [[String: Any]])?.compactMap { $0["name"] as? String } }
        let marks = ["pointing-game", "energy-inside", "localisation-overlap", "localisation-error", "relevance-rank"]
        #expect(names[0] == ["complexity"] + marks && names[2] == names[0] && names[3] == ["complexity"])
        #expect((judgements[0]["verdict"] as? [String: Any])?["text"] is String && judgements[1]["verdict"] is NSNull)
        let text = try gradcam(words).output
        #expect(text.contains("energy-inside") && text.contains("randomcam") && text.contains("sobel"))
    }

    /// Of photos that were passed over the averages are those of their reports, and of shares those of all.
    @Test func averagesAreOfAllPhotos() throws {
        let photos = try photos(9), table = folder.path + "/table"
        let words = ["--metrics", "complexity", "--method", "gradcam,layercam", "--target-category", "3"]
        let whole = try gradcam([photos, "--outputs", "none", "--json", "--table", table + ".csv"] + words)
        #expect(whole.status == 0, "\(whole.errors)")
        let expected = String(decoding: bytes(table + ".csv"), as: UTF8.self)
        #expect(expected.contains("complexity,lower,gradcam,false,9,") && expected.contains(",sobel,true,9,"))
        #expect(whole.errors.contains("averages of 9 photos"))

        // Some photos first, then all: those are passed over.
        let list = (0..<4).map { "\(photos)/\($0).jpg" }.joined(separator: "\n")
        let part = words + ["--outputs", "none", "--resume", "--keep-paths"]
        #expect(try gradcam(["-", "--table", table + ".json"] + part, input: list).status == 0)
        let all = (0..<9).map { "\(photos)/\($0).jpg" }.joined(separator: "\n")
        let rest = try gradcam(["-", "--table", table + ".csv"] + part, input: all)
        #expect(rest.errors.contains("5 photos done, 4 skipped, 0 failed"), "\(rest.errors)")
        #expect(String(decoding: bytes(table + ".csv"), as: UTF8.self) == expected)
        #expect(results.files == [])

        let reports = try (1...3).map {
            try gradcam([photos, "--shard", "\($0)/3", "--json", "--outputs", "none"] + words).output
        }
        let merged = try run(program, ["--average", "-", "--table", table + ".md"], input: reports.joined())
        #expect(merged.status == 0 && merged.output.hasPrefix("averages of 9 photos"))
        #expect(
            try run(program, ["--average", folder.write(Array(whole.output.utf8), to: "r.jsonl")]).output
                == merged.output)
        #expect(String(decoding: bytes(table + ".md"), as: UTF8.self).contains("| layercam |"))
    }

    /// What was judged is worth as much as files: a later run goes on with it, though this one did not resume.
    @Test func judgedPhotosAreRecorded() throws {
        let photos = try photos(6)
        let words = [photos, "--metrics", "complexity", "--target-category", "3", "--outputs", "none"]
        let first = try gradcam(words)
        #expect(first.status == 0 && first.output.contains("averages of 6 photos"))
        let second = try gradcam(words + ["--resume"])
        #expect(second.errors.contains("0 photos done, 6 skipped, 0 failed"), "\(second.errors)")
        func table(_ output: String) -> Substring { output[output.range(of: "averages of")!.lowerBound...] }
        #expect(table(second.output) == table(first.output))

        // Reports alone are recorded for those who ask for it.
        let alone = TemporaryFolder()
        for (number, done) in ["6 photos done, 0 failed", "0 photos done, 6 skipped, 0 failed"].enumerated() {
            let reports = try explain([photos, "--outputs", "none", "--json", "--resume", "-o", alone.path])
            #expect(try objects(reports).count == 6 && reports.errors.contains(done), "\(number): \(reports.errors)")
        }
        let without = TemporaryFolder()
        #expect(try explain([photos, "--outputs", "none", "--json", "-o", without.path + "/new"]).status == 0)
        #expect((try? FileStatus(of: without.path + "/new")) == nil)
    }

    /// A run that would write nothing but a record does without.
    @Test func aFolderThatCannotBeWrittenIntoKeepsNoRecord() throws {
        let photos = try photos(2), file = folder.write([1], to: "file")
        let words = [photos, "--metrics", "complexity", "--outputs", "none", "-o", file + "/out"]
        let result = try explain(words)
        #expect(result.status == 0 && result.output.contains("averages of 2 photos"), "\(result.errors)")
        #expect(result.errors.contains("a later run cannot resume this one"))
        #expect(try explain(words + ["--resume"]).status == 2)
    }

    /// Whatever flag names a file to be read, no result takes its place.
    @Test func filesThatAreReadAreSpared() throws {
        let photo = try folder.photo("a.jpg"), other = try folder.photo("b.jpg", of: "coffee")
        let names = [
            "gradcam_cam.jpg", "gradcam_gb.jpg", "gradcam_cam_gb.jpg", "gradcam_cam.npy", "gradcam_mask.png",
        ]
        let first = try explain([photo, "--save-map", "--mask", "-o", folder.path])
        #expect(first.status == 0 && names.allSatisfy { bytes(folder.path + "/" + $0).count > 0 }, "\(first.errors)")
        let labels = folder.write(Array((0..<10).map { "class \($0)\n" }.joined().utf8), to: "labels.txt")
        let boxes = folder.write(Array("a,3,20,20,120,100\n".utf8), to: "boxes.csv")
        // The program's own pictures, used as something to be read.
        let targets = Golden.folder + "/targets/"
        let cases: [(words: [String], model: String, path: String)] = [
            (["--similar-to", "gradcam_cam.jpg"], targets + "tower.onnx", "gradcam_cam.jpg"),
            (["--target-mask", "gradcam_mask.png", "--mask"], targets + "deeplab.onnx", "gradcam_mask.png"),
        ]
        for (words, model, name) in cases {
            let path = folder.path + "/" + name, before = bytes(path)
            let result = try explain(
                [photo, words[0], folder.path + "/" + words[1], "-o", folder.path] + words[2...], model: model)
            #expect(result.status == 1 && result.errors.contains("\(name) would be written over"), "\(result.errors)")
            #expect((bytes(path) == before) as Bool)
        }
        let masks = TemporaryFolder()
        masks.write(try Mask(width: 160, height: 120) { x, _ in x > 80 }.rows.png(), to: "gradcam_mask.png")
        let masked = try explain([photo, "--masks", masks.path, "--mask", "--outputs", "none", "-o", masks.path])
        #expect(masked.status == 1 && masked.errors.contains("gradcam_mask.png would be written over"))

        for (path, words) in [
            (boxes, ["--boxes", boxes]), (boxes, ["--boxes", other, "--labels", boxes]),
            (labels, ["--labels", labels]),
            (boxes, ["--categories", boxes]), (photo, []), (folder.path + "/manifest.json", []),
            (folder.path + "/manifest-1-of-2.jsonl", []),
        ] {
            let before = bytes(path)
            let result = try explain([photo, "--output-tar", path] + words)
            #expect(result.status == 2 && (bytes(path) == before) as Bool, "\(words): \(result.errors)")
        }
        let table = try explain([photo, "--boxes", boxes, "--table", boxes])
        #expect(table.status == 2 && table.errors.contains("boxes.csv would be written over"), "\(table.errors)")
        let twice = try explain(
            [photo, "--boxes", boxes, "--table", folder.path + "/x.csv", "--output-tar", folder.path + "/./x.csv"])
        #expect(twice.status == 2 && twice.errors.contains("x.csv would be written twice"), "\(twice.errors)")
    }

    /// How many photos were compared is told at the end, and what cannot be compared before it is explained.
    @Test func whatWasMarkedIsCounted() throws {
        let photos = try photos(5), table = folder.path + "/table.md"
        let text = "0.jpg,3,0,0,50,50\n1.jpg,,0,0,50,50\n2.jpg,4,0,0,50,50\n3.jpg,3,500,500,600,600\n"
        let boxes = folder.write(Array(text.utf8), to: "boxes.csv")
        let words = [photos, "--boxes", boxes, "--target-category", "3", "--outputs", "none"]
        let result = try gradcam(words)
        #expect(result.status == 1)
        #expect(
            result.errors.contains("3.jpg: its box 500.0,500.0,600.0,600.0 lies outside of its 160 x 120 pixels"),
            "\(result.errors)")
        #expect(result.errors.contains("boxes: 3 of 4 photos have some; 1 of another class than explained"))
        let again = try gradcam(words + ["--resume"])
        #expect(again.errors.contains("boxes: 3 of 4 photos have some; 1 of another class than explained"))

        let none = try gradcam([
            photos, "--target-category", "9", "--outputs", "none", "--table", table,
            "--boxes", folder.write(Array("0.jpg,3,0,0,50,50\n".utf8), to: "few.csv"),
        ])
        #expect(none.errors.contains("boxes: 1 of 5 photos has some; 1 of another class than explained"))
        #expect(none.errors.contains("warning: " + Messages.nothingMarked))
        #expect(none.output.hasSuffix("\(Messages.nothingMarked)\n\(Messages.nothingMeasured)\n"), "\(none.output)")
        #expect(String(decoding: bytes(table), as: UTF8.self).contains("- \(Messages.nothingMarked)"))

        let masks = TemporaryFolder()
        masks.write(try Mask(width: 160, height: 120) { _, _ in false }.rows.png(), to: "0.png")
        masks.write(try Mask(width: 160, height: 120) { x, _ in x > 9 }.rows.png(), to: "1.png")
        masks.write(try Mask(width: 16, height: 12) { x, _ in x > 9 }.rows.png(), to: "2.png")
        let masked = try gradcam([photos, "--masks", masks.path, "--outputs", "none"])
        #expect(masked.errors.contains("masks: 2 of 4 photos have one; of 1 all is black"), "\(masked.errors)")
        #expect(masked.status == 1 && masked.errors.contains("2.png has 16 x 12 pixels"))
    }

    @Test func boxesAndMasksAreTold() throws {
        let photo = try folder.photo("cat.jpg")
        let words = [
            photo, "--bbox", "--mask", "--outputs", "none", "--method", "gradcam,rise", "--samples", "20", "--json",
        ]
        let object = try #require(try objects(gradcam(words)).first)
        #expect(results.files == ["gradcam_mask.png", "rise_mask.png"])
        for region in try #require(object["regions"] as? [[String: Any]]) {
            let box = try #require(region["box"] as? [Int])
            #expect(0 <= box[0] && box[0] < box[2] && box[2] <= 160 && 0 <= box[1] && box[1] < box[3] && box[3] <= 120)
            let mask = try #require(region["mask"] as? [String: Any]), rle = try #require(mask["rle"] as? [String: Any])
            let picture = Mask(try Image(contentsOf: try #require(mask["file"] as? String)))
            #expect(rle["size"] as? [Int] == [120, 160] && rle["counts"] as? String == picture.compressedRunLengths)
            #expect(mask["pixels"] as? Int == picture.count && picture.count > 0)
        }
        let box = try #require(try objects(gradcam([photo, "--bbox", "--json", "--outputs", "none"])).first)
        #expect((box["regions"] as? [[String: Any]])?.first?["mask"] is NSNull)
    }

    @Test(arguments: [
        (["--metrics", "none"], "--metrics \"none\": no such value"),
        (["--metrics", "complexity", "--table", "x.txt"], ".csv, .md or .json"),
        (["--table", "x.csv"], "nothing to average"),
        (["--boxes", "a", "--masks", "b"], "exclude each other"),
        (["--boxes", "/none.csv"], "/none.csv: No such file"), (["--masks", "/none"], "/none: No such file"),
        (["--metrics", "complexity", "--table", "/none/x.csv"], "/none"),
        (["--average", "/none.jsonl"], "--average explains no photo, and reads one file of reports: leave \""),
    ])
    func faultsAreTold(_ words: [String], _ part: String) throws {
        let finished = try gradcam([try folder.photo("cat.jpg")] + words)
        #expect(finished.status == 2 && finished.errors.contains(part), "\(finished.errors)")
    }

    @Test(arguments: [
        (["/none.jsonl"], "/none.jsonl: No such file"),
        (["-", "--metrics", "road"], "--average and --metrics exclude"),
        (["-", "--boxes", "x"], "--average and --boxes exclude"),
        (["-", "--masks", "x"], "--average and --masks exclude"),
    ])
    func whatReportsAreNotAveragedWith(_ words: [String], _ part: String) throws {
        let finished = try run(program, ["--average"] + words)
        #expect(finished.status == 2 && finished.errors.contains(part), "\(finished.errors)")
    }

    @Test func metricsAreListed() throws {
        let lines = try run(program, ["--list-metrics"]).output.split(separator: "\n")
        for name in Vocabulary.metrics + ["pointing-game", "energy-inside", "localisation", "relevance-rank"] {
            #expect(lines.contains { $0.hasPrefix(name + " ") }, "\(name)")
        }
    }
}
