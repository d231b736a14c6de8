import Foundation
import TestSupport

@testable import CLI

/// Runs the program in a world that a line of the shell makes for it: `ulimit -n 4`, `exec 1>&-`, `umask 777`. One that
/// does not end is killed, and has status 137.
func explain(
    in world: String, _ words: [String], model: String = smallModel, through: String = "exec \"$@\"", input: String = ""
) throws -> Finished {
    let values = ["--model", model, "--threads", "2", "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"]
    return try run(
        "/usr/bin/env",
        ["timeout", "-s", "KILL", "20", "bash", "-c", "\(world)\n\(through)", "bash", program] + values + words,
        input: input)
}

extension TemporaryFolder {
    /// Some small photos, `0.jpg` and on, and a folder for what is made of them.
    static func photos(_ count: Int, width: Int = 80, height: Int = 60) throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let first = bytes(try folder.photo("0.jpg", width: width, height: height))
        for index in 1..<max(count, 1) { folder.write(first, to: "\(index).jpg") }
        return folder
    }
}

/// A run of the program that goes on while the test does something to it.
final class Running {
    let process = Process()
    private let errors = Pipe()

    /// Signals end it, whatever they do to those who run the tests.
    init(_ words: [String], model: String = smallModel, input: Pipe? = nil) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "--default-signal", program, "--model", model, "--threads", "2", "--mean", "0.5", "--std",
                "0.5",
            ]
            + words
        process.standardInput = input ?? FileHandle.nullDevice
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, errors)
        try process.run()
    }

    /// Whether the program has come so far that it handles a signal.
    func handles(_ signal: Int32) -> Bool {
        let state = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = state.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
        let caught = line?.split(whereSeparator: \.isWhitespace).last.flatMap { UInt64($0, radix: 16) } ?? 0
        return caught >> UInt64(signal - 1) & 1 == 1
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Seconds until it ended.
    func wait() -> Double {
        let start = ContinuousClock.now
        process.waitUntilExit()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Waits until it ended: the most memory that it had until shortly before, in bytes, where Linux tells. (What a
    /// parent is told of its child counts the parent's own memory too.)
    func peakMemory() -> Int {
        var peak = 0
        while process.isRunning {
            let state = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
            let line = state?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            let words = line?.split(whereSeparator: \.isWhitespace) ?? []
            if words.count > 1, let kilobytes = Int(words[1]) {
                peak = max(peak, 1024 * kilobytes)
            }
            usleep(1000)
        }
        return peak
    }

    /// The exit code, or the number of the signal that ended it.
    var status: Int32 { process.terminationStatus }
    var wasKilled: Bool { process.terminationReason == .uncaughtSignal }
    lazy var told = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
}

/// Waits until something holds; false where it never does.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<5000 {
        if condition() { return true }
        usleep(2000)
    }
    return false
}
