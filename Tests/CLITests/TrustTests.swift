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
        (["--average", "/none.jsonl"], "/none.jsonl: No such file"),
        (["--metrics", "complexity", "--table", "/none/x.csv"], "/none"),
    ])
    func faultsAreTold(_ words: [String], _ part: String) throws {
        let finished = try gradcam([try folder.photo("cat.jpg")] + words)
        #expect(finished.status == 2 && finished.errors.contains(part), "\(finished.errors)")
    }

    @Test func metricsAreListed() throws {
        let lines = try run(program, ["--list-metrics"]).output.split(separator: "\n")
        for name in Vocabulary.metrics + ["pointing-game", "energy-inside", "localisation", "relevance-rank"] {
            #expect(lines.contains { $0.hasPrefix(name + " ") }, "\(name)")
        }
    }
}
