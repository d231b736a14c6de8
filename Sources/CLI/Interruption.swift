import Imaging
import Platform

/// Ends the program on SIGINT, SIGTERM and SIGHUP (exit code 128 + signal: 130 for ctrl-C) and leaves no half-written
/// file.
enum Interruption {
    static func watch() {
        // What the handler uses is made ready here, where locks may be taken.
        AtomicFile.prepareToDiscard()
        // A file that grows beyond the user's limit (ulimit -f) is a fault of writing, to be told as any other.
        signal(SIGXFSZ, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // What is ignored from the start (nohup, a shell's background job) stays ignored.
            if let before = signal(number, handler), unsafeBitCast(before, to: Int.self) == 1 {
                signal(number, SIG_IGN)
            } else {
                shield(number)
            }
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
        AtomicFile.discardUnfinished()
        // Below the progress bar.
        if isatty(2) == 1 { _ = write(2, "\n", 1) }
        _exit(128 + number)
    }
}
