import Foundation
import TestSupport

/// What the program says of one photo of a case, and the map that it wrote.
struct CaseRun {
    let finished: Finished
    /// The photo's JSON object; empty where there is none.
    let report: [String: Any]
    /// The file that `--save-map` wrote, row-major at the photo's size; empty where there is none.
    let map: [Float]

    /// Runs `gradcam PHOTO --model MODEL WORDS... --json --save-map --outputs cam` in a folder of its own.
    init(model: String, photo: String = Case.photo, _ words: [String] = []) throws {
        let folder = TemporaryFolder()
        let standard = ["--json", "--save-map", "--outputs", "cam", "--threads", "1", "--output-dir", folder.path]
        finished = try run(program, [photo, "--model", model] + standard + words)
        report = try objects(finished).first ?? [:]
        let file = (report["files"] as? [String])?.first { $0.hasSuffix(".npy") }
        map = try file.map(readNPY) ?? []
    }

    /// The best classes (five at most) as `index: value of key`, `logit` or `score`.
    func top(_ key: String) -> [Int: Float] {
        let classes = report["top"] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: classes.compactMap { entry in
                guard let index = entry["index"] as? Int, let value = entry[key] as? Double else { return nil }
                return (index, Float(value))
            })
    }

    /// The greatest difference of the best classes' values from those that are right; infinite where there is none.
    func difference(_ key: String, from right: [Float]) -> Float {
        let top = top(key)
        guard !top.isEmpty, top.keys.allSatisfy(right.indices.contains) else { return .infinity }
        return top.map { abs($0.value - right[$0.key]) }.max()!
    }
}
