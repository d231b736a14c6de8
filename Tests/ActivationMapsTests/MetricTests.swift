import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// What metrics have in common, and what they give of maps that nothing can be told of.
struct MetricTests {
    private static let photo = Result { try Image(contentsOf: Shared.repository + "/Photos/dog.jpg") }

    private let explainer: Explainer
    private let subject: Subject

    init() throws {
        explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        subject = try explainer.subject(try Self.photo.get(), .logit(1), layers: [])
    }

    private func judged(_ number: (Int) -> Float, method: any ActivationMaps.Method = GradCAM()) -> JudgedMap {
        let shape = explainer.classifier.graph.inputShape, graph = explainer.classifier.graph
        let plane = Plane(width: shape[3], height: shape[2], values: (0..<shape[2] * shape[3]).map(number))
        return JudgedMap(method: method.name, plane: plane, others: [("other", plane)]) {
            try UnplacedMap(try method.explain($0), eigenSmooth: false, of: graph).plane
        }
    }

    private func measures(_ map: JudgedMap) throws -> [String: Double] {
        let all = try Metrics.all.flatMap { try $0.measure(map, subject) }
        #expect(Set(all.map(\.name)).count == all.count)
        return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.value) })
    }

    @Test func nothingIsToldOfAMapWithANumberThatIsNone() throws {
        for (name, value) in try measures(judged { $0 == 7 ? .nan : 1 }) { #expect(value.isNaN, "\(name)") }
    }

    @Test func aBlankMapHasNoOrder() throws {
        let measures = try measures(judged { _ in 0 })
        let undefined = [
            "insertion", "deletion", "road", "road-morf", "road-lerf", "arcc", "sanity-head", "sanity-cascade",
            "rank-correlation/other",
        ]
        for (name, value) in measures { #expect(value.isNaN == undefined.contains(name), "\(name): \(value)") }
        #expect(measures["complexity"] == 0 && measures["coherency"] == 0.5)
        #expect(abs(measures["sparseness"]!) < 1e-9)
    }

    /// A signed map is judged by its order; what is negative hides the photo.
    @Test func signedMapsAreJudged() throws {
        let signed = judged { Float($0 % 97) / 48 - 1 }
        let measures = try measures(signed)
        #expect(measures.values.allSatisfy { $0.isFinite })
        let rectified = try Confidence().measure(judged { max(0, Float($0 % 97) / 48 - 1) }, subject)
        #expect(try Confidence().measure(signed, subject) == rectified)
        let shifted = judged { Float($0 % 97) / 48 + 1 }
        #expect(try Insertion().measure(signed, subject) == Insertion().measure(shifted, subject))
    }

    /// What is no class's logit is judged by itself; of a number below 0 no share can be lost.
    @Test func anyNumberIsJudged() throws {
        let own = subject.score, map = judged { Float($0 % 97) / 96 }
        for (target, isPositive) in [(Target.sum([1]), own > 0), (.sum([1], scale: -1), own < 0)] {
            let found = try Confidence().measure(map, subject.with(target: target))
            #expect(found[0].value.isNaN != isPositive)
            #expect(found[1].value >= 0 && found[1].value.isFinite)
        }
        let insertion = try Insertion().measure(map, subject.with(target: .sum([1])))[0].value
        let negative = try Insertion().measure(map, subject.with(target: .sum([1], scale: -1)))[0].value
        #expect(abs(insertion + negative) < 1e-5)
    }

    /// Where almost all pixels are equal, all are removed, and nothing is left to fill them from.
    @Test func roadOfAMapOfOnePixelIsANumber() throws {
        let found = try ROAD().measure(judged { $0 == 1000 ? 1 : 0 }, subject)
        #expect(found.allSatisfy { $0.value.isFinite })
    }

    /// Whatever the network has learned, edges stay what they are.
    @Test func controlsFailTheSanityCheck() throws {
        let edges = try UnplacedMap(try Sobel().explain(subject), eigenSmooth: false, of: explainer.classifier.graph)
        let found = try SanityCheck().measure(judged({ edges.plane.values[$0] }, method: Sobel()), subject)
        #expect(found.map(\.value).allSatisfy { abs($0 - 1) < 1e-9 })
    }

    /// Other networks' weights are theirs: the network itself says what it said.
    @Test func redrawnWeightsAreAnotherNetworks() throws {
        let session = try CPU.load(explainer.classifier.graph, LoadOptions(threads: 1)).session(threads: 1)
        let graph = session.graph, head = graph.weightedNodes[0]
        let other = try session.session(
            of: try graph.redrawn([head]) { number, weights in
                #expect(number == 0)
                for i in weights.indices { weights[i] *= 2 }
            })
        let input = subject.input
        func scores(_ session: any Session) throws -> [Float] {
            try session.run([input], recording: Recording()).scores[0]
        }
        let (own, doubled) = (try scores(session), try scores(other))
        #expect(maxDifference(own, doubled) > 1e-3)
        #expect(try scores(session) == own)
        let same = try session.session(of: try graph.redrawn(graph.weightedNodes) { _, _ in })
        #expect(maxDifference(try scores(same), own) < 1e-4)
    }

    /// A network of other weights ends with its session.
    @Test func redrawnWeightsAreReleased() throws {
        weak var weights: FloatStorage?
        do {
            let session = try CPU.load(explainer.classifier.graph, LoadOptions(threads: 1)).session(threads: 1)
            let graph = try session.graph.redrawn(session.graph.weightedNodes) { _, _ in }
            let last = graph.nodes[graph.weightedNodes[graph.weightedNodes.count - 1]]
            for case .constant(_, let storage)? in last.operands.prefix(2) { weights = storage }
            #expect(weights != nil)
            let run = try session.session(of: graph).run(
                [subject.input], recording: Recording(gradients: [graph.input]))
            _ = try run.gradients([Array(repeating: 1, count: graph.numbers)], at: [graph.input], rule: .plain)
        }
        #expect(weights == nil)
    }

    /// Filled pixels are the weighted means of their neighbours.
    @Test(arguments: [(1, 5), (5, 1), (2, 2), (9, 7), (31, 33), (64, 48)])
    func filledPixelsAreMeans(_ width: Int, _ height: Int) {
        var noise = SeededGenerator(seed: 3)
        for share in [0.1, 0.5, 0.9, 0.99] {
            var isRemoved = (0..<width * height).map { _ in Double.random(in: 0...1, using: &noise) < share }
            isRemoved[0] = false
            let known = isRemoved.map { _ in noise.gaussian() }
            var filled = known
            let fill = NeighbourFill(width: width, height: height, isRemoved: isRemoved)
            filled.withUnsafeMutableBufferPointer { fill.fill($0.baseAddress!) }
            var worst: Float = 0
            for y in 0..<height {
                for x in 0..<width {
                    guard isRemoved[y * width + x] else {
                        worst = max(worst, abs(filled[y * width + x] - known[y * width + x]))
                        continue
                    }
                    var (sum, weights): (Float, Float) = (0, 0)
                    for dy in -1...1 {
                        for dx in -1...1 where (dx, dy) != (0, 0) && 0..<width ~= x + dx && 0..<height ~= y + dy {
                            let weight: Float = dx == 0 || dy == 0 ? 2 : 1
                            sum += weight * filled[(y + dy) * width + x + dx]
                            weights += weight
                        }
                    }
                    worst = max(worst, abs(filled[y * width + x] - sum / weights))
                }
            }
            #expect(worst < 2e-6, "\(share): \(worst)")
        }
    }
}

struct JudgementTests {
    @Test func controlsStandBesideTheMethods() throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        let photo = try Image(contentsOf: Shared.repository + "/Photos/dog-and-cat.jpg")
        var request = Explainer.Request()
        (request.methods, request.metrics) = ([GradCAM(), Sobel()], [Complexity(), RankCorrelation()])
        request.targets = .classes([0, 1])
        let explanation = try explainer.explain(photo, request)
        #expect(explanation.timings.contains { $0.stage == "metrics" })
        for explained in explanation.explained {
            let judgements = explained.judgements
            #expect(judgements.map(\.method) == ["gradcam", "sobel", "randomcam"])
            #expect(judgements.map(\.isControl) == [false, true, true])
            #expect(judgements.map(\.measures.count) == [2, 2, 3])
            #expect(judgements[0].map.input == explained.maps[0].input)
            #expect(explained.maps.count == 2)
        }
        request.metrics = []
        #expect(try explainer.explain(photo, request).explained[0].judgements.isEmpty)
        request.judges = true
        #expect(try explainer.explain(photo, request).explained[0].judgements.map(\.measures.count) == [0, 0, 0])
    }

    private func measures(_ insertion: Double, _ deletion: Double) -> [Measure] {
        [
            Measure("insertion", insertion, better: .higher, decides: true),
            Measure("complexity", 0.1, better: .lower),
            Measure("deletion", deletion, better: .lower, decides: true),
        ]
    }

    @Test(arguments: [(0.8, 0.1, true), (0.3, 0.5, false), (0.8, 0.5, nil), (.nan, 0.1, true), (.nan, .nan, nil)])
    func theVerdictRestsOnWhatDecides(_ insertion: Double, _ deletion: Double, _ isBetter: Bool?) {
        let controls = [("randomcam", measures(0.4, 0.2)), ("sobel", measures(0.5, 0.3))]
        let verdict = Verdict(of: measures(insertion, deletion), against: controls)
        #expect(verdict.isBetter == isBetter)
        #expect(verdict.comparisons.allSatisfy { $0.control == ($0.measure == "insertion" ? "sobel" : "randomcam") })
        #expect("\(verdict.wording("gradcam"))".contains("gradcam"))
    }

    @Test func theVerdictTellsAnyNumber() {
        let verdict = Verdict(of: measures(1e300, -1e16), against: [("sobel", measures(-1e300, 1e16))])
        #expect(verdict.isBetter == true && "\(verdict.wording("gradcam"))".contains("1e+300"))
    }

    @Test func theVerdictTellsByHowMuch() {
        let verdict = Verdict(of: measures(0.75, 0.25), against: [("sobel", measures(0.5, 0.5))])
        #expect(verdict.comparisons.map(\.margin) == [0.25, 0.25])
        #expect(
            "\(verdict.wording("gradcam"))"
                == "on this photo gradcam is better than the controls: "
                + "insertion 0.750 against 0.500 of sobel, deletion 0.250 against 0.500 of sobel")
        func road(_ value: Double) -> [Measure] { [Measure("road", value, better: .higher, decides: true)] }
        let rival = measures(0.5, 0.5) + road(0.5)
        let longer = Verdict(of: measures(0.75, 0.25) + road(0.75), against: [("randomcam", rival), ("sobel", rival)])
        #expect(
            "\(longer.wording("gradcam"))".hasSuffix(
                "deletion 0.250 against 0.500 of randomcam, road 0.750 against 0.500 of randomcam"))
    }

    /// A control without a number is not beaten, and no difference is printed where none counts.
    @Test func theVerdictIsOpenWhereAControlIsSilent() {
        let blank = measures(.nan, .nan)
        let open = Verdict(of: measures(0.75, 0.25), against: [("randomcam", blank), ("sobel", measures(0.5, 0.5))])
        #expect(open.isBetter == nil && open.silent == ["randomcam"])
        #expect("\(open.wording("gradcam"))".contains("randomcam"))
        let equal = Verdict(of: measures(0.5004, 0.5), against: [("sobel", measures(0.5, 0.5))])
        #expect(equal.isBetter == false && equal.silent == [])
    }
}
