import Foundation
import Imaging
import Testing
import TestSupport

/// The commands of the README and of its pages, and `make demo`, run as they stand there, in a folder that has what the
/// repository has.
@Suite struct ReadmeTests {
    let folder = TemporaryFolder()
    private let readme: String
    private let pages: String

    init() throws {
        readme = try page("README.md")
        pages = try readme + page("docs/cli.md") + page("docs/models.md")
        for name in ["Models", "scripts"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/" + name, withDestinationPath: Shared.repository + "/" + name)
        }
        // `find` follows no links.
        try FileManager.default.copyItem(atPath: Shared.repository + "/Photos", toPath: folder.path + "/Photos")
    }

    /// The text between a fence of that language and its end.
    private func blocks(_ language: String) -> [String] {
        pages.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    @Test func commandsRun() throws {
        let commands = blocks("sh").flatMap { $0.split(separator: "\n") }.map(String.init)
        #expect(commands.count >= 8)
        for command in commands {
            let result = try run(
                "/usr/bin/env",
                ["bash", "-euo", "pipefail", "-c", "cd \(folder.path); PATH=$(dirname \(program)):$PATH; \(command)"],
                environment: ["GRADCAM": program])
            #expect(result.status == 0, "\(command): \(result.errors)")
        }
        for file in [
            "gradcam_cam.jpg", "gradcam_0_cam.npy", "gradcam++_1_cam.jpg", "out/dog_layercam_cam.jpg", "results.jsonl",
            "results/report.jsonl",
        ] {
            #expect(!bytes(folder.path + "/" + file).isEmpty, "\(file) is missing")
        }
    }

    /// Within what another processor's rounding changes.
    @Test(arguments: ["gradcam_0_cam.jpg", "gradcam_1_cam.jpg"])
    func picturesAreWhatTheBundledNetworkGives(_ name: String) throws {
        #expect(readme.contains("](docs/\(name))"))
        let photo = Shared.repository + "/Photos/dog-and-cat.jpg", model = Shared.repository + "/Models/catdog.onnx"
        let result = try run(
            program,
            ["--model", model, photo, "--target-category", "cat,dog", "--outputs", "cam", "--output-dir", folder.path])
        #expect(result.status == 0)
        try isShown(name)
    }

    @Test(arguments: ["gradcam_235_cam.jpg", "gradcam_671_cam.jpg", "gradcam_235_cam_gb.jpg", "gradcam_671_cam_gb.jpg"])
    func picturesAreWhatEfficientNetGives(_ name: String) throws {
        #expect(readme.contains("](docs/\(name))"))
        #expect(bytes(Shared.repository + "/docs/" + name).count < 120_000)
        guard let model = Shared.path("models/efficientnet_lite0.onnx", for: "the README's pictures") else { return }
        let photo = Shared.repository + "/Photos/dog-bicycle-truck.jpg"
        let result = try run(
            program,
            [
                "--model", model, photo, "--mean", "0.5,0.5,0.5", "--std", "0.5,0.5,0.5", "--target-category",
                "235,671", "--outputs", "cam,cam_gb",
                "--quality", "85", "--output-dir", folder.path,
            ])
        #expect(result.status == 0)
        try isShown(name)
    }

    @Test func comparedMethodsAreWhatEfficientNetGives() throws {
        #expect(readme.contains("](docs/compare.jpg)"))
        #expect(bytes(Shared.repository + "/docs/compare.jpg").count < 200_000)
        guard let model = Shared.path("models/efficientnet_lite0.onnx", for: "the README's pictures") else { return }
        let methods = try #require(try page("Makefile").firstMatch(of: /COMPARED := (.*)/)).1
        let result = try run(
            program,
            [
                "--model", model, Shared.repository + "/Photos/dog-bicycle-truck.jpg", "--mean", "0.5,0.5,0.5", "--std",
                "0.5,0.5,0.5", "--target-category", "235", "--method", String(methods), "--outputs", "compare",
                "--quality", "70", "--output-dir", folder.path,
            ])
        #expect(result.status == 0)
        try isShown("compare.jpg")
    }

    private func isShown(_ name: String) throws {
        let (made, shown) = (
            try Image(contentsOf: folder.path + "/" + name), try Image(contentsOf: Shared.repository + "/docs/" + name)
        )
        #expect(made.width == shown.width && made.height == shown.height)
        let difference = zip(made.pixels, shown.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(difference < 2 * made.pixels.count, "docs/\(name) is out of date: make pictures")
    }

    @Test func makeTargetsThatTheReadmeNamesExist() throws {
        let makefile = try String(contentsOfFile: Shared.repository + "/Makefile", encoding: .utf8)
        let targets = readme.matches(of: /(?:\n|`)make ([a-z]+)/).map { String($0.1) }
        #expect(targets.contains("demo") && targets.contains("test"))
        for target in Set(targets) { #expect(makefile.contains("\n\(target):"), "make \(target)") }
    }

    @Test func demoTellsWhereThePicturesAre() throws {
        let place = folder.path + "/demo"
        let result = try run(
            "/usr/bin/env",
            [
                "make", "-C", Shared.repository, "--no-print-directory", "-o", "build", "demo", "PROGRAM=\(program)",
                "DEMO=\(place)",
            ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasSuffix("The pictures are in \(place)\n"))
        #expect(!bytes(place + "/cat_gradcam_cam.jpg").isEmpty && !bytes(place + "/both/gradcam_1_cam.jpg").isEmpty)
    }
}
