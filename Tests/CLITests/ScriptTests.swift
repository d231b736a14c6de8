import Foundation
import TestSupport
import Testing

/// The scripts, with a stand-in for the program that tells how it was called.
@Suite struct ScriptTests {
    let folder = TemporaryFolder()

    private func standIn(_ body: String) -> [String: String] {
        let path = folder.write(Array("#!/bin/bash\n\(body)\n".utf8), to: "stand-in")
        chmod(path, 0o755)
        return ["GRADCAM": path]
    }

    @Test func batchReportsAndCarriesTheExitCode() throws {
        let program = standIn(
            #"""
            echo '{"input":"a","files":[]}'; echo '{"input":"b","error":"no such file"}'; echo "$*" >&2; exit 1
            """#)
        let results = folder.path + "/results/new"
        let result = try runScript("batch.sh", ["photos", results, "--method", "all"], environment: program)
        #expect(result.status == 1)
        #expect(result.errors == "--image-path photos --output-dir \(results) --json --method all\n")
        #expect(result.output == "1 done, 1 failed; pictures and report.jsonl are in \(results)\n")
        #expect(FileManager.default.contents(atPath: results + "/report.jsonl")?.count ?? 0 > 50)
    }

    @Test func wrongCallsShowTheUse() throws {
        let result = try runScript("batch.sh", ["photos"])
        #expect(result.status == 2)
        #expect(result.errors.contains("scripts/batch.sh "))
    }

    /// `tools` stand in for the system's own; nothing else is found but `bash` and its like.
    private func dependencies(_ tools: [String: String]) throws -> Finished {
        for (name, body) in tools {
            chmod(folder.write(Array("#!/bin/bash\n\(body)\n".utf8), to: "bin/" + name), 0o755)
        }
        for name in ["bash", "env", "cat"] {
            let path = try run("/usr/bin/env", ["bash", "-c", "command -v \(name)"]).output.dropLast()
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/bin/" + name, withDestinationPath: String(path))
        }
        return try runScript("install_dependencies.sh", [], environment: ["PATH": folder.path + "/bin"])
    }

    @Test func nothingIsInstalledWhereNothingIsMissing() throws {
        let result = try dependencies(["pkg-config": "exit 0", "apt-get": "echo called"])
        #expect(result.status == 0)
        #expect(result.output == "")
    }

    @Test func missingLibrariesAreInstalledWithSudo() throws {
        let result = try dependencies([
            "pkg-config": "exit 1", "id": "echo 1000", "sudo": "echo sudo; \"$@\"", "apt-get": "echo apt-get \"$@\"",
        ])
        #expect(result.status == 0)
        #expect(
            result.output == """
                Installing pkg-config libopenblas-dev liblapacke-dev libpng-dev libjpeg-dev libssl-dev
                sudo
                apt-get install --yes --no-install-recommends pkg-config libopenblas-dev liblapacke-dev libpng-dev libjpeg-dev libssl-dev

                """)
    }

    @Test func packageListsAreFetchedWhereThereAreNone() throws {
        let lists = folder.path + "/lists"
        let result = try dependencies([
            "id": "echo 0",
            "apt-get": "[ \"$1\" = update ] && { echo update; >\(lists); exit; }; [ -e \(lists) ] && echo installed",
        ])
        #expect(result.status == 0)
        #expect(result.output.hasSuffix("update\ninstalled\n"))
    }

    @Test func elsewhereThePackagesAreNamed() throws {
        let result = try dependencies(["pkg-config": "exit 1"])
        #expect(result.status == 1)
        #expect(result.errors.contains("liblapacke-dev"))
    }

    @Test func makefileTellsItsTargets() throws {
        let help = try run("/usr/bin/env", ["make", "-C", Shared.repository, "--no-print-directory", "help"]).output
        let targets = help.split(separator: "\n").compactMap {
            $0.split(separator: " ").dropFirst().first.map(String.init)
        }
        for target in ["demo", "test", "install", "models", "clean"] { #expect(targets.contains(target)) }
    }
}
