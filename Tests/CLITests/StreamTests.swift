import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Standard streams that are closed, full or read by nobody, and surroundings that a shell would not have.
@Suite struct StreamTests {
    let folder: TemporaryFolder, results = TemporaryFolder()

    init() throws { folder = try .photos(3) }

    private var words: [String] { [folder.path, "--output-dir", results.path] }

    private func expectPictures() throws {
        #expect(results.files.count == 9)
        for file in results.files { #expect(try Image(contentsOf: results.path + "/" + file).warning == nil) }
    }

    @Test(arguments: ["exec 0<&-", "exec 2>&-", "exec 0<&- 2>&-"]) func aClosedStreamIsNobodysFile(_ world: String)
        throws
    {
        #expect(try explain(in: world, words).status == 0)
        try expectPictures()
    }

    @Test(arguments: ["exec 1>&-", "exec 0<&- 1>&-", "exec 0<&- 1>&- 2>&-", "exec 1>/dev/full"])
    func resultsThatCannotBePrintedEndTheRun(_ world: String) throws {
        let result = try explain(in: world, words)
        #expect(result.status == (world.contains("full") ? 4 : 1))
        if !world.contains("2>") { #expect(result.errors.contains("cannot write to standard output: ")) }
        for file in results.files { #expect(try Image(contentsOf: results.path + "/" + file).warning == nil) }
        #expect(!results.files.contains { $0.hasPrefix(".") })
        if world.contains("full") { return }
        let quiet = try explain(in: world, words + ["--quiet"])
        #expect(quiet.status == 0)
        try expectPictures()
    }

    @Test func aPipeThatNobodyReadsEndsTheRun() throws {
        let result = try explain(in: "set -o pipefail", words, through: "\"$@\" | head -n 1; exit ${PIPESTATUS[0]}")
        // The whole output may fit into the pipe before its reader ends.
        #expect(result.status == 0 || result.status == 1 && result.errors.contains("Broken pipe"), "\(result.errors)")
        let nobody = try explain(in: "mkfifo \(folder.path)/p; exec 3<>\(folder.path)/p 1>\(folder.path)/p 3>&-", words)
        #expect(nobody.status == 1 && nobody.errors.contains("standard output: Broken pipe"), "\(nobody.errors)")
        #expect(!results.files.contains { $0.hasPrefix(".") })
    }

    @Test(arguments: [
        "unset HOME", "export TMPDIR=/none", "export LC_ALL=C", "export LC_ALL=ja_JP.SJIS",
        "export LANG=C LC_CTYPE=POSIX",
        "exec env -i /bin/bash -c 'exec \"$@\"' bash \"$@\"", "cd $(mktemp -d) && rmdir $PWD",
        "export OPENBLAS_NUM_THREADS=100 GOTO_NUM_THREADS=100 OMP_NUM_THREADS=100", "ulimit -s 256", "ulimit -c 0",
    ])
    func surroundingsChangeNothing(_ world: String) throws {
        let result = try explain(in: world, words)
        #expect(result.status == 0, "\(result.errors)")
        try expectPictures()
    }

    @Test func newFilesNobodyMayRead() throws {
        let result = try explain(in: "umask 777", words)
        #expect(result.status == 0 && results.files.count == 9, "\(result.errors)")
        for file in results.files { #expect(access(results.path + "/" + file, F_OK) == 0) }
    }

    @Test func emptyAndHugeArguments() throws {
        #expect(try explain(in: "", [""] + words).status == 2)
        #expect(try explain(in: "", ["--output-dir", ""] + words).status == 2)
        let path = folder.path + "/0.jpg"
        let many = try explain(in: "", [String](repeating: path, count: 20_000) + ["--output-dir", results.path])
        #expect(many.status == 0 && results.files.count == 3, "\(many.errors)")
        let long = String(repeating: "x", count: 20_000)
        for words in [[long], ["--output-dir", long, path], ["--output-dir", results.path + "/" + long, path]] {
            let result = try explain(in: "", words)
            #expect([1, 2].contains(result.status) && result.errors.contains("too long"), "\(result)")
        }
    }

    /// What measures time does not read the clock of the day, which may jump; a journal tells that time.
    @Test func timeIsMeasuredByAClockThatDoesNotJump() throws {
        for case let file as String in FileManager.default.enumerator(atPath: Shared.repository + "/Sources")!
        where file.hasSuffix(".swift") && file != "CLI/Journal.swift" {
            let source = try page("Sources/" + file)
            for clock in ["Date(", "gettimeofday", "CLOCK_REALTIME", "SystemClock", " time(nil"] {
                #expect(!source.contains(clock), "\(file): \(clock)")
            }
        }
    }
}
