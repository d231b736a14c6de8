import Foundation
import Testing

@Suite(.serialized) struct FetchModelsTests {
    let folder = TemporaryFolder()
    private static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
    private var file: String { folder.path + "/models/tiny.onnx" }

    private static let canFetch: Bool = {
        let fetches = (try? run("/usr/bin/env", ["bash", "-c", "command -v curl || command -v wget"]).status) == 0
        if !fetches { print("skipped: the download of models: neither curl nor wget on this machine") }
        return fetches
    }()

    /// The SHA-256 of `content`, as `sha256sum` gives it.
    private func checksum() throws -> String {
        let path = folder.write(Self.content, to: "content")
        return String(try run("/usr/bin/env", ["sha256sum", path]).output.prefix(64))
    }

    private func fetch(
        _ server: FileServer?, sum: String, path: String = "file", before: String = "", names: [String] = []
    ) throws -> Finished {
        let table = folder.write(Array("\(before)tiny \(path) \(Self.content.count) \(sum)\n".utf8), to: "table")
        return try runScript(
            "fetch_models.sh", names,
            environment: [
                "GRADCAM_MODELS_URL": "http://127.0.0.1:\(server?.port ?? 1)", "GRADCAM_MODELS_TABLE": table,
                "GRADCAM_MODELS_FOLDER": folder.path + "/models",
                "no_proxy": "127.0.0.1", "http_proxy": "",
            ])
    }

    /// As a truth value: a failure would print all the bytes.
    private var holdsContent: Bool { bytes(file) == Self.content }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test(.enabled(if: canFetch)) func fetchesOnce() throws {
        let server = FileServer(content: Self.content), sum = try checksum()
        let first = try fetch(server, sum: sum)
        #expect(first.status == 0, "\(first.errors)")
        #expect(holdsContent)
        #expect(exists(folder.path + "/models/tiny.json"))
        let second = try fetch(nil, sum: sum)
        #expect(second.status == 0)
        #expect(second.output.contains("is there already"))
    }

    @Test(.enabled(if: canFetch), arguments: [true, false])
    func goesOnAfterABreak(resumes: Bool) throws {
        let server = FileServer(content: Self.content, breaksOffAfter: 50_000, resumes: resumes), sum = try checksum()
        var last = try fetch(server, sum: sum)
        #expect(!exists(file) || last.status == 0)
        if last.status != 0 {
            #expect(last.errors.contains("run the script again to go on"))
            #expect(bytes(file + ".part").count == 50_000)
            last = try fetch(server, sum: sum)
        }
        #expect(last.status == 0, "\(last.errors)")
        #expect(holdsContent)
        #expect(!exists(file + ".part"))
    }

    @Test(.enabled(if: canFetch)) func partFromAnEarlierRunIsCompleted() throws {
        let server = FileServer(content: Self.content), sum = try checksum()
        folder.write(Self.content[..<123_456], to: "models/tiny.onnx.part")
        #expect(try fetch(server, sum: sum).status == 0)
        #expect(holdsContent)
    }

    @Test(.enabled(if: canFetch)) func wrongChecksumIsRefusedAndRemoved() throws {
        let server = FileServer(content: Self.content)
        let result = try fetch(server, sum: String(repeating: "0", count: 64))
        #expect(result.status == 1)
        #expect(result.errors.contains("wrong checksum"))
        #expect(!exists(file) && !exists(file + ".part"))
    }

    @Test(.enabled(if: canFetch)) func missingFileIsNamed() throws {
        let server = FileServer(content: Self.content)
        let result = try fetch(server, sum: "0", path: "elsewhere")
        #expect(result.status == 1)
        #expect(result.errors.contains("cannot fetch http://127.0.0.1:\(server.port)/elsewhere"))
        #expect(!exists(file))
    }

    @Test(.enabled(if: canFetch)) func oneThatFailsDoesNotStopTheNext() throws {
        let server = FileServer(content: Self.content)
        let result = try fetch(server, sum: try checksum(), before: "other elsewhere 1 00\n")
        #expect(result.status == 1)
        #expect(result.errors.contains("fetch_models: other: cannot fetch http://127.0.0.1:\(server.port)/elsewhere"))
        #expect(holdsContent)
        #expect(try fetch(nil, sum: "0", before: "other elsewhere 1 00\n", names: ["tiny"]).status == 0)
    }

    @Test func unknownNameIsRefused() throws {
        let result = try fetch(nil, sum: "0", names: ["huge"])
        #expect(result.status == 1)
        #expect(result.errors.contains("unknown model huge; one of: tiny"))
    }
}
