import Foundation
import TestSupport
import Testing

@testable import CLI

/// Names that are not UTF-8, that go round in circles, or that only case tells apart.
@Suite struct NameTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()
    private var output: [String] { ["--output-dir", results.path, "--outputs", "cam"] }
    /// "grün.jpg" as Latin-1 has it.
    private let latin = "$'gr\\xfcn.jpg'"

    /// A photo of such a name, however it is given, fails by itself, and all that is printed is UTF-8.
    @Test(arguments: ["\"$0\"", "\"$0\"/*", "--image-path \"$0\"/gr* \"$0\"/a.jpg", "- <<< \"$(ls -d \"$0\"/*)\""])
    func photosOfOtherEncodings(_ given: String) throws {
        let photo = try folder.photo("a.jpg")
        let words = "\"$@\" --json \(given)"
        let result = try explain(
            in: "cd \(folder.path) && cp \(photo) \(latin)",
            output,
            through: "set -- \"$@\"; set -o pipefail; export LC_ALL=C; "
                + words.replacingOccurrences(of: "$0", with: folder.path) + " > \(results.path)/report")
        #expect(result.status == 1)
        #expect(
            result.errors.contains("gr\u{FFFD}n.jpg: the name is not valid UTF-8; rename the file"), "\(result.errors)")
        #expect(results.files == ["a_gradcam_cam.jpg", "report"])
        let report = try #require(String(validating: bytes(results.path + "/report"), as: UTF8.self))
        let lines = try report.split(separator: "\n").map { try JSONSerialization.jsonObject(with: Data($0.utf8)) }
        #expect(lines.count == 2)
    }

    @Test(arguments: ["--output-dir", "--model", "--labels"]) func valuesOfOtherEncodings(_ flag: String) throws {
        let photo = try folder.photo("a.jpg")
        let result = try explain(in: "cd \(folder.path)", [photo] + output, through: "\"$@\" \(flag) $'gr\\xfcn'")
        #expect(result.status == 2)
        #expect(
            result.errors.hasPrefix("gradcam: \(flag) \"gr\u{FFFD}n\": not valid UTF-8"), "\(result.errors)")
        #expect(results.files == [] && folder.files == ["a.jpg"])
    }

    @Test func photosInOddPlaces() throws {
        let photo = try folder.photo("in/Cat.jpg")
        folder.write(bytes(photo), to: "in/cat.jpg")
        symlink(folder.path + "/in", folder.path + "/in/round")
        symlink(folder.path + "/in/loop", folder.path + "/in/loop")
        link(photo, folder.path + "/in/hard.jpg")
        mkfifo(folder.path + "/in/pipe.jpg", 0o666)
        mkdir(folder.path + "/in/closed", 0o000)
        let result = try explain(in: "", [folder.path + "/in"] + output)
        chmod(folder.path + "/in/closed", 0o777)
        #expect(result.status == (getuid() == 0 ? 0 : 1), "\(result.errors)")
        #expect(results.files == ["Cat_gradcam_cam.jpg", "cat_gradcam_cam.jpg", "hard_gradcam_cam.jpg"])
    }
}
