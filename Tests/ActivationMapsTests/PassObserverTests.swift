import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// What an observer is told while a method runs many images.
struct PassObserverTests {
    /// Methods, and how many images run in each of their streams for one class.
    @Test(
        arguments: [
            ("scorecam", nil), ("ablationcam", nil), ("occlusion", nil), ("reciprocam", [10 * 10]), ("rise", [7]),
            ("smoothgrad", [7]), ("smoothgradcam++", [7]), ("integratedgradients", [4, 1]), ("blurig", [4, 1]),
            ("gradcam", []),
        ] as [(String, [Int]?)])
    func countsRiseToTheTotalOncePerStream(_ name: String, _ streams: [Int]?) throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        let photo = try Image(contentsOf: Shared.repository + "/Photos/dog-and-cat.jpg")
        var request = Explainer.Request()
        (request.methods, request.targets) = ([try #require(Methods.named(name))], .top(2))
        (request.options.samples, request.options.steps) = (7, 4)
        var totals: [Int] = [], last = 0
        let maps = try explainer.explain(photo, request) { method, done, total in
            #expect(method == name && done > last && done <= total)
            last = done
            guard done == total else { return }
            totals.append(total)
            last = 0
        }.explained.map(\.maps[0].input)
        #expect(last == 0)
        if let streams {
            #expect(totals == streams + streams)
        } else {
            #expect(totals.count == 2 && totals.allSatisfy { $0 > 1 })
        }
        #expect(try explainer.explain(photo, request).explained.map(\.maps[0].input) == maps)
    }
}
