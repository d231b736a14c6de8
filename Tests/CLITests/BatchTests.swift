import Foundation
import Testing

@testable import CLI

private struct Broken: Error, CustomStringConvertible { let description = "not a JPEG" }

@Suite struct BatchTests {
    /// What a run over photos 1, 2 and 3, of which 2 is broken, and a missing 4 writes: "o" lines on standard output,
    /// "e" on standard error.
    private func lines(
        json: Bool = false, quiet: Bool = false, isTerminal: Bool = false, standardOutputIsFull: Bool = false,
        workers: Int = 1, size: Int = 1
    ) -> (ExitCode, [String]) {
        var lines: [String] = []
        let console = Console(quiet: quiet, isTerminal: isTerminal, isDumb: false) {
            text, descriptor throws(SystemError) in
            if descriptor == 1 && standardOutputIsFull { throw SystemError(code: 28) }
            lines.append((descriptor == 1 ? "o " : "e ") + text)
        }
        let batch = Batch(console: console, json: json, quiet: quiet, size: size)
        var items: [PhotoStream.Item] = ["3", "2", "1"].map { .photo(Photo(path: $0, name: $0)) }
        items.append(.failure(.init(path: "4", fault: .noPhotoInside)))
        // The first photo takes longest.
        let explain = { (photo: Photo) -> Outcome in
            if photo.path == "1" { usleep(50_000) }
            if photo.path == "2" { return .failed(Broken()) }
            return .done(
                Report(
                    input: photo.path, model: "m", identity: nil, layer: "l", methods: [], output: "o",
                    scores: .init(.softmax),
                    preprocessing: .null,
                    top: [], classes: [], targets: [], files: [], timings: [],
                    diagnosis: photo.path == "3" ? ["flat"] : []), [])
        }
        let workers = [([Photo]) -> [Outcome]](repeating: { $0.map(explain) }, count: workers)
        return (batch.run({ items.popLast() }, count: items.count, workers), lines)
    }

    @Test(arguments: [1, 3], [1, 2, 8]) func failuresAreNamedAndTheRestGoesOn(workers: Int, size: Int) {
        let (code, lines) = lines(workers: workers, size: size)
        #expect(code == .photoFailed)
        #expect(
            lines == [
                "e gradcam: 4: the folder holds no JPEG or PNG\n", "o 1  (m, l)\n",
                "e gradcam: 2: not a JPEG\n", "e gradcam: warning: 3: flat\n", "o 3  (m, l)\n",
                "e 2 photos done, 2 failed\n",
            ])
    }

    @Test func quietLeavesErrorsAlone() {
        #expect(
            lines(quiet: true).1 == ["e gradcam: 4: the folder holds no JPEG or PNG\n", "e gradcam: 2: not a JPEG\n"])
    }

    @Test func jsonHasOneObjectForEveryPhoto() {
        let objects = lines(json: true, quiet: true).1.filter { $0.hasPrefix("o ") }
        #expect(objects.count == 4)
        #expect(objects.filter { $0.contains("\"error\":") }.count == 2)
        #expect(objects.allSatisfy { $0.hasPrefix("o {\"schema\":1,") && $0.hasSuffix("}\n") })
    }

    @Test func barIsWipedBeforeEveryLine() {
        let lines = lines(isTerminal: true).1
        let bar = "e [------------------------------] 0/4"
        #expect(lines.contains(bar))
        for (line, before) in zip(lines.dropFirst(2), lines.dropFirst()) where line.hasPrefix("o ") {
            #expect(before == "e \r\u{1B}[K")
        }
        #expect(lines.suffix(2) == ["e \r\u{1B}[K", "e 2 photos done, 2 failed\n"])
    }

    @Test func fullStandardOutputEndsTheRun() {
        let (code, lines) = lines(standardOutputIsFull: true)
        #expect(code == .unfinished)
        #expect(lines.last == "e gradcam: cannot write to standard output: No space left on device\n")
    }
}
