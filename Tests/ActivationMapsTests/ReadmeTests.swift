import ActivationMaps
import Foundation
import Imaging
import Testing
import TestSupport

/// The README's Swift code is this file's, and runs.
struct ReadmeTests {
    @Test func theLibrarySnippetRuns() async {
        await #expect(processExitsWith: .success) {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gradcam-readme-\(getpid())")
                .path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            for name in ["Models", "Photos"] {
                try FileManager.default.createSymbolicLink(
                    atPath: folder + "/" + name, withDestinationPath: Shared.repository + "/" + name)
            }
            #expect(FileManager.default.changeCurrentDirectoryPath(folder))

            // README begins
            let explainer = try Explainer(contentsOf: "Models/catdog.onnx")
            let photo = try Image(contentsOf: "Photos/dog-and-cat.jpg")
            let result = try explainer.explain(
                photo, methods: [.gradcamPlusPlus], layers: ["layer4[-1]"], of: .labels(["dog"]))

            let dog = result.explained[0] // dog.name, dog.value
            let map = dog.maps[0].photo // map.values: 0...1, height x width of the photo
            let overlay = photo.overlaid(with: map, colormap: .viridis)
            try AtomicFile.write(try overlay.jpeg(quality: 95), to: "dog.jpg")
            // README ends

            #expect(dog.score?.label == "dog" && map.width == photo.width && map.values.max() ?? 0 > 0.9)
            #expect(try Image(contentsOf: "dog.jpg").width == photo.width)
        }
    }

    @Test func theReadmeShowsThatCode() throws {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let lines = try #require(
            source.components(separatedBy: "// README begins\n").dropFirst().first?.components(
                separatedBy: "// README ends"
            ).first)
        let code = lines.components(separatedBy: "\n").dropLast().map {
            $0.hasPrefix("            ") ? String($0.dropFirst(12)) : $0
        }
        let readme = try String(contentsOfFile: Shared.repository + "/README.md", encoding: .utf8)
        #expect(
            readme.contains(
                "```swift\nimport ActivationMaps\nimport Imaging\n\n" + code.joined(separator: "\n") + "\n```\n"))
    }
}
