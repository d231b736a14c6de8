#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import Dispatch

/// Ends the program on SIGINT, SIGTERM and SIGHUP (exit code 128 + signal: 130 for ctrl-C), never in the middle of a file.
///
/// The signal's handler only writes the signal into a pipe; a thread that reads the pipe waits for the file being written, then ends the program.
enum Interruption {
    private static let files = DispatchQueue(label: "files")
    private static let watcher = DispatchQueue(label: "interruption")
    nonisolated(unsafe) private static var pipeEnd: Int32 = -1

    /// Runs `body`, which writes files, to its end, whatever arrives meanwhile.
    static func shielded<Result>(_ body: () throws -> Result) rethrows -> Result { try files.sync(execute: body) }

    static func watch() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        let reading = ends[0]
        pipeEnd = ends[1]
        watcher.async {
            var number: UInt8 = 0
            while read(reading, &number, 1) != 1 {}
            files.sync {
                if System.isTerminal(2) { try? System.write("\n", to: 2) }
                _exit(128 + Int32(number))
            }
        }
        // A file that grows beyond the user's limit (ulimit -f) is a fault of writing, to be told as any other.
        signal(SIGXFSZ, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // What is ignored from the start (nohup, a shell's background job) stays ignored.
            if let before = signal(number, handler), unsafeBitCast(before, to: Int.self) == 1 { signal(number, SIG_IGN) }
        }
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interruption.pipeEnd, &byte, 1)
    }
}
