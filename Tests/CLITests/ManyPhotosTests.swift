import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Runs over many photos by the built program: gone on with, shared out, told of.
@Suite struct ManyPhotosTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()

    private func photos(_ names: [String]) throws { for name in names { try folder.photo(name) } }

    private func gradcam(_ words: [String], input: String = "") throws -> Finished {
        try explain(words + ["-o", results.path, "--outputs", "cam"], input: input)
    }

    private func summary(_ finished: Finished) -> String {
        finished.errors.split(separator: "\n").last.map(String.init) ?? ""
    }

    private func inputs(_ finished: Finished) throws -> [String] {
        try objects(finished).compactMap { ($0["input"] as? String).map(Paths.name) }
    }

    /// Killed again and again, the run that resumes gives the files and the reports of one that was left alone.
    @Test func aKilledRunGoesOn() throws {
        let names = (0..<24).map { "\($0 % 3)/\($0).jpg" }
        try photos(names)
        let whole = TemporaryFolder(), words = [folder.path, "--quiet", "--resume", "--outputs", "cam", "-o"]
        let start = ContinuousClock.now
        #expect(try Running(words + [whole.path]).finished() == 0)
        let duration = (ContinuousClock.now - start) / .microseconds(1)
        for _ in 0..<8 {
            let running = try Running(words + [results.path])
            usleep(UInt32.random(in: 0...UInt32(duration)))
            running.send(SIGKILL)
            _ = running.wait()
        }
        let values = ["--mean", "0.5", "--std", "0.5", "--threads", "2", "--model", smallModel, "--json"]
        for _ in 0..<2 {
            let last = try run(program, values + words + [results.path])
            #expect(try last.status == 0 && objects(last).count == 24 && Set(inputs(last)).count == 24)
        }
        #expect(results.files == whole.files && whole.files.count == 24)
        for file in whole.files {
            #expect((bytes(results.path + "/" + file) == bytes(whole.path + "/" + file)) as Bool, "\(file)")
        }
    }

    /// What an earlier run made is taken for what it is: by settings, photo, network and files.
    @Test func onlyWhatIsTheSameIsPassedOver() throws {
        try photos(["a.jpg", "b.jpg", "c.jpg"])
        let words = [folder.path, "--resume", "--target-category", "3"]
        #expect(try summary(gradcam(words)) == "3 photos done, 0 failed")
        #expect(try summary(gradcam(words)) == "0 photos done, 3 skipped, 0 failed")
        #expect(
            try summary(gradcam(["--threads", "1", "--batch", "2"] + words)) == "0 photos done, 3 skipped, 0 failed")
        #expect(try summary(gradcam(words + ["--dry-run"])) == "0 photos to do, 3 skipped, 0 failed")

        unlink(results.path + "/a_gradcam_cam.jpg")
        try folder.photo("b.jpg", of: "coffee")
        let told = try gradcam(words + ["--dry-run"])
        #expect(summary(told) == "2 photos to do, 1 skipped, 0 failed" && results.files.count == 2)
        let mended = try gradcam(words + ["--json"])
        #expect(
            try summary(mended) == "2 photos done, 1 skipped, 0 failed"
                && inputs(mended) == ["a.jpg", "b.jpg", "c.jpg"])
        #expect(try summary(gradcam(words + ["--colormap", "viridis"])) == "3 photos done, 0 failed")
        #expect(try summary(gradcam(words)) == "3 photos done, 0 failed")

        folder.write(Array("no JPEG".utf8), to: "d.jpg")
        #expect(try gradcam(words).status == 1)
        #expect(try summary(gradcam(words)) == "0 photos done, 3 skipped, 1 failed")
    }

    /// A results folder may have a manifest of somebody else's.
    @Test func recordsOfOthersAreLeftAlone() throws {
        try photos(["a.jpg", "b.jpg"])
        let path = results.write(Array("{\"name\":\"an app\"}".utf8), to: "manifest.json")
        let plain = try gradcam([folder.path])
        #expect(plain.status == 0 && plain.errors.contains("a later run cannot resume this one"))
        let resumed = try gradcam([folder.path, "--resume"])
        #expect(resumed.status == 2 && resumed.errors.contains("leaves it alone"), "\(resumed.errors)")
        #expect(bytes(path).count == 17)
    }

    @Test func filesAreKeptAsAskedFor() throws {
        try photos(["a.jpg", "b.jpg"])
        #expect(try gradcam([folder.path]).status == 0)
        let path = results.path + "/a_gradcam_cam.jpg", first = bytes(path)
        let viridis = [folder.path, "--colormap", "viridis"]
        #expect(try summary(gradcam(viridis + ["--overwrite", "never"])) == "0 photos done, 2 skipped, 0 failed")
        #expect(try summary(gradcam(viridis + ["--overwrite", "older"])) == "0 photos done, 2 skipped, 0 failed")
        usleep(20_000)
        try folder.photo("a.jpg")
        #expect(try summary(gradcam(viridis + ["--overwrite", "never"])) == "0 photos done, 2 skipped, 0 failed")
        #expect((bytes(path) == first) as Bool)
        #expect(try summary(gradcam(viridis + ["--overwrite", "older"])) == "1 photo done, 1 skipped, 0 failed")
        #expect((bytes(path) != first) as Bool)
        // Classes that are not known before are explained, and files that are there are kept all the same.
        let top = try gradcam([folder.path, "--top-k", "2", "--json"])
        let files = results.files.map { ($0, bytes(results.path + "/" + $0)) }
        let kept = try gradcam(viridis + ["--top-k", "2", "--overwrite", "never", "--json"])
        #expect(top.status == 0 && kept.status == 0 && files.count == 6)
        #expect(try objects(kept).compactMap { $0["files"] as? [String] } == [[], []])
        for (file, content) in files { #expect((bytes(results.path + "/" + file) == content) as Bool, "\(file)") }
        let both = try gradcam(viridis + ["--overwrite", "never", "--resume"])
        #expect(both.status == 2 && both.errors.contains("exclude each other"))
    }

    /// Together the shares give what one process gives, and each says which it is.
    @Test func sharesMakeTheWhole() throws {
        try photos((0..<12).map { "x/\($0).jpg" })
        let whole = try inputs(gradcam([folder.path, "--json"])), files = results.files
        for file in files { unlink(results.path + "/" + file) }
        var parts: [String] = []
        for index in 0..<3 {
            let part = try run(
                program,
                [
                    "--model", smallModel, folder.path, "--json", "--shard", "auto/3", "-o", results.path, "--outputs",
                    "cam",
                ],
                environment: ["JOB_COMPLETION_INDEX": "\(index)"])
            #expect(part.status == 0 && part.errors.contains("share \(index + 1) of 3 of the photos"), "\(part.errors)")
            parts += try inputs(part)
        }
        #expect(parts.sorted() == whole.sorted() && results.files.filter { !$0.hasPrefix("manifest-") } == files)
        let journals = (1...3).map { bytes(results.path + "/manifest-\($0)-of-3.jsonl").split(separator: 0x0A).count }
        #expect(journals.reduce(0, +) == 12)
        #expect(try gradcam([folder.path, "--shard", "auto"]).status == 2)
        // A folder that is not there hides photos of every share.
        for index in 1...3 { #expect(try gradcam([folder.path + "/none", "--shard", "\(index)/3"]).status == 1) }
    }

    @Test func wholePathsAreNames() throws {
        try photos(["a/cat.jpg", "b/cat.jpg"])
        #expect(try gradcam([folder.path, "--keep-paths"]).status == 0)
        #expect(results.files == ["a/cat.jpg_gradcam_cam.jpg", "b/cat.jpg_gradcam_cam.jpg"])
    }

    /// One path after another: the first photo is explained before the second is told.
    @Test func pathsAreTakenAsTheyCome() throws {
        try photos(["a.jpg", "b.jpg"])
        let input = Pipe()
        let running = try Running(["-", "--keep-paths", "--outputs", "cam", "-o", results.path], input: input)
        input.fileHandleForWriting.write(Data((folder.path + "/a.jpg\n").utf8))
        #expect(eventually { results.files.count == 1 })
        input.fileHandleForWriting.write(Data((folder.path + "/b.jpg\n").utf8))
        try input.fileHandleForWriting.close()
        _ = running.wait()
        #expect(running.status == 0 && results.files.count == 2)
    }

    @Test func dryRunsDoNothing() throws {
        try photos(["a.jpg", "b.jpg"])
        let place = results.path + "/none"
        let words = [folder.path, "--dry-run", "--top-k", "2", "--save-map", "--outputs", "cam,gb", "-o", place]
        let told = try explain(words)
        let names = ["gradcam_{class}_cam.jpg", "gradcam_{class}_gb.jpg", "gradcam_{class}_cam.npy"]
        let lines = ["a", "b"].flatMap { photo in
            ["\(folder.path)/\(photo).jpg"] + names.map { "-> \(place)/\(photo)_\($0)" }
        }
        #expect(told.status == 0 && told.output.split(separator: "\n").map(String.init) == lines, "\(told.output)")
        #expect(access(place, F_OK) != 0)
        #expect(try explain(words + ["--target-layer", "none"]).status == 2)
    }

    @Test func verboseRunsHaveALineAPhoto() throws {
        try photos(["a.jpg", "b.jpg"])
        let run = try gradcam([folder.path, "--verbose", "--resume"]),
            again = try gradcam([folder.path, "--verbose", "--resume"])
        for name in ["a", "b"] {
            let lines = run.errors.split(separator: "\n").filter { $0.hasPrefix("\(folder.path)/\(name).jpg: ") }
            #expect(lines.count == 1 && lines[0].contains(" ms (decode ") && lines[0].contains(" %"), "\(run.errors)")
            #expect(again.errors.contains("\(folder.path)/\(name).jpg: skipped, its files are there"))
        }
    }

    /// On a terminal, which `script` stands for.
    @Test func theBarTellsHowFarARunIs() throws {
        guard try CLITests.run("/usr/bin/env", ["sh", "-c", "command -v script"]).status == 0 else {
            return print("skipped: the bar on a terminal: there is no script(1)")
        }
        try photos(["a.jpg", "b.jpg", "c.jpg"])
        folder.write(Array("text".utf8), to: "d.jpg")
        func terminal(_ words: String) throws -> String {
            let line =
                "stty cols 100 2>/dev/null; '\(program)' --model '\(smallModel)' -o '\(results.path)' --outputs cam \(words)"
            return try CLITests.run("/usr/bin/env", ["script", "-qec", line, "/dev/null"]).output
        }
        let told = try terminal("'\(folder.path)' --quiet --no-progress; true") + terminal("'\(folder.path)'")
        #expect(told.contains("] 0/4") && told.contains("4/4") && told.contains("1 failed"), "\(told)")
        let passes = try terminal("'\(folder.path)/a.jpg' --method rise --samples 4000")
        #expect(passes.contains("rise ") && passes.contains("/4000") && passes.contains(" left"), "\(passes)")
    }

    #if os(Linux)
    /// A million names take what a hundred thousand take.
    @Test func longListsTakeNoMemory() throws {
        let list = folder.path + "/list"
        #expect(try CLITests.run("/usr/bin/env", ["sh", "-c", "seq -f /none/%.0f.jpg 1000000 >'\(list)'"]).status == 0)
        func peak(_ words: [String]) throws -> Int {
            let input = Pipe(),
                running = try Running(["-", "--dry-run", "--quiet", "--shard", "1/1000000"] + words, input: input)
            let file = try #require(FileHandle(forReadingAtPath: list))
            Thread {
                while let data = try? file.read(upToCount: 1 << 16), !data.isEmpty {
                    try? input.fileHandleForWriting.write(contentsOf: data)
                }
                try? input.fileHandleForWriting.close()
            }.start()
            return running.peakMemory()
        }
        let (held, kept) = (try peak([]), try peak(["--keep-paths"]))
        #expect(kept < 60_000_000 && held < kept + 60_000_000, "\(held) and \(kept) bytes")
    }
    #endif
}
