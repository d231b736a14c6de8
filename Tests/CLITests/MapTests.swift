import ActivationMaps
import Foundation
import Testing
import TestSupport

@testable import CLI

/// `--save-map` on its three grids, and what the report tells of where they lie (docs/cli.md, "Maps").
@Suite struct MapTests {
    let folder = TemporaryFolder()

    /// A map as its file and the report have it.
    private struct Saved {
        var width, height: Int
        var values: [Float]
        let report: [String: Any]

        var map: [String: Any] { report["map"] as? [String: Any] ?? [:] }
        var corners: [Double] { ["x0", "y0", "x1", "y1"].compactMap { map[$0] as? Double } }
        func integer(_ key: String, of part: String = "map") -> Int {
            (report[part] as? [String: Any])?[key] as? Int ?? 0
        }
    }

    /// The first map that a run of one photo saves.
    private func save(_ words: [String], _ space: String, model: String = smallModel) throws -> Saved {
        let output = ["--save-map", space, "--outputs", "none", "--json", "--quiet", "-o", folder.path + "/" + space]
        let result = try explain(words + output, model: model)
        #expect(result.status == 0, "\(result.errors)")
        let report = try #require(try objects(result).first), map = try #require(report["map"] as? [String: Any])
        #expect(map["space"] as? String == space)
        #expect(map["type"] as? String == (space == "layer" ? "float16" : "float32"))
        let files = try #require(map["files"] as? [[String: Any]])
        #expect(files.compactMap { $0["file"] as? String } == report["files"] as? [String])
        let path = try #require(files[0]["file"] as? String)
        let (width, height) = (try #require(files[0]["width"] as? Int), try #require(files[0]["height"] as? Int))
        let values = try readNPY(path)
        #expect(values.count == width * height)
        #expect(bytes(path).count == 128 + values.count * (space == "layer" ? 2 : 4))
        return Saved(width: width, height: height, values: values, report: report)
    }

    /// What each of the cells from `low` to `high` weighs in each pixel.
    private func weights(_ pixels: Int, _ low: Double, _ high: Double, _ cells: Int) -> [[Float]] {
        (0..<pixels).map { pixel in
            let centre = Double(pixel) + 0.5
            guard low <= centre, centre < high else { return [Float](repeating: 0, count: cells) }
            let place = min(max((centre - low) * Double(cells) / (high - low) - 0.5, 0), Double(cells - 1))
            return (0..<cells).map { Float(max(0, 1 - abs(place - Double($0)))) }
        }
    }

    private func lay(_ map: inout Saved, over width: Int, _ height: Int, _ corners: [Double]) {
        let across = weights(width, corners[0], corners[2], map.width),
            down = weights(height, corners[1], corners[3], map.height)
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map(*).reduce(0, +) }
        let rows = (0..<map.height).map { y in
            across.map { dot($0, Array(map.values[y * map.width..<(y + 1) * map.width])) }
        }
        map.values = down.flatMap { weights in (0..<width).map { x in dot(weights, rows.map { $0[x] }) } }
        (map.width, map.height) = (width, height)
    }

    /// The page's rule.
    private func rebuilt(_ saved: Saved, isSigned: Bool = false) -> Saved {
        var map = saved
        if map.map["space"] as? String == "layer" {
            let width = map.integer("width", of: "preprocessing"), height = map.integer("height", of: "preprocessing")
            lay(&map, over: width, height, [0, 0, Double(width), Double(height)])
            let least = map.values.min() ?? 0, most = map.values.max() ?? 0
            map.values = map.values.map {
                isSigned ? $0 / (1e-7 + max(most, -least)) : ($0 - least) / (1e-7 + most - least)
            }
        }
        lay(&map, over: map.integer("photo_width"), map.integer("photo_height"), map.corners)
        return map
    }

    /// Squashed, cropped, with borders; wide, tall, tiny, and a photo that the crop is larger than; signed.
    @Test(arguments: [
        ("--resize squash", 97, 61), ("--resize crop", 97, 61), ("--resize letterbox", 97, 61),
        ("--resize crop", 50, 131), ("--resize letterbox", 50, 131), ("--resize letterbox", 3, 2),
        ("--resize crop --input-size 96 --crop-size 128", 80, 80), ("--resize squash --signed", 64, 64),
        ("--resize crop --input-size 150 --crop-size 128", 101, 203), ("--target-layer layer2[-1]", 160, 90),
    ])
    func theRuleRebuildsThePhotosMap(_ words: String, _ width: Int, _ height: Int) throws {
        let words =
            [try folder.photo("cat.png", width: width, height: height)] + words.split(separator: " ").map(String.init)
        let photo = try save(words, "photo")
        #expect(
            photo.width == width && photo.height == height && photo.corners == [0, 0, Double(width), Double(height)])
        let input = rebuilt(try save(words, "input"))
        #expect(maxDifference(input.values, photo.values) < 1e-5)
        let layer = rebuilt(try save(words, "layer"), isSigned: words.contains("--signed"))
        #expect(maxDifference(layer.values, photo.values) < 1e-3)
        #expect(photo.values.contains { abs($0) > 0.1 } && Set(photo.values).count > min(width, 20))
    }

    /// The rectangles, by hand: the network's input is 128 x 128.
    @Test(arguments: [
        ("squash", [0.0, 0, 200, 100]), ("crop", [50, 0, 150, 100]), ("letterbox", [0, -50, 200, 150]),
    ])
    func whereTheMapLies(_ resize: String, _ corners: [Double]) throws {
        let map = try save([try folder.photo("a.jpg", width: 200, height: 100), "--resize", resize], "layer")
        #expect(map.corners == corners && map.integer("photo_width") == 200 && map.integer("photo_height") == 100)
    }

    /// Tokens with and without a class token, in windows, and the other smoothing.
    @Test(arguments: [
        ("vit", "--method gradcam,rollout"), ("swin", ""), ("swin", "--target-layer features[1]"), ("swin_v2", ""),
        ("timm_vit_registers", ""), ("timm_mixer", "--eigen-smooth"), ("maxvit", "--method saliency"),
    ])
    func transformers(_ network: String, _ words: String) throws {
        let words = [try folder.photo("cat.jpg")] + words.split(separator: " ").map(String.init)
        let model = Golden.folder + "/" + network + "/torchscript.onnx"
        let photo = try save(words, "photo", model: model), layer = try save(words, "layer", model: model)
        #expect(maxDifference(rebuilt(layer).values, photo.values) < 1e-3)
    }

    /// A layer of one place says nothing of places: its map is 0, as it is over the photo.
    @Test func layersOfOnePlace() throws {
        let map = try save([try folder.photo("cat.jpg"), "--target-layer", "avgpool"], "layer")
        #expect(map.width == 1 && map.height == 1 && map.values == [0])
    }

    @Test func conceptsFollow() throws {
        let words = [try folder.photo("cat.jpg"), "--concepts", "2", "--method", "gradcam,saliency", "--top-k", "2"]
        let map = try save(words, "layer")
        let files = try #require(map.map["files"] as? [[String: Any]])
        #expect(files.map { $0["method"] as? String } == ["gradcam", "saliency", "gradcam", "saliency", nil])
        #expect(files.map { $0["width"] as? Int } == [4, 128, 4, 128, 4])
        #expect(files.last?["class"] is NSNull && files.last?["raw"] is NSNull)
        let raw = try #require(files[0]["raw"] as? [Double])
        #expect(raw.count == 2 && raw[0] < raw[1] && files[0]["class"] as? Int == 9)
        let values = try readNPY(folder.path + "/layer/concepts.npy")
        #expect(values.count == 2 * 4 * 4 && values.max() == 1)
        let contract = try page("docs/cli.md")
        for key in Array(map.map.keys) + files.flatMap(\.keys) { #expect(contract.contains("`\(key)`"), "\(key)") }
    }

    /// Before any photo is read.
    @Test(arguments: [
        ("--target-layer layer3[-1],layer4[-1]", "the layers' grids differ (8 x 8, 4 x 4)"),
        ("--target-layer layer4[-2],layer4[-1] --layer-fusion max", "--layer-fusion max exclude each other"),
        ("--outputs none --quiet", ""), ("--target-layer layer4[-2],layer4[-1]", ""),
        ("--target-layer layer3[-1],layer4[-1] --method saliency", ""),
    ])
    func severalLayers(_ words: String, _ fault: String) throws {
        let photo = fault.isEmpty ? try folder.photo("cat.jpg") : "none.jpg"
        let result = try explain(
            [photo, "--save-map=layer", "-o", folder.path] + words.split(separator: " ").map(String.init))
        #expect(result.status == (fault.isEmpty ? 0 : 2), "\(result.errors)")
        #expect(result.errors.contains(fault) || fault.isEmpty, "\(result.errors)")
    }

    /// Scores alone: no folder is made, and nothing is computed for pictures.
    @Test func scoresAlone() throws {
        let path = try folder.photo("cat.jpg"), output = folder.path + "/none"
        let result = try explain([path, "--outputs", "none", "--json", "-o", output])
        let report = try #require(try objects(result).first)
        #expect(result.status == 0 && (report["files"] as? [String])?.isEmpty == true && report["map"] is NSNull)
        #expect(!FileManager.default.fileExists(atPath: output))
        let text = try explain([path, "--outputs", "none", "-o", output])
        #expect(text.status == 0 && text.output.contains("score") && !text.output.contains("->"))
        #expect(try explain([path, "--outputs", "none", "--quiet"]).status == 2)
        let request = try Arguments(parsing: [path, "--outputs", "none"]).request(
            of: Classifier(contentsOf: smallModel))
        #expect(request.methods.isEmpty && !request.guided && request.concepts == nil)
    }

    private static let hasNumpy: Bool = {
        let has = (try? run("/usr/bin/env", ["python3", "-c", "import numpy"]).status) == 0
        if !has { print("skipped: the page's Python: python3 with numpy is not on this machine") }
        return has
    }()

    /// The program on the page, as it stands there.
    @Test(.enabled(if: hasNumpy)) func thePagesProgram() throws {
        let source = try #require(
            try page("docs/cli.md").components(separatedBy: "```python\n").first { $0.contains("def laid_over") }?
                .components(separatedBy: "```").first)
        let script = folder.write(Array(source.utf8), to: "rebuild.py")
        let words = [try folder.photo("cat.jpg", width: 97, height: 61), "--resize", "letterbox"]
        let photo = try save(words, "photo"), layer = try save(words, "layer")
        let line = String(decoding: try JSONSerialization.data(withJSONObject: layer.report), as: UTF8.self)
        let result = try run(
            "/usr/bin/env", ["bash", "-c", "cd '\(folder.path)' && exec python3 '\(script)'"], input: line + "\n")
        #expect(result.status == 0, "\(result.errors)")
        #expect(maxDifference(try readNPY(folder.path + "/photo.npy"), photo.values) < 1e-3)
    }
}
