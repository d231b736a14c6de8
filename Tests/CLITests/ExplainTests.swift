import ActivationMaps
import Imaging
import Platform
import Testing
import TestSupport

@testable import CLI

/// The whole program on a small network.
@Suite struct ExplainTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()
    private var output: [String] { ["--output-dir", results.path] }

    @Test func threePicturesAndTheMapAreWhatTheLibraryMakes() throws {
        let path = try folder.photo("cat.jpg")
        let result = try explain(
            [
                path, "--method", "gradcam++", "--target-category", "6", "--target-layer", "layer3[-1]", "--save-map",
                "--colormap", "viridis",
                "--image-weight", "0.3", "--quality", "80",
            ] + output)
        #expect(result.status == 0)
        #expect(result.faults == "")
        #expect(
            results.files == ["gradcam++_cam.jpg", "gradcam++_cam.npy", "gradcam++_cam_gb.jpg", "gradcam++_gb.jpg"])

        let explainer = try Explainer(contentsOf: smallModel, threads: 2, expectedImages: 1)
        let photo = try Image(contentsOf: path)
        var request = Explainer.Request()
        (request.methods, request.targets, request.guided) = ([.gradcamPlusPlus], .classes([6]), true)
        request.layers = try explainer.classifier.layers(named: ["layer3[-1]"])
        let explanation = try explainer.explain(photo, request)
        let (map, guided) = (explanation.explained[0].maps[0], try #require(explanation.explained[0].guided))
        func expect(_ name: String, _ expected: [UInt8], _ comment: Comment? = nil) {
            #expect((bytes(results.path + "/gradcam++_" + name) == expected) as Bool, "\(name) differs")
        }
        expect(
            "cam.jpg",
            try photo.overlaid(with: map.photo, colormap: .viridis, imageWeight: 0.3).jpeg(
                quality: 80, comment: PictureMark.text))
        expect(
            "gb.jpg",
            try guided.picture(explanation.placement).jpeg(quality: 80, chroma: .full, comment: PictureMark.text))
        expect(
            "cam_gb.jpg",
            try guided.picture(explanation.placement, weightedBy: map).jpeg(
                quality: 80, chroma: .full, comment: PictureMark.text))
        expect("cam.npy", NPY.encode(map.photo))
        #expect(map.photo.width == 160 && map.photo.height == 120)
    }

    /// As PNGs the same pictures without loss. Guided gradients are noise of many colours: with half of the colours'
    /// resolution a JPEG of them correlates with them by some 0.75.
    @Test func picturesArePNGsWhereTheseAreWanted() throws {
        let path = try folder.photo("cat.jpg"), jpegs = TemporaryFolder()
        let result = try explain([path, "--format", "png", "--mask"] + output)
        #expect(result.status == 0 && result.faults == "")
        #expect(results.files == ["gradcam_cam.png", "gradcam_cam_gb.png", "gradcam_gb.png", "gradcam_mask.png"])
        #expect(try explain([path, "--outputs", "gb,cam_gb", "-o", jpegs.path]).status == 0)
        for name in ["gradcam_gb", "gradcam_cam_gb"] {
            let exact = try Image(contentsOf: results.path + "/\(name).png")
            let lossy = try Image(contentsOf: jpegs.path + "/\(name).jpg")
            let likeness = correlation(exact.pixels.map(Float.init), lossy.pixels.map(Float.init))
            #expect(likeness > 0.98, "\(name): \(likeness)")
        }
    }

    @Test func standardOutputNamesClassesAndFiles() throws {
        let path = try folder.photo("cat.jpg")
        let lines = try explain([path] + output).output.split(separator: "\n").map(String.init)
        #expect(lines[0] == "\(path)  (torchscript, layer4.1.relu_1)")
        #expect(lines[1].split(separator: " ") == ["score", "logit", "class"])
        #expect(lines[2].hasPrefix("* ") && lines[3].hasPrefix("  ") && lines[2].contains(" %"))
        #expect(
            lines[7...] == [
                "-> \(results.path)/gradcam_cam.jpg", "-> \(results.path)/gradcam_gb.jpg",
                "-> \(results.path)/gradcam_cam_gb.jpg",
            ])
        #expect(try explain([path, "--quiet"] + output).output == "")
    }

    @Test func onlyTheFilesAskedFor() throws {
        let path = try folder.photo("cat.jpg")
        #expect(try explain([path, "--method", "all", "--outputs", "gb", "--batch-size", "3"] + output).status == 0)
        #expect(try results.files == methods().map { $0 + "_gb.jpg" }.sorted())
        #expect((bytes(results.path + "/gradcam_gb.jpg") == bytes(results.path + "/scorecam_gb.jpg")) as Bool)
    }

    /// A group leaves out, once, what has no map of the network; what is named is refused before a photo is read.
    @Test func methodsWithoutAMapOfTheNetwork() throws {
        let paths = [try folder.photo("a.jpg"), try folder.photo("b.jpg")]
        let all = try explain(paths + ["--method", "cheap,finercam", "--outputs", "cam"] + output)
        #expect(all.status == 0 && !results.files.contains { $0.contains("rollout") })
        #expect(all.errors.components(separatedBy: "left out rollout: the network has no attention").count == 2)
        #expect(results.files.count == 2 * (Methods.cheap.count - 1 + 1))
        for words in [["none.jpg", "--method", "all,gradientrollout"], ["--check", "--method", "gradientrollout"]] {
            let named = try explain(words + output)
            #expect(named.status == 2 && !named.errors.contains("none.jpg"))
            #expect(named.errors.contains("gradientrollout has no map here"), "\(named.errors)")
            #expect(named.errors.contains("gradcam (--method)"))
        }
    }

    @Test func foldersKeepTheirStructureAndClassesTheirNumbers() throws {
        try folder.photo("a.jpg")
        try folder.photo("inner/b.jpg", of: "coffee")
        let result = try explain([folder.path, "--target-category", "3,7", "--outputs", "cam"] + output)
        #expect(result.status == 0)
        #expect(
            results.files == [
                "a_gradcam_3_cam.jpg", "a_gradcam_7_cam.jpg", "inner/b_gradcam_3_cam.jpg", "inner/b_gradcam_7_cam.jpg",
            ])
        #expect(result.faults.hasSuffix("2 photos done, 0 failed\n"))
        for file in results.files { #expect(try Image(contentsOf: results.path + "/" + file).width == 160) }
    }

    /// One picture a photo and class, named, marked and reported as the others, of the size that its tiles make.
    @Test func methodsAreComparedOnOnePicture() throws {
        let path = try folder.photo("cat.jpg")
        try folder.photo("inner/b.jpg", of: "coffee", width: 32, height: 32)
        let result = try explain(
            [folder.path, "--method", "cheap", "--top-k", "2", "--outputs", "compare", "--json"] + output)
        #expect(result.status == 0)
        let reported = try objects(result).flatMap { try #require($0["files"] as? [String]) }
        #expect(reported.sorted() == results.files.map { results.path + "/" + $0 })
        #expect(results.files.count == 4)
        for (file, start) in zip(results.files, ["cat_", "cat_", "inner/b_", "inner/b_"]) {
            #expect(file.hasPrefix(start) && file.dropFirst(start.count + 1) == "_compare.jpg", "\(file)")
            #expect(PictureMark.isOn(results.path + "/" + file))
        }
        let picture = try Image(contentsOf: results.path + "/" + results.files[0])
        #expect(picture.width == 24 + 5 * 344 && picture.height == 24 + 3 * 320)

        let one = TemporaryFolder()
        #expect(try explain([path, "--compare", "--outputs", "cam", "-o", one.path]).status == 0)
        #expect(one.files == ["compare.jpg", "gradcam_cam.jpg"])
        let two = try Image(contentsOf: one.path + "/compare.jpg")
        #expect(two.width == 24 + 2 * 344 && two.height == 24 + 320)
        let under = try explain([one.path + "/compare.jpg", "--outputs", "compare", "-o", one.path])
        #expect(under.status == 1 && under.faults.contains("would be written over"))
    }

    /// One picture a photo, whatever the classes, with its maps; named, marked and reported as the others.
    @Test func conceptsHaveOnePictureAPhoto() throws {
        let path = try folder.photo("cat.jpg")
        try folder.photo("inner/b.jpg", of: "coffee", width: 32, height: 32)
        let words = [folder.path, "--outputs", "concepts", "--top-k", "2", "--concepts", "3", "--json"]
        let result = try explain(words + output)
        #expect(result.status == 0 && result.faults.hasSuffix("2 photos done, 0 failed\n"))
        #expect(results.files == ["cat_concepts.jpg", "inner/b_concepts.jpg"])
        for (file, object) in zip(results.files, try objects(result)) {
            #expect(object["files"] as? [String] == [results.path + "/" + file])
            #expect(PictureMark.isOn(results.path + "/" + file))
            let concepts = try #require(object["concepts"] as? [[String: Any]])
            let shares = concepts.compactMap { $0["share"] as? Double }
            #expect(shares.count == 3 && shares == shares.sorted(by: >) && shares.reduce(0, +) <= 1.00001)
            #expect(concepts.allSatisfy { $0["score"] is Double && $0["index"] is Int })
        }

        var request = Explainer.Request()
        (request.methods, request.concepts) = ([], 3)
        let photo = try Image(contentsOf: path)
        let concepts = try Explainer(contentsOf: smallModel, threads: 2, expectedImages: 1).explain(photo, request)
            .concepts
        #expect(try explain([path, "--outputs", "concepts", "--concepts", "3", "--save-map"] + output).status == 0)
        #expect((bytes(results.path + "/concepts.npy") == NPY.encode(concepts.map(\.photo))) as Bool)
        let lines = concepts.enumerated().map { place, concept in
            Legend.Line(
                Hues.colour(place), "class \(concept.index)", right: fixed(100 * concept.score, digits: 2) + " %")
        }
        let picture = photo.coloured(by: concepts.map(\.photoRows)).withLegend(lines)
        #expect(picture.width == 320 && picture.height > 120)
        let expected = try picture.jpeg(quality: 95, comment: PictureMark.text)
        #expect((bytes(results.path + "/concepts.jpg") == expected) as Bool)
    }

    /// More than a layer of four channels holds are told; of what is one place there are none, and no file.
    @Test func fewerConceptsThanAskedForAreTold() throws {
        let path = try folder.photo("cat.jpg")
        let words = [path, "--outputs", "concepts", "--concepts", "12", "--target-layer"]
        let some = try explain(words + ["layer1[-1]"] + output)
        #expect(some.status == 0 && some.errors.contains("concepts of the 12 that were asked for"), "\(some.errors)")
        let none = TemporaryFolder()
        let one = try explain(words + ["avgpool", "-o", none.path])
        #expect(one.status == 0 && one.errors.contains("no concepts: "), "\(one.errors)")
        #expect(none.files == [])
    }

    @Test func aColourBarStandsBesideTheOverlayAlone() throws {
        let path = try folder.photo("cat.jpg")
        #expect(try explain([path, "--target-category", "6", "--colorbar", "--colormap", "hot"] + output).status == 0)
        let photo = try Image(contentsOf: path)
        let map = try Explainer(contentsOf: smallModel, threads: 2, expectedImages: 1).explain(photo, of: .classes([6]))
            .explained[0].maps[0]
        let expected = try photo.overlaid(with: map.photoRows, colormap: .hot).withColorbar(.hot).jpeg(
            quality: 95, comment: PictureMark.text)
        #expect((bytes(results.path + "/gradcam_cam.jpg") == expected) as Bool)
        #expect(try Image(contentsOf: results.path + "/gradcam_gb.jpg").width == 160)
    }

    @Test func jsonHasOneObjectAPhoto() throws {
        let path = try folder.photo("cat.jpg")
        let result = try explain(["--json", "--top-k", "2", "-"] + output, input: path + "\n/none.jpg\n")
        #expect(result.status == 1)
        let objects = try objects(result)
        #expect(objects.count == 2)
        let photo = try #require(objects.first { $0["files"] != nil })
        #expect(
            photo["input"] as? String == path && photo["model"] as? String == "torchscript"
                && photo["layer"] as? String == "layer4.1.relu_1")
        let classes = try #require(photo["classes"] as? [[String: Any]])
        #expect(classes.count == 2 && (photo["top"] as? [Any])?.count == 5)
        let scores = classes.compactMap { $0["score"] as? Double }
        #expect(scores.count == 2 && scores[0] >= scores[1] && scores[0] <= 1)
        #expect((photo["files"] as? [String])?.allSatisfy { !bytes($0).isEmpty } == true)
        #expect(
            (photo["timings"] as? [String: Double])?.keys.sorted() == [
                "decode", "forward", "guided", "maps", "preprocess", "write",
            ])
        #expect(
            objects.contains {
                $0["input"] as? String == "/none.jpg" && $0["error"] as? String == "No such file or directory"
            })
    }

    @Test func blankMapIsTold() throws {
        let path = try folder.photo("coffee.jpg", of: "coffee")
        let result = try explain([path, "--target-category", "3", "--json"] + output)
        let text = "the gradcam map of class 3 is blank: layer4.1.relu_1 holds no positive evidence for it (raw map -3."
        #expect(result.status == 0)
        #expect(result.faults.hasPrefix("gradcam: warning: \(path): \(text)"))
        #expect((try objects(result)[0]["diagnosis"] as? [String])?.first?.hasPrefix(text) == true)
    }

    @Test func samePhotoTwiceIsExplainedOnce() throws {
        let path = try folder.photo("cat.jpg")
        #expect(try explain([path, path, "--outputs", "cam"] + output).status == 0)
        #expect(results.files == ["cat_gradcam_cam.jpg"])
    }

    @Test func listsOfMethodsAndLayers() throws {
        let methods = try run(program, ["--list-methods"]).output.split(separator: "\n")
        #expect(
            methods.compactMap { $0.split(separator: " ").first.map(String.init) }
                == ["method"] + Methods.all.map(\.name) + ["C:"])
        let layers = try explain(["--list-layers"]).output.split(separator: "\n").map(String.init)
        #expect(layers[0].hasPrefix("network input 3 x 128 x 128; stride: "))
        #expect(layers.filter { $0.hasPrefix("*") }.map { $0.split(separator: " ")[1] } == ["layer4.1.relu_1"])
        #expect(
            layers.contains {
                $0.split(separator: " ") == [
                    "layer2.0.conv1", "Conv", "8", "x", "16", "x", "16", "8", "/layer2/layer2.0/conv1/Conv",
                ]
            })
    }

    @Test func layersStandUnderTheirModules() throws {
        let text = try run(program, ["--list-layers", "--model", Golden.folder + "/googlenet/dynamo.onnx"]).output
        #expect(text.contains("\n\ninception3a: ") && text.contains("\n\ninception5b: 64 x 4 x 4\n"))
        #expect(!text.contains("\n\nmaxpool"))
    }

    /// Every name that `--list-layers` prints means the layer that it stands for.
    @Test(arguments: ["resnet18", "googlenet", "densenet", "mobilenet_v2"], ["torchscript", "dynamo"])
    func listedNamesLeadBack(_ network: String, _ exporter: String) throws {
        let graph = try Classifier(contentsOf: "\(Golden.folder)/\(network)/\(exporter).onnx").graph
        let names = graph.layerNames
        #expect(graph.layers.count == names.count && Set(names.values).count == names.count)
        for (value, name) in names { #expect(try graph.layer(named: name).value == value, "\(name)") }
    }
}
