import Foundation
import Testing
import TestSupport

@testable import CLI

/// What the fuzzers found, mended since: the program ends on each file with a contract's exit code and a line.
@Suite struct FindingTests {
    static let folder = Shared.repository + "/Fuzz/findings"

    static func files(_ kind: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + kind)) ?? []
        return names.sorted().map { "\(folder)/\(kind)/\($0)" }
    }

    private func expectAnswer(_ words: [String], limit: String = "") throws {
        let results = TemporaryFolder()
        let command = ["timeout", "-s", "KILL", "20", program, "--max-memory", "1GB", "--output-dir", results.path]
        let result = try run("/usr/bin/env", command + words)
        #expect((0...3).contains(result.status), "\(words): \(result.status) \(result.errors)")
        if result.status != 0 { #expect(result.errors.contains("gradcam: "), "\(words)") }
        for line in result.errors.split(separator: "\n") { #expect(line.count <= 300, "\(words)") }
        #expect(results.files.allSatisfy { !$0.contains(".partial") })
    }

    @Test(arguments: files("network")) func network(_ path: String) throws {
        try expectAnswer(["--check", "--model", path])
        try expectAnswer([Case.photo, "--method", "all", "--samples", "4", "--steps", "4", "--model", path])
    }

    @Test(arguments: files("jpeg") + files("png")) func photo(_ path: String) throws {
        try expectAnswer([path, "--model", smallModel])
    }

    @Test(arguments: files("npy")) func array(_ path: String) throws {
        try expectAnswer([path, "--model", smallModel])
    }

    @Test(arguments: files("text")) func text(_ path: String) throws {
        try expectAnswer([Case.photo, "--model", smallModel, "--labels", path])
    }

    @Test func everyFindingIsRun() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        #expect(!folders.isEmpty && Set(folders).isSubset(of: ["network", "jpeg", "png", "npy", "text"]))
    }
}
