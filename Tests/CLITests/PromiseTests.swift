import Foundation
import TestSupport
import Testing

@testable import CLI

/// The promise of numbers: on the same machine the same files give the same pictures and maps, to the last bit,
/// whatever the number of threads, of photos that are explained in one run, and of those that share a pass.
@Suite struct PromiseTests {
    @Test(arguments: ["", "resnext", "vit"]) func theSamePicturesWhateverTheThreadsAndPhotos(_ golden: String) throws {
        let model =
            Shared.repository + (golden.isEmpty ? "/Models/catdog.onnx" : "/Tests/Goldens/\(golden)/dynamo.onnx")
        let photos = TemporaryFolder(), results = TemporaryFolder()
        for index in 0..<amount(12, debug: 4) {
            try photos.photo("\(index).jpg", of: index % 2 == 0 ? "cat" : "coffee", width: 90 + index, height: 70)
        }
        /// Every file's bytes, by the name that it has in a folder's run.
        func files(_ name: String, threads: Int, _ words: [String], prefix: String = "") throws -> [String: [UInt8]] {
            let place = results.path + "/" + name
            let values = ["--model", model, "--mean", "0.5", "--std", "0.5", "--threads", "\(threads)", "--quiet"]
            let result = try run(program, values + ["--save-map", "--output-dir", place] + words)
            #expect(result.status == 0, "\(result.errors)")
            let found = results.files.filter { $0.hasPrefix(name + "/") }.map { String($0.dropFirst(name.count + 1)) }
            return Dictionary(uniqueKeysWithValues: found.map { (prefix + $0, bytes(place + "/" + $0)) })
        }
        // Methods of many passes take most of the time, and have few photos.
        let all = ["--method", "all", "--samples", "2", "--steps", "2"], one = photos.path + "/1.jpg"
        let runs = [["--method", "gradcam,gradcam++", photos.path], all + [photos.path + "/0.jpg", one]]
        let expected = try runs.map { try files("1-\($0.count)", threads: 1, $0) }
        #expect(
            try expected[0].count == photos.files.count * 8 && expected[1].count == 2 * methods(of: model).count * 4)
        for threads in [2, 3, 5] {
            for (words, expected) in zip(runs, expected) {
                let found = try files("\(threads)-\(words.count)", threads: threads, words)
                #expect((found == expected) as Bool, "\(threads) threads")
            }
        }
        for batch in [2, 5] {
            let found = try files("\(batch)-a-pass", threads: 2, runs[0] + ["--batch", "\(batch)"])
            #expect((found == expected[0]) as Bool, "\(batch) photos a pass")
        }
        for (number, threads) in [1, 2, 3, 5].enumerated() {
            for words in threads == 2
                ? [all, ["--method", "gradcam"]] : [["--method", "gradcam++", "--outputs", "cam"]]
            {
                let name = "one-\(number)-\(words.last!)-\(words.count)"
                let single = try files(name, threads: threads, words + [one], prefix: "1_")
                #expect(single.count > 1)
                for (file, content) in single {
                    #expect((content == expected[0][file] ?? expected[1][file]) as Bool, "\(threads) \(words) \(file)")
                }
            }
        }
    }
}
