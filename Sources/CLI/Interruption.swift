import Imaging
import Platform

/// Ends of the program that come from outside, none of which leaves a half-written file: signals of a terminal, a timer
/// or a batch system (exit code 128 + signal: 130 for ctrl-C), and a model file that is shortened while it is mapped (3).
enum Interruption {
    static func watch() {
        // What the handlers use is made ready here, where locks may be taken.
        AtomicFile.prepareToDiscard()
        // A file that grows beyond the user's limit (ulimit -f) and a pipe that nobody reads any more are faults of
        // writing, to be told as any other.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU] {
            // What is ignored from the start (nohup, a shell's background job) stays ignored.
            if let before = signal(number, handler), unsafeBitCast(before, to: Int.self) == 1 {
                signal(number, SIG_IGN)
            } else {
                shield(number)
            }
        }
        endWhereMappedFilesShrink { path in
            Interruption.leave()
            Interruption.tell("gradcam: ")
            if let path { Interruption.tell(path: path) }
            Interruption.tell(": the file was shortened while it was in use, or its disk failed: run again with ")
            Interruption.tell("the whole file\n")
            _exit(ExitCode.unusableModel.rawValue)
        }
    }

    /// Lets no second signal interrupt the handler of this one.
    private static func shield(_ number: Int32) {
        var action = sigaction()
        sigaction(number, nil, &action)
        sigfillset(&action.sa_mask)
        sigaction(number, &action, nil)
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        leave()
        _exit(128 + number)
    }

    /// In one thread alone: another one that comes here waits for the end.
    private static func leave() {
        AtomicFile.discardUnfinished()
        // Below the progress bar.
        if isatty(2) == 1 { tell("\n") }
    }

    /// In one line, whatever the path holds.
    private static func tell(path: UnsafePointer<CChar>) {
        var next = path
        while next.pointee != 0 {
            var byte = 0..<32 ~= next.pointee || next.pointee == 127 ? CChar(UInt8(ascii: "?")) : next.pointee
            _ = write(2, &byte, 1)
            next += 1
        }
    }

    private static func tell(_ text: StaticString) { _ = write(2, text.utf8Start, text.utf8CodeUnitCount) }
}
