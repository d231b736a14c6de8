import Foundation
import Platform
import Testing

@testable import Archive

/// A folder that lasts as long as the object.
final class Folder {
    let path: String

    init() {
        var template = Array("/tmp/gradcam-test-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template)!)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What a reader made of a tar: each member's path, kind and data, and the fault that ended it.
struct Reading {
    var members: [(path: String, kind: TarMember.Kind, data: [UInt8])] = []
    var fault: TarError?
    var goesOn = false, lacksEnd = false

    var files: [String: [UInt8]] {
        Dictionary(members.filter { $0.kind == .file }.map { ($0.path, $0.data) }) { $1 }
    }

    /// - Parameter isRead: which members' data are asked for; the others are passed over.
    init(_ reader: TarReader, most: Int = 1 << 20, isRead: (TarMember) -> Bool = { $0.kind == .file }) {
        do throws(TarError) {
            while let member = try reader.next() {
                let path = String(decoding: member.path, as: UTF8.self)
                let data = isRead(member) ? try reader.data(most: most).withUnsafeBytes { Array($0) } : []
                members.append((path, member.kind, data))
            }
        } catch { fault = error }
        (goesOn, lacksEnd) = (reader.goesOn, reader.lacksEnd)
    }

    init(file path: String) {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        self.init(TarReader(descriptor: file))
    }

    init(_ bytes: [UInt8], most: Int = 1 << 20) {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        self.init(TarReader(descriptor: file, beginning: bytes), most: most)
    }
}

/// What `body` writes to a tar.
func written(_ body: (TarWriter) throws -> Void) throws -> [UInt8] {
    let folder = Folder(), path = folder.path + "/t"
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    try body(TarWriter(descriptor: file))
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Runs a program to its end; returns what it writes to standard output and standard error.
func run(_ words: [String]) throws -> (status: Int32, output: String) {
    let process = Process(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8", "TZ": "UTC"]) { $1 }
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
}

/// Whether a program is there to compare with.
func has(_ program: String) -> Bool { (try? run([program, "--version"]))?.status == 0 }

/// Bytes that differ from place to place.
func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) } }

/// Paths of every length and kind that the formats store in different ways, with some sizes around those of blocks.
let paths: [(path: String, size: Int)] = {
    let lengths = [1, 99, 100, 101, 155, 156, 157, 199, 255, 256, 257, 300]
    let flat = [20, 99, 100, 101, 200].map { String(repeating: "n", count: $0) }
    let deep = lengths.map { length in
        String((String(repeating: "folder/", count: 60) + "x").suffix(length))
    }.map { $0.hasPrefix("/") ? "f" + $0.dropFirst() : $0 }
    let others = ["0001.jpg", "Süßes/Bär.jpg", "日本/写真.png", "two\nlines.jpg", "a b.jpg", "tab\t.jpg", "e\u{301}.jpg"]
    let all = flat + deep + others + [String(repeating: "ä", count: 120)]
    return zip(all, (0...).lazy.map { [0, 1, 511, 512, 513, 1024, 70_000][$0 % 7] }).map { ($0, $1) }
}()
