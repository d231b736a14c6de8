import Foundation
import Imaging
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

    @Test func fileBeingWrittenIsDiscarded() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(143), observing: [\.standardOutputContent]
        ) {
            Interruption.watch()
            let folder = TemporaryFolder()
            try System.write("<\(folder.path)>", to: 1)
            let bytes = [UInt8](repeating: 7, count: 50_000_000)
            Thread.detachNewThread {
                usleep(200_000)
                kill(getpid(), SIGTERM)
            }
            while true { try AtomicFile.write(bytes, to: folder.path + "/file") }
        }
        let text = String(decoding: result.standardOutputContent, as: UTF8.self)
        let folder = try #require(text.split(separator: "<").last?.split(separator: ">").first.map(String.init))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "file" } == [])
        try FileManager.default.removeItem(atPath: folder)
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
