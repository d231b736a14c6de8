#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import Testing

@testable import CLI

@Suite struct InterruptionTests {
    @Test func interruptEndsWith130() async {
        await #expect(processExitsWith: .exitCode(130)) {
            signal(SIGINT, SIG_DFL)
            Interruption.watch()
            kill(getpid(), SIGINT)
            sleep(20)
        }
    }

    @Test func terminationEndsWith143() async {
        await #expect(processExitsWith: .exitCode(143)) {
            Interruption.watch()
            kill(getpid(), SIGTERM)
            sleep(20)
        }
    }

    /// The write that was under way when the signal came still reaches standard output.
    @Test func fileBeingWrittenIsFinishedFirst() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(130), observing: [\.standardOutputContent]
        ) {
            signal(SIGINT, SIG_DFL)
            Interruption.watch()
            try Interruption.shielded {
                kill(getpid(), SIGINT)
                usleep(300_000)
                try System.write("finished", to: 1)
            }
            sleep(20)
        }
        #expect(String(decoding: result.standardOutputContent, as: UTF8.self).contains("finished"))
    }

    @Test func ignoredSignalStaysIgnored() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGINT, SIG_IGN)
            Interruption.watch()
            kill(getpid(), SIGINT)
            usleep(200_000)
            exit(7)
        }
    }
}
