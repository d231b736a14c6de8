import Foundation
import Testing

@testable import CLI

/// What a run writes down of finished photos, and what `--resume` may make of it.
@Suite struct JournalTests {
    let folder = TemporaryFolder()
    private let settings = "0123456789abcdef"

    private func record(_ photo: String, time: Int = 1, settings: String? = nil, size: Int = 3) -> JournalRecord {
        JournalRecord(
            time: time, photo: photo, input: input(photo), settings: settings ?? self.settings,
            files: [.init(path: "\(photo)_gradcam_cam.jpg", size: size, modified: 5)], report: report(photo))
    }

    private func input(_ photo: String, size: Int = 7, modified: Int = 1) -> JournalRecord.File {
        .init(path: "/photos/\(photo).jpg", size: size, modified: modified)
    }

    /// With what could be mistaken for the marks around it.
    private func report(_ photo: String) -> String {
        JSON.object([
            ("schema", .integer(1)), ("input", .string(",\"report\":{" + photo)),
            ("files", .array([.string(",\"files\":[")])),
            ("classes", .array([])),
        ]).text
    }

    /// Writes the files of a photo, and what a run writes down of it.
    private func finish(_ photo: String, in journal: Journal) throws {
        let path = folder.write([1, 2, 3], to: "\(photo)_gradcam_cam.jpg")
        try journal.append(
            photo: photo, input: input(photo), settings: settings, files: [path],
            report: report(photo))
    }

    private func isComplete(
        _ photo: String, input: JournalRecord.File? = nil, settings: String? = nil, network: Int = 0
    ) throws -> Bool {
        try JournalIndex(folder: folder.path).complete(
            photo, input: input ?? self.input(photo), settings: settings ?? self.settings, network: network) != nil
    }

    @Test func aPhotoThatIsDoneIsComplete() throws {
        let journal = try Journal(folder: folder.path, share: .whole)
        for photo in ["cat", "pets/dog", "quo\"te\\ \u{1}猫"] { try finish(photo, in: journal) }
        let index = try JournalIndex(folder: folder.path)
        #expect(index.count == 3)
        for photo in ["cat", "pets/dog", "quo\"te\\ \u{1}猫"] {
            #expect(try isComplete(photo))
            let record = try #require(index.record(named: photo))
            let path = "\(photo)_gradcam_cam.jpg", made = try FileStatus(of: folder.path + "/" + path).modified / 1000
            #expect(record.files == [.init(path: path, size: 3, modified: made)])
            #expect(abs(Double(record.time) / 1000 - Date().timeIntervalSince1970) < 60)
            #expect(JournalRecord(line: record.line.utf8) == record && record.report == report(photo))
        }
        #expect(try !isComplete("bird"))
    }

    @Test func reportsFollowTheFolder() throws {
        let old = JSON.object([
            ("schema", .integer(1)), ("files", .array([.string("old/a \"b\"_cam.jpg"), .string("old/a_gb.jpg")])),
            ("map", .string("old/a_gb.jpg")),
        ]).text
        let record = JournalRecord(
            time: 1, photo: "a", input: input("a"), settings: settings,
            files: ["a \"b\"_cam.jpg", "a_gb.jpg"].map { .init(path: $0, size: 1, modified: 1) }, report: old)
        #expect(record.report(in: "old") == old)
        #expect(record.report(in: "new/x") == old.replacing("old/", with: "new/x/"))
    }

    /// Each of the conditions by itself.
    @Test func whatIsNotTheSameIsNotComplete() throws {
        let journal = try Journal(folder: folder.path, share: .whole)
        for photo in ["kept", "gone", "longer", "shorter", "replaced", "rewritten"] { try finish(photo, in: journal) }
        #expect(try isComplete("kept"))
        #expect(try !isComplete("kept", input: input("other/kept")), "a photo of the same name")
        #expect(try !isComplete("kept", input: input("kept", size: 8)), "another photo in its place")
        #expect(try !isComplete("kept", input: input("kept", modified: 2)), "another one of the same size")
        #expect(try isComplete("kept", input: input("kept", modified: 0)), "a copy that keeps whole seconds")
        #expect(try !isComplete("kept", settings: "fedcba9876543210"), "other settings")
        unlink(folder.path + "/gone_gradcam_cam.jpg")
        folder.write([1, 2, 3, 4], to: "longer_gradcam_cam.jpg")
        folder.write([], to: "shorter_gradcam_cam.jpg")
        unlink(folder.path + "/replaced_gradcam_cam.jpg")
        mkdir(folder.path + "/replaced_gradcam_cam.jpg", 0o777)
        // As a later run of other settings leaves it that was killed before it wrote its line.
        usleep(10_000)
        folder.write([3, 2, 1], to: "rewritten_gradcam_cam.jpg")
        for photo in ["gone", "longer", "shorter", "replaced", "rewritten"] {
            #expect(try !isComplete(photo), "\(photo)")
        }

        let made = try FileStatus(of: folder.path + "/kept_gradcam_cam.jpg").modified / 1000
        #expect(try isComplete("kept", network: made))
        #expect(try !isComplete("kept", network: made + 1), "the network was replaced")
        let late = JournalRecord(
            time: 9_999_999_999_999, photo: "kept", input: input("kept", modified: made + 1), settings: settings,
            files: [.init(path: "kept_gradcam_cam.jpg", size: 3, modified: made)], report: report(""))
        try journal.append(late)
        #expect(try !isComplete("kept", input: late.input), "the photo is newer than its files")
    }

    /// A killed run leaves a part of a line; what follows begins a line of its own.
    @Test(arguments: 1..<40) func aTornLineIsPassedOver(cut: Int) throws {
        let lines = record("cat").line + String(record("dog").line.dropLast(cut))
        let path = folder.write(Array(lines.utf8), to: "manifest.jsonl")
        #expect(try JournalIndex(folder: folder.path).count == 1)
        try Journal(folder: folder.path, share: .whole).append(record("bird"))
        let index = try JournalIndex(folder: folder.path)
        #expect(index.record(named: "cat") == record("cat") && index.record(named: "bird") == record("bird"))
        // A line that lacks its line feed alone is whole again.
        #expect(index.record(named: "dog") == (cut == 1 ? record("dog") : nil))
        #expect(String(decoding: bytes(path), as: UTF8.self).hasSuffix("\n" + record("bird").line))
    }

    /// Not even the first line's beginning is whole.
    @Test(arguments: 1..<8) func aTornBeginningIsTakenAway(length: Int) throws {
        folder.write(Array("{\"time\":".utf8).prefix(length), to: "manifest.jsonl")
        try Journal(folder: folder.path, share: .whole).append(record("cat"))
        try Journal.check(folder: folder.path, share: .whole)
        #expect(bytes(folder.path + "/manifest.jsonl") == Array(record("cat").line.utf8))
    }

    /// Of one journal the last line holds, of several the latest.
    @Test func theLatestRecordHolds() throws {
        let (early, late) = (record("cat", time: 5, size: 1), record("cat", time: 6, size: 2))
        for (first, second) in [(early, late), (late, early)] {
            folder.write(Array((first.line + record("dog").line + second.line).utf8), to: "manifest.jsonl")
            #expect(try JournalIndex(folder: folder.path).record(named: "cat") == second, "a clock that was ahead")
            folder.write(Array(first.line.utf8), to: "manifest.jsonl")
            folder.write(Array(second.line.utf8), to: "manifest-2-of-3.jsonl")
            #expect(try JournalIndex(folder: folder.path).record(named: "cat") == late)
            unlink(folder.path + "/manifest-2-of-3.jsonl")
        }
        folder.write(Array((record("cat", size: 1).line + record("cat", size: 2).line).utf8), to: "manifest.jsonl")
        #expect(try JournalIndex(folder: folder.path).record(named: "cat")?.files.first?.size == 2)
    }

    /// Lines of other programs, text that is none, and numbers that are none; a record that is none when it is read.
    @Test func foreignLinesArePassedOver() throws {
        let foreign = [
            "", "{}", "[]}", "null", "{\"photo\":\"dog\"}", String(repeating: "[", count: 500) + "]}",
            #"{"time":1,"photo":"dog]}"#, #"{"time":,"photo":"dog","input":"","settings":"","files":[]}"#,
            #"{"time":1,"photo":"dog","input":"","settings":"","files":[{"path":1,"size":1}]}"#,
            #"{"time":1,"photo":"dog","input":"","settings":"","files":[{"path":"a","size":1e99}]}"#,
            #"{"time":1,"photo":"dog","files":[]}"#, #"{"time":1,"photo":"dog\"#, #"{"time":1,"photo":"d\og"]}"#,
            #"{"time":99999999999999999999,"photo":"dog","files":[]}"#,
        ]
        var content = Array(foreign.joined(separator: "\r\n").utf8) + [0x0A, 0xFF, 0x00, 0xC3, 0x0A]
        content += Array(#"{"time":2,"photo":"dog"#.utf8) + [0xFF] + Array("\",\"files\":[]}\n".utf8)
        content += Array(record("cat").line.utf8)
        folder.write(content, to: "manifest.jsonl")
        folder.write(Array("{\"photo\":\"x\"}".utf8), to: "manifest-of-a-phone.jsonl")
        let index = try JournalIndex(folder: folder.path)
        #expect(index.record(named: "cat") == record("cat"))
        #expect(index.record(named: "dog") == nil)
        #expect(index.complete("dog", input: input(""), settings: "", network: 0) == nil)
    }

    /// A line that is longer than what is read at once.
    @Test func longLinesAreRead() throws {
        let long = JournalRecord(
            time: 1, photo: "long", input: input("i"), settings: settings,
            files: (0..<40_000).map { .init(path: "long_method_\($0)_cam.jpg", size: $0, modified: 1) },
            report: report(""))
        #expect(long.line.utf8.count > 1 << 20)
        folder.write(Array((record("cat").line + long.line + record("dog").line).utf8), to: "manifest.jsonl")
        let index = try JournalIndex(folder: folder.path)
        #expect(index.count == 3 && index.record(named: "long") == long && index.record(named: "dog") == record("dog"))
    }

    /// A run looks into its own journals and those of runs of another number of shares.
    @Test func sharesHaveJournalsOfTheirOwn() throws {
        for (index, photo) in ["a", "b", "c"].enumerated() {
            let share = Share(index: index + 1, count: 3)
            try finish(photo, in: try Journal(folder: folder.path, share: share))
        }
        #expect(
            folder.files.filter { $0.hasSuffix(".jsonl") }
                == (1...3).map { "manifest-\($0)-of-3.jsonl" })
        for photo in ["a", "b", "c"] { #expect(try isComplete(photo)) }
        for (index, count, known) in [(1, 3, 1), (3, 3, 1), (1, 2, 3), (11, 13, 3)] {
            #expect(try JournalIndex(folder: folder.path, share: Share(index: index, count: count)).count == known)
        }
    }

    /// Another process writes lines at the same time.
    @Test func twoProcessesAppendAtOnce() throws {
        let journal = try Journal(folder: folder.path, share: .whole)
        let loop = "for i in {1..10000}; do echo \"${1/NAME/b$i}\"; done >>\"$2\""
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let line = String(record("NAME").line.dropLast())
        other.arguments = ["bash", "-c", loop, "bash", line, folder.path + "/manifest.jsonl"]
        try other.run()
        for i in 1...10_000 { try journal.append(record("a\(i)")) }
        other.waitUntilExit()
        #expect(other.terminationStatus == 0)
        let index = try JournalIndex(folder: folder.path)
        #expect(index.count == 20_000)
        for i in stride(from: 1, through: 10_000, by: 97) { #expect(index.record(named: "a\(i)") == record("a\(i)")) }
        #expect(bytes(folder.path + "/manifest.jsonl").count { $0 == 0x0A } == 20_000)
    }

    @Test func noJournalAndAnEmptyOneHoldNothing() throws {
        #expect(try JournalIndex(folder: folder.path).count == 0)
        #expect(try JournalIndex(folder: folder.path + "/none").count == 0)
        folder.write([], to: "manifest.jsonl")
        #expect(try JournalIndex(folder: folder.path).count == 0)
        try finish("cat", in: try Journal(folder: folder.path, share: .whole))
        #expect(try isComplete("cat"))
    }

    // MARK: Faults

    private func faults() -> (reading: RecordFault?, writing: RecordFault?) {
        let reading = #expect(throws: RecordFault.self) { try JournalIndex(folder: folder.path) }
        let writing = #expect(throws: RecordFault.self) { try Journal(folder: folder.path, share: .whole) }
        return (reading, writing)
    }

    @Test func aJournalThatIsAFolderIsTold() {
        let path = folder.path + "/manifest.jsonl"
        mkdir(path, 0o777)
        let (reading, writing) = faults()
        #expect(reading == RecordFault(path: path, kind: .system(EISDIR)) && writing == reading)
        #expect(
            Messages.text(RecordFault(path: "out/manifest.jsonl", kind: .system(EISDIR)))
                == "out/manifest.jsonl: Is a directory; repair it, or choose another --output-dir")
    }

    @Test func aJournalThatIsAPipeIsTold() {
        mkfifo(folder.path + "/manifest.jsonl", 0o666)
        let (reading, writing) = faults()
        #expect(reading?.kind == .foreign && writing?.kind == .foreign)
    }

    @Test func aJournalThatCannotBeReadIsTold() {
        let path = folder.path + "/manifest.jsonl"
        symlink("manifest.jsonl", path)
        let (reading, writing) = faults()
        #expect(reading == RecordFault(path: path, kind: .system(ELOOP)) && writing == reading)
        unlink(path)
        folder.write([], to: "manifest.jsonl")
        chmod(path, 0)
        guard access(path, R_OK) != 0 else { return print("skipped: root reads whatever its mode says") }
        #expect(faults().reading == RecordFault(path: path, kind: .system(EACCES)))
    }

    /// Something else of that name is not written into.
    @Test func anotherProgramsFileIsLeftAlone() throws {
        let path = folder.write(Array("{\"image\":\"a\"}\n".utf8), to: "manifest.jsonl")
        let fault = #expect(throws: RecordFault.self) { try Journal(folder: folder.path, share: .whole) }
        #expect(fault == RecordFault(path: path, kind: .foreign))
        #expect(bytes(path).count == 14)
    }
}
