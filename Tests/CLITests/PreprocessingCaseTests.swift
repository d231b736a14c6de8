import Foundation
import Testing
import TestSupport

/// What the program feeds where files, flags or the network itself tell it, and what it says of that.
@Suite struct PreprocessingCaseTests {
    let folder = TemporaryFolder()

    static let beginnings = [
        ("k2-resize-first", "resize-first"), ("k3-reverse-channels-first", "reverse-first"),
        ("k6-batchnorm-first", "batchnorm-first"), ("k10-mean-image", "mean-image"),
    ]

    @Test(arguments: beginnings)
    func aNetworkThatNormalisesItselfIsFedPixels(_ name: String, _ file: String) throws {
        let item = Case(name), run = try CaseRun(model: item.path(file + ".onnx"))
        #expect(run.difference("logit", from: try item.numbers("right_scores.txt")) < 1e-4)
        let fed = Fed(run)
        #expect(fed.mean == [0, 0, 0] && fed.std.count == 3 && fed.std.allSatisfy { abs($0 - 1 / 255) < 1e-8 })
        #expect(fed.sources["values"] == "the network" && !fed.isAssumed)
        #expect(
            feeding(run.finished).count == 1 && feeding(run.finished)[0].contains("pixels of 0..255")
                && feeding(run.finished)[0].contains("(the network)"))
        #expect(run.finished.faults == "")
    }

    @Test func ultralyticsMetadataTellsPixelsAndLabels() throws {
        let item = Case("u1-ultralytics-metadata"),
            run = try CaseRun(model: item.path("ultralytics-cls.onnx"), ["--target-category", "dent"])
        #expect(run.difference("score", from: try item.numbers("right_scores.txt")) < 1e-5)
        #expect(maxDifference(run.map, try item.map("right_map_class1.npy")) <= 1e-3)
        let fed = Fed(run)
        #expect(fed.mean == [0, 0, 0] && fed.std == [1, 1, 1] && fed.words["resize"] as? String == "crop")
        #expect(Set(fed.sources.values.filter { $0 != "the network" }) == ["Ultralytics' metadata"])
        #expect(feeding(run.finished).count == 1 && run.finished.faults == "")
    }

    @Test func huggingFacesFolderTellsPixelsAndLabels() throws {
        let item = Case("u4-hugging-face-folder")
        for model in [item.path("model.onnx"), Case.folder + "/" + item.name] {
            let run = try CaseRun(model: model, ["--target-category", "dog"])
            #expect(run.difference("logit", from: try item.numbers("right_scores.txt")) < 1e-4)
            #expect(maxDifference(run.map, try item.map("right_map_class1.npy")) <= 1e-3)
            let fed = Fed(run)
            #expect(
                fed.mean == [0.5, 0.5, 0.5] && fed.std == [0.5, 0.5, 0.5]
                    && fed.sources["values"]?.hasSuffix("/preprocessor_config.json") == true)
            #expect(run.finished.faults == "")
        }
    }

    /// Their scores on JPEGs come from transformers' pipeline, which another decoder feeds.
    @Test(arguments: ["real-hf-optimum-folder", "real-hf-efficientnet-avgpool"])
    func foldersAsOptimumWritesThem(_ name: String) throws {
        struct Right: Decodable {
            let pipeline: [String: [String: Float]]
            let square224Logits: [Float]
            let layer: String
        }
        let item = Case(name), decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let right = try decoder.decode(
            Right.self, from: Data(contentsOf: URL(fileURLWithPath: item.path("right.json"))))
        let run = try CaseRun(
            model: Case.folder + "/" + name, photo: Case.folder + "/square224.png", ["--target-layer", right.layer])
        #expect(run.difference("logit", from: right.square224Logits) < 1e-4)
        #expect(maxDifference(run.map, try item.map("square224_cam.npy")) <= 1e-3)
        #expect(
            Fed(run).sources["values"]?.hasSuffix("/preprocessor_config.json") == true && !Fed(run).isAssumed
                && run.finished.faults == "")
        for (photo, scores) in right.pipeline {
            let run = try CaseRun(model: Case.folder + "/" + name, photo: Shared.repository + "/Photos/" + photo)
            for entry in run.report["top"] as? [[String: Any]] ?? [] {
                let score = try #require(entry["score"] as? Double), label = try #require(entry["label"] as? String)
                #expect(abs(Float(score) - (scores[label] ?? .infinity)) < 5e-3, "\(photo): \(label) \(score)")
            }
        }
    }

    private static let bytes = ["--mean", "123.675,116.28,103.53", "--std", "58.395,57.12,57.375"]

    @Test func valuesForBytesAreUsedSoAndTold() throws {
        let right = Case("u3-mean-0-255"), scores = try right.numbers("right_scores.txt"),
            map = try right.map("right_map_class2.npy")
        let model = try plainModel("bytes", #"{"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}"#)
        for run in [
            try CaseRun(model: Case.plainModel, Self.bytes + ["--target-category", "2"]),
            try CaseRun(model: model, ["--target-category", "2"]),
        ] {
            #expect(run.difference("logit", from: scores) < 1e-4)
            #expect(maxDifference(run.map, map) <= 1e-3)
            #expect(
                Fed(run).remarks.count == 1 && Fed(run).remarks[0].contains("are for pixels of 0..255, and are used so")
            )
            #expect(run.finished.faults.components(separatedBy: "are for pixels of 0..255").count == 2)
        }
        #expect(Fed(try CaseRun(model: Case.plainModel, Self.bytes)).sources["values"] == "the options")
    }

    @Test func valuesForTwoRangesAreRefused() throws {
        let flags = try CaseRun(
            model: Case.plainModel, ["--mean", "123.675,116.28,103.53", "--std", "0.229,0.224,0.225"])
        #expect(flags.finished.status == 2 && flags.finished.faults.contains("one is for 0..255, the other for 0..1"))
        let model = try plainModel("both", #"{"mean": [0.485, 0.456, 0.406], "std": [58.395, 57.12, 57.375]}"#)
        let file = try CaseRun(model: model)
        #expect(
            file.finished.status == 3 && file.finished.faults.contains("both.json: ")
                && file.finished.faults.contains("one is for 0..255, the other for 0..1"))
    }

    @Test func anAssumptionIsOneWarning() throws {
        let run = try CaseRun(model: Case.plainModel)
        #expect(Fed(run).isAssumed && run.finished.faults.components(separatedBy: "are assumed").count == 2)
        let told = try CaseRun(model: Case.plainModel, ["--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"])
        #expect(!Fed(told).isAssumed && told.finished.faults == "")
        #expect(told.top("logit") == run.top("logit"))
    }

    /// Right are ONNX Runtime's scores of what torchvision's preset feeds.
    @Test func flagsScaleAndCrop() throws {
        struct Right: Decodable {
            let words: [String]
            let scores: [Float]
        }
        let file = Case.folder + "/preprocessing/flags.json"
        for right in try JSONDecoder().decode([Right].self, from: Data(contentsOf: URL(fileURLWithPath: file))) {
            let run = try CaseRun(
                model: Case.plainModel, photo: Shared.repository + "/Tests/Cases/square224.png", right.words)
            #expect(run.difference("logit", from: right.scores) < 1e-4, "\(right.words)")
            #expect(run.finished.status == 0 && Fed(run).sources["size"] == "the network")
        }
    }

    @Test(arguments: [
        (
            "preprocessor_config.json",
            #"{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224}, "crop_pct": 0}"#
        ),
        (
            "preprocessor_config.json",
            #"{"image_processor_type": "LevitImageProcessor", "size": {"shortest_edge": 9223372036854775807}}"#
        ),
        ("preprocessor_config.json", #"{"image_mean": [0.5, 0.5], "image_std": [0.5, 0.5], "size": 96}"#),
        ("config.json", #"{"pretrained_cfg": {"input_size": [3, 96, 96], "crop_pct": 1e-300}}"#),
        ("config.json", #"{"pretrained_cfg": {"mean": [NaN, 0.4, 0.4], "std": [0.2, 0.2, 0.2]}}"#),
        (
            "pipeline.json",
            #"{"pipeline": {"tasks": [{"transforms": [{"type": "Resize", "size": [32, 9223372036854775807]}]}]}}"#
        ),
    ])
    func impossibleNumbersOfOthersArePassedOver(_ name: String, _ text: String) throws {
        let model = try plainModel("network", nil)
        let path = folder.write(Array(text.utf8), to: name)
        let run = try CaseRun(model: model)
        #expect(
            run.finished.status == 0 && Fed(run).isAssumed && run.finished.faults.contains("\(path) is passed over: "),
            "\(run.finished.faults)")
    }

    @Test func filesThatCannotBeUsedAreNamed() throws {
        let model = try plainModel("network", nil)
        let broken = folder.write(Array(#"{"image_mean": [0.5, "#.utf8), to: "preprocessor_config.json")
        let run = try CaseRun(model: model)
        #expect(
            run.finished.status == 0 && Fed(run).isAssumed
                && run.finished.faults.contains("\(broken) is passed over: it is not valid JSON (line 1)"))
        folder.write(
            Array(#"{"image_mean": [0.5, 0.5, 0.5], "image_std": [0, 0.5, 0.5], "do_normalize": true}"#.utf8),
            to: "preprocessor_config.json")
        #expect(
            try CaseRun(model: model).finished.faults.contains(
                "\(broken) is passed over: std [0,0.5,0.5] should be 1 or 3 numbers above 0"))
        folder.write(
            Array(
                #"{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "do_normalize": true, "size": 64}"#.utf8
            ), to: "preprocessor_config.json")
        folder.write(Array(#"{"model_type": "vit", "id2label": {"0": "cat", "1": "dog"}}"#.utf8), to: "config.json")
        let foreign = try CaseRun(model: model)
        #expect(
            foreign.finished.status == 0
                && foreign.finished.faults.contains(
                    "config.json has 2 labels for a network of 4 classes; they are not used")
        )
    }

    /// Over all photos, the first of the usual ways is the one that the network was made for.
    @Test func checkFindsHowRealNetworksAreFed() throws {
        struct Entry: Decodable {
            let channelOrder: String
            let mean, std: [Float]
        }
        struct Models: Decodable { let models: [String: Entry] }
        guard let index = Shared.path("models/MODELS.json", for: "the way real networks are fed"),
            let photos = Shared.path("photos", for: "the way real networks are fed")
        else { return }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        for (name, entry) in try decoder.decode(Models.self, from: Data(contentsOf: URL(fileURLWithPath: index))).models
        {
            let result = try run(
                program, ["--check", "--model", Shared.folder! + "/models/" + name, "--image-path", photos])
            let lines = result.output.split(separator: "\n").map(String.init)
            // Below the table's head.
            let first = try #require(
                lines.firstIndex { $0.hasPrefix("how clearly") }.map { lines[$0 + 2] }, "\(result.errors)")
            func numbers(_ flag: String) -> [Float] {
                first.components(separatedBy: flag + " ").last?.prefix { $0 != " " }.split(separator: ",").compactMap {
                    Float($0)
                } ?? []
            }
            #expect(
                maxDifference(numbers("--mean"), entry.mean) < 0.01
                    && maxDifference(numbers("--std"), entry.std) < 0.01, "\(name): \(first)")
            #expect(first.contains("--channel-order bgr") == (entry.channelOrder == "bgr"), "\(name): \(first)")
        }
    }

    /// The plain network in a folder of its own, with a side-car.
    private func plainModel(_ name: String, _ sideCar: String?) throws -> String {
        if let sideCar { folder.write(Array(sideCar.utf8), to: name + ".json") }
        return folder.write(try Data(contentsOf: URL(fileURLWithPath: Case.plainModel)), to: name + ".onnx")
    }

    private func feeding(_ finished: Finished) -> [String] {
        finished.errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("feeding ") }
    }
}

/// The `preprocessing` of a photo's JSON object.
private struct Fed {
    let words: [String: Any]
    var mean: [Double] { words["mean"] as? [Double] ?? [] }
    var std: [Double] { words["std"] as? [Double] ?? [] }
    var isAssumed: Bool { words["assumed"] as? Bool ?? true }
    var remarks: [String] { words["remarks"] as? [String] ?? [] }
    var sources: [String: String] { words["sources"] as? [String: String] ?? [:] }

    init(_ run: CaseRun) { words = run.report["preprocessing"] as? [String: Any] ?? [:] }
}
