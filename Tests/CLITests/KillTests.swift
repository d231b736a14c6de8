import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Ends that come from outside, at any moment.
@Suite struct KillTests {
    let results = TemporaryFolder()

    /// Killed again and again, the program leaves whole files alone, and a run to the end completes them.
    /// GRADCAM_KILLS in the environment asks for more times.
    @Test func kill9LeavesNoHalfFile() throws {
        let folder = try TemporaryFolder.photos(12, width: 200, height: 150), whole = TemporaryFolder()
        let words = [folder.path, "--quiet", "--save-map", "--output-dir"]
        let start = ContinuousClock.now
        #expect(try Running(words + [whole.path]).finished() == 0)
        let duration = (ContinuousClock.now - start) / .microseconds(1)
        let expected = Dictionary(uniqueKeysWithValues: whole.files.map { ($0, bytes(whole.path + "/" + $0)) })
        #expect(expected.count == 48)

        for _ in 0..<(ProcessInfo.processInfo.environment["GRADCAM_KILLS"].flatMap { Int($0) } ?? 20) {
            let running = try Running(words + [results.path])
            usleep(UInt32.random(in: 0...UInt32(duration)))
            running.send(SIGKILL)
            _ = running.wait()
            for file in results.files where !file.hasPrefix(".") {
                #expect((bytes(results.path + "/" + file) == expected[file]) as Bool, "\(file)")
            }
            // Of a photo's files in each of two threads, left by this run: it removed those of the one before.
            #expect(results.files.filter { $0.hasPrefix(".") }.count <= 16)
        }
        results.write([1, 2, 3], to: ".gradcam-left.partial")
        #expect(try Running(words + [results.path]).finished() == 0)
        #expect(results.files == whole.files)
        for (file, content) in expected { #expect((bytes(results.path + "/" + file) == content) as Bool) }
    }

    /// What a process writes at the moment is no leftover to another.
    @Test func filesThatOthersWriteAreLeftAlone() throws {
        let path = results.write([1], to: ".gradcam-other.partial"), photo = try results.photo("cat.jpg")
        let file = open(path, O_RDWR)
        flock(file, LOCK_EX)
        #expect(try explain([photo, "--output-dir", results.path]).status == 0)
        #expect(access(path, F_OK) == 0)
        close(file)
        #expect(try explain([photo, "--output-dir", results.path]).status == 0)
        #expect(access(path, F_OK) != 0)
    }

    @Test(
        arguments: [(SIGINT, 130), (SIGQUIT, 131), (SIGTERM, 143), (SIGHUP, 129), (SIGUSR1, 138), (SIGXCPU, 152)]
            as [(Int32, Int32)])
    func signalsEndTheRunWithinASecond(_ signal: Int32, _ status: Int32) throws {
        let folder = try TemporaryFolder.photos(300)
        let scores = ["--method", "scorecam", "--output-dir", results.path]
        let running = try Running([folder.path] + scores, model: Shared.repository + "/Models/catdog.onnx")
        #expect(eventually { !results.files.isEmpty })
        running.send(signal)
        running.send(signal)
        #expect(running.wait() < 1 && running.status == status && !running.wasKilled, "\(running.told)")
        #expect(!results.files.contains { $0.hasPrefix(".") })
    }

    /// While it waits for paths, and while it decodes a photo.
    @Test func interruptWhereItWaitsOrDecodes() throws {
        let input = Pipe()
        let waiting = try Running(["-"], input: input)
        #expect(eventually { waiting.handles(SIGINT) })
        waiting.send(SIGINT)
        #expect(waiting.wait() < 1 && waiting.status == 130)

        let side = amount(6000, debug: 2000), pixels = [UInt8](repeating: 77, count: side * side * 3)
        let photo = results.write(try Image(width: side, height: side, pixels: pixels).png(), to: "large.png")
        let decoding = try Running([photo, "--output-dir", results.path])
        #expect(eventually { decoding.handles(SIGINT) })
        decoding.send(SIGINT)
        #expect(decoding.wait() < 1 && decoding.status == 130)
        #expect(results.files == ["large.png"])
    }
}

extension Running {
    /// The exit code, at the end.
    func finished() -> Int32 {
        _ = wait()
        return status
    }
}
