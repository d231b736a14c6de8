import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// The page of a run, `--report`.
@Suite struct GalleryTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()

    /// The blocks of JSON in a page, by their names.
    private func blocks(_ path: String) throws -> [String: [String: Any]] {
        let text = String(decoding: bytes(path), as: UTF8.self)
        var blocks: [String: [String: Any]] = [:]
        for part in text.components(separatedBy: "<script type=\"application/json\" id=\"").dropFirst() {
            let name = String(part.prefix { $0 != "\"" })
            let json = try #require(part.dropFirst(name.count + 2).components(separatedBy: "</script>").first)
            #expect(!json.contains("<") && blocks[name] == nil, "\(name)")
            blocks[name] = try #require(
                try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any], "\(name)")
        }
        return blocks
    }

    private func picture(_ text: String) throws -> Image {
        try Image(contentsOf: folder.write([UInt8](try #require(Data(base64Encoded: text))), to: "picture.jpg"))
    }

    private func gradcam(_ words: [String], input: String = "") throws -> Finished {
        try explain(words + ["-o", results.path, "--outputs", "none"], input: input)
    }

    /// A photo whose name is made to break pages, one that is none, and others.
    private func photos() throws -> String {
        try folder.photo("photos/<b>\"'&x<!--</script>/\u{202E}gpj.<i>\n.jpg", of: "coffee")
        for name in ["a", "b", "c"] { try folder.photo("photos/\(name).jpg", of: name == "c" ? "coffee" : "cat") }
        folder.write(Array("no photo".utf8), to: "photos/d.jpg")
        return folder.path + "/photos"
    }

    @Test func thePageHasWhatTheReportsSay() throws {
        let path = results.path + "/report.html", photos = try photos()
        let words = [
            photos, "--json", "--method", "gradcam,layercam", "--metrics", "complexity", "--top-k", "2", "--bbox",
            "--report", path,
        ]
        let finished = try gradcam(words)
        #expect(finished.status == 1 && finished.errors.contains("report.html: 5 photos, "), "\(finished.errors)")
        let reports = try objects(finished), blocks = try blocks(path)
        #expect(reports.count == 5 && results.files == ["report.html"])
        for (place, report) in reports.enumerated() {
            let facts = try #require(blocks["f\(place)"])
            #expect(facts["input"] as? String == report["input"] as? String)
            #expect(facts["error"] as? String == report["error"] as? String)
            for key in ["targets", "classes", "top", "judgements", "diagnosis"] {
                #expect((facts[key] as? NSObject) == (report[key] as? NSObject), "\(key)")
            }
            #expect((blocks["p\(place)"] == nil) == (report["error"] != nil))
        }
        let pictures = try #require(blocks["p0"]), maps = try #require(pictures["maps"] as? [[String]])
        #expect(pictures["w"] as? Int == 160 && pictures["h"] as? Int == 120)
        #expect(maps.map(\.count) == [2, 2])
        let map = try picture(maps[0][0])
        #expect(map.width == 224 && map.height == 168)

        let totals = try #require(blocks["totals"]), means = try #require(totals["means"] as? [[String: Any]])
        #expect(totals["photos"] as? Int == 5 && abs((totals["even"] as? Double ?? 0) - 0.36) < 1e-6)
        #expect((totals["averages"] as? [String: Any])?["averages"] is [Any])
        // The mean of what the photos' maps have at the edge.
        for mean in means {
            let name = try #require(mean["name"] as? String)
            let edges = (0..<5).compactMap { place -> Double? in
                let facts = blocks["f\(place)"]
                let targets = (facts?["targets"] as? [[String: Any]] ?? []).map { $0["name"] as? String }
                return targets.firstIndex(of: name).flatMap { (facts?["edges"] as? [[Double]])?[$0][0] }
            }
            let told = try #require((mean["maps"] as? [[String: Any]])?[0]["edge"] as? Double)
            #expect(mean["photos"] as? Int == edges.count)
            #expect(abs(told - edges.reduce(0, +) / Double(edges.count)) < 1e-5)
        }

        // The same again, whatever the threads, but for the command.
        let page = String(decoding: bytes(path), as: UTF8.self)
        #expect(page.hasPrefix("<!doctype html>\n") && page.hasSuffix("</script>\n</body>\n</html>\n"))
        #expect(try gradcam(words + ["--threads", "1"]).status == 1)
        let again = String(decoding: bytes(path), as: UTF8.self)
        #expect(again.replacing(" --threads 1", with: "") == page.replacing(" --threads 1", with: ""))
    }

    /// Signed maps have their zero in the middle, and edges are of magnitudes.
    @Test func signedMapsAreCentred() throws {
        let path = results.path + "/report.html"
        #expect(
            try gradcam([try folder.photo("cat.jpg"), "--signed", "--method", "inputxgradient", "--report", path])
                .status == 0)
        let blocks = try blocks(path)
        #expect(blocks["run"]?["signed"] as? Bool == true && blocks["run"]?["colours"] as? String == "bwr")
        let maps = try #require(blocks["p0"]?["maps"] as? [[String]])
        let map = try picture(maps[0][0])
        let levels = stride(from: 0, to: map.pixels.count, by: 3).map { map.pixels[$0] }
        let (least, greatest) = (try #require(levels.min()), try #require(levels.max()))
        #expect(least < 128 && greatest > 128)
    }

    /// The page's maps are the saved ones, as far as a JPEG of 256 greys tells.
    @Test func mapsAreThoseThatAreSaved() throws {
        let path = results.path + "/report.html", side = (width: 320, height: 240)
        let photo = try folder.photo("cat.jpg", width: side.width, height: side.height)
        let finished = try gradcam([photo, "--method", "gradcam,saliency", "--save-map", "--report", path])
        #expect(finished.status == 0, "\(finished.errors)")
        let blocks = try blocks(path), maps = try #require((blocks["p0"]?["maps"] as? [[String]])?.first)
        let edges = try #require((blocks["f0"]?["edges"] as? [[Double]])?.first)
        for (method, (map, edge)) in zip(["gradcam", "saliency"], zip(maps, edges)) {
            let saved = try readNPY("\(results.path)/\(method)_cam.npy"), shown = try picture(map)
            func mean(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ value: (Int) -> Float) -> Float {
                let (columns, rows) = (x * width / 4..<(x + 1) * width / 4, y * height / 3..<(y + 1) * height / 3)
                let sum = rows.reduce(0) { sum, y in columns.reduce(sum) { $0 + value(y * width + $1) } }
                return sum / Float(columns.count * rows.count)
            }
            for (x, y) in (0..<12).map({ ($0 % 4, $0 / 4) }) {
                let of = mean(x, y, side.width, side.height) { saved[$0] }
                let here = mean(x, y, shown.width, shown.height) { Float(shown.pixels[3 * $0]) / 255 }
                #expect(abs(of - here) < 0.01, "\(method) \(x) \(y)")
            }
            let inner = saved.indices.reduce(Float(0)) { sum, place in
                let (x, y) = (10 * (place % side.width), 10 * (place / side.width))
                let isInside = (side.width..<9 * side.width).contains(x) && (side.height..<9 * side.height).contains(y)
                return isInside ? sum + saved[place] : sum
            }
            #expect(abs(edge - Double(1 - inner / saved.reduce(0, +))) < 0.02, "\(method)")
        }
    }

    /// A column has the strongest of its numbers, and boxes are counted in samples.
    @Test func aSignalKeepsItsPeaks() throws {
        let path = results.path + "/report.html", signals = Golden.folder + "/signals/resnet"
        let finished = try run(
            program,
            [
                signals + ".npy", "--model", signals + ".onnx", "--method", "saliency", "--outputs", "none",
                "--save-map",
                "--bbox", "-o", results.path, "--report", path,
            ])
        #expect(finished.status == 0, "\(finished.errors)")
        let pictures = try #require(try blocks(path)["p0"]), maps = try #require(pictures["maps"] as? [[String]])
        #expect(pictures["sides"] as? [Int] == [480, 1])
        let shown = try picture(maps[0][0]), saved = try readNPY(results.path + "/saliency_cam.npy")
        #expect(shown.width == 224 && saved.count == 480)
        for x in 0..<224 {
            let strongest = saved[x * 480 / 224..<(x + 1) * 480 / 224].max()!
            let level = Float(shown.pixels[3 * (shown.height / 2 * 224 + x)]) / 255
            #expect(abs(level - strongest) < 0.1, "\(x)")
        }
    }

    @Test func picturesAreThoseThatAreWritten() throws {
        let path = results.path + "/page/report.html", photo = try folder.photo("cat.jpg")
        results.write([], to: "page/x")
        let outputs = ["--outputs", "cam,gb,cam_gb", "-o", results.path + "/out"]
        let finished = try explain([photo, "--report", path] + outputs)
        #expect(finished.status == 0, "\(finished.errors)")
        let blocks = try blocks(path)
        #expect((blocks["p0"]?["guided"] as? [String])?.count == 1)
        #expect((blocks["p0"]?["combined"] as? [[String]])?.map(\.count) == [1])
        let links = try #require(blocks["f0"]?["links"] as? [String])
        #expect(links == ["cam", "gb", "cam_gb"].map { "../out/gradcam_\($0).jpg" })
        let tar = try explain([photo, "--report", path, "--output-tar", results.path + "/out.tar"])
        let ofTar = try self.blocks(path)
        #expect(tar.status == 0 && ofTar["f0"]?["links"] as? [String] == [])
    }

    @Test func everyShareHasItsPage() throws {
        let photos = try photos()
        for share in 1...2 {
            _ = try gradcam([photos, "--report", results.path + "/report.html", "--shard", "\(share)/2"])
        }
        #expect(results.files == ["report-1-of-2.html", "report-2-of-2.html"])
        let counts = try results.files.map { try blocks(results.path + "/" + $0)["totals"]?["photos"] as? Int ?? 0 }
        #expect(counts.reduce(0, +) == 5)
        #expect(try blocks(results.path + "/report-2-of-2.html")["run"]?["share"] as? String == "2/2")
    }

    @Test func aPageInTheFolderOfPhotosIsNoPhoto() throws {
        let photos = try TemporaryFolder.photos(3), words = [photos.path, "--report", photos.path + "/report.html"]
        for _ in 0..<2 { #expect(try gradcam(words + ["--quiet"]).status == 0) }
        #expect(try blocks(photos.path + "/report.html")["totals"]?["photos"] as? Int == 3)
    }

    /// Photos of an earlier run have their reports, and copies of their files.
    @Test func aRunThatGoesOnShowsAllPhotos() throws {
        let photos = try TemporaryFolder.photos(4), path = results.path + "/report.html"
        let words = [photos.path, "--outputs", "cam,gb", "--resume", "--json", "-o", results.path]
        let first = try explain(words)
        #expect(first.status == 0)
        photos.write(bytes(try photos.photo("1.jpg", of: "coffee", width: 80, height: 60)), to: "9.jpg")
        let second = try explain(words + ["--report", path]), blocks = try blocks(path)
        #expect(second.status == 0 && second.errors.contains("3 skipped"), "\(second.errors)")
        #expect(blocks["totals"]?["photos"] as? Int == 5)
        let kept = try #require(blocks["f0"]?["kept"] as? [String: Any])
        #expect((kept as NSObject) == (try objects(first)[0] as NSObject))
        let overlays = try #require(blocks["p0"]?["overlays"] as? [[String]])
        let copy = try picture(overlays[0][0]), file = try Image(contentsOf: results.path + "/0_gradcam_cam.jpg")
        #expect(copy.width == 80 && copy.height == 60)
        let differences = zip(copy.pixels, file.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) < 6 * differences.count)
        #expect((blocks["p0"]?["guided"] as? [String])?.count == 1)
        #expect(blocks["f1"]?["kept"] == nil && (blocks["p1"]?["maps"] as? [[String]])?.count == 1)
    }

    /// Boxes are each photo's own, classes are not.
    @Test func meansOfADetectorAreByClass() throws {
        let photos = try TemporaryFolder.photos(2), path = results.path + "/report.html"
        try photos.photo("9.jpg", of: "coffee")
        let model = Golden.folder + "/targets/yolo8.onnx"
        let finished = try explain(
            [photos.path, "--target-category", "0", "--outputs", "none", "--report", path, "-o", results.path],
            model: model)
        #expect(finished.status == 0, "\(finished.errors)")
        let means = try #require(try blocks(path)["totals"]?["means"] as? [[String: Any]])
        #expect(means.map { $0["class"] as? Int } == [0] && means[0]["photos"] as? Int == 3)
    }

    @Test func dryRunsWriteNone() throws {
        let finished = try gradcam([try photos(), "--report", results.path + "/report.html", "--dry-run"])
        #expect(finished.status == 0 && results.files == [])
    }

    /// Where it cannot be written whole, nothing of it is left.
    @Test func aPageThatIsNotWholeIsNotKept() throws {
        let photos = try TemporaryFolder.photos(60)
        let words = [photos.path, "--outputs", "none", "--report", results.path + "/report.html", "-o", results.path]
        let finished = try explain(in: "ulimit -f 200", words + ["--quiet"])
        #expect(finished.status == 4 && finished.errors.contains("the page is not written"), "\(finished.errors)")
        #expect(results.files == [])
    }

    @Test(arguments: [
        (["--report", "report.pdf"], "a file that ends in .html"),
        (["--report", "/none/report.html"], "/none"),
        (["--report", "x.html", "--overwrite", "never"], "exclude each other"),
    ])
    func faultsAreTold(_ words: [String], _ part: String) throws {
        let finished = try gradcam([try folder.photo("cat.jpg")] + words)
        #expect(finished.status == 2 && finished.errors.contains(part), "\(finished.errors)")
    }

    /// As a user sees it, in a browser, if there is one.
    @Test func theBrowserShowsIt() throws {
        let has = try run(
            "/usr/bin/env", ["bash", "-c", "command -v python3 && command -v chromium chromium-browser google-chrome"])
        guard has.status == 0 else { return print("skipped: the page in a browser: no chromium with python3 here") }
        let path = results.path + "/report.html"
        let words = ["--method", "gradcam,layercam", "--metrics", "road", "--top-k", "2", "--report", path]
        #expect(try explain([try photos(), "-o", results.path + "/out"] + words).status == 1)
        let script = Shared.repository + "/scripts/report/check.py"
        let finished = try run("/usr/bin/env", ["timeout", "-s", "KILL", "300", "python3", script, path])
        #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
    }

    /// RFC 4648, section 10.
    @Test(
        arguments: zip(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"],
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]))
    func base64(_ text: String, _ expected: String) { #expect(Base64.text(Array(text.utf8)) == expected) }

    @Test func relativePaths() {
        #expect(Paths.relative("/a/b/c.jpg", to: "/a") == "b/c.jpg")
        #expect(Paths.relative("/a/b/c.jpg", to: "/a/d/e") == "../../b/c.jpg")
        #expect(Paths.relative("/c.jpg", to: "/") == "c.jpg")
    }
}
