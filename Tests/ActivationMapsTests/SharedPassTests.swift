import Imaging
import Synchronization
import Testing
import TestSupport

@testable import ActivationMaps
@testable import Network

/// One forward pass serves every class, method and rule: asking for all at once gives what asking one by one gives.
struct SharedPassTests {
    @Test(arguments: NetworkGoldenTests.networks)
    func allAtOnceIsOneByOne(_ name: String) throws {
        let explainer = try Explainer(contentsOf: "\(Golden.folder)/\(name)/torchscript.onnx", threads: 2)
        let (width, height) = (explainer.classifier.preprocessing.width, explainer.classifier.preprocessing.height)
        let photo = Image(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* $0 / 97) })
        let methods = Methods.of(explainer.classifier.graph).filter(\.cost.isShared) + [FinerCAM()]

        var request = Explainer.Request()
        (request.methods, request.targets, request.guided) = (methods, .top(3), true)
        let together = try explainer.explain(photo, request)

        for (place, explained) in together.explained.enumerated() {
            for (index, method) in methods.enumerated() {
                (request.methods, request.targets, request.guided) = (
                    [method], .classes([explained.score!.index]), false
                )
                let alone = try explainer.explain(photo, request).explained[0].maps[0]
                #expect(explained.maps[index].input == alone.input, "\(method.name), class number \(place)")
            }
            (request.methods, request.guided) = ([], true)
            #expect(
                try explainer.explain(photo, request).explained[0].guided?.values == explained.guided?.values,
                "guided, class number \(place)")
        }
    }

    /// Photos that share a pass have the numbers that each has by itself, whatever the methods and the number of
    /// photos.
    @Test(arguments: ["alexnet", "resnet18", "resnext", "swin", "vit"])
    func photosTogetherAreAsAlone(_ name: String) throws {
        let explainer = try Explainer(contentsOf: "\(Golden.folder)/\(name)/torchscript.onnx", threads: 2)
        let photos = photos(5, of: explainer)
        var request = Explainer.Request()
        request.methods = Methods.of(explainer.classifier.graph)
            .filter { $0.cost.isShared || ["finercam", "fullgrad", "ablationcam", "shapleycam"].contains($0.name) }
        (request.targets, request.guided, request.options.samples) = (.top(2), true, 2)
        request.layers = try explainer.classifier.layers(named: [])
        let alone = try photos.map { Numbers(try explainer.explain($0, request)) }
        for count in [2, 5] {
            for first in stride(from: 0, to: photos.count, by: count) {
                let some = first..<min(first + count, photos.count)
                let found = try explainer.explain(Array(photos[some]), request).map { Numbers(try $0.get()) }
                #expect((found == Array(alone[some])) as Bool, "\(name): \(count) photos a pass, from \(first)")
            }
        }
    }

    /// A photo's fault is its own, and where there is no memory for several they run in smaller passes.
    @Test func photosFailByThemselves() throws {
        let path = Shared.repository + "/Models/catdog.onnx"
        let explainer = try Explainer(contentsOf: path, threads: 1)
        let photos = photos(4, of: explainer)
        var request = Explainer.Request()
        request.methods = [GradCAM(), Picky(refused: explainer.classifier.preprocessing.tensor(from: photos[2]))]
        let results = explainer.explain(photos, request)
        #expect(results.map { (try? $0.get()) != nil } == [true, true, false, true])
        request.methods = [GradCAM()]
        let expected = try photos.map { Numbers(try explainer.explain($0, request)) }
        #expect(try Numbers(results[3].get()).maps[0][0] == expected[3].maps[0][0])
        request.targets = .classes([1_000_000])
        #expect(explainer.explain(photos, request).allSatisfy { (try? $0.get()) == nil })

        request.targets = .top(1)
        for (most, isDevice) in [(1, false), (1, true), (2, true)] {
            let session = NarrowSession(explainer.session, most, isDevice: isDevice)
            let narrow = Explainer(explainer.classifier, session: session)
            #expect(try narrow.photosThatFit(request, copies: 1, wanted: photos.count) == most)
            #expect(try narrow.explain(photos, request).map { Numbers(try $0.get()) } == expected)
            #expect(session.passes == photos.count / most)
        }
    }

    /// A photo that there is no memory for beside the others is explained alone.
    @Test func whatDoesNotFitBesideOthersIsAlone() throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 1)
        let photos = photos(3, of: explainer)
        var request = Explainer.Request()
        request.methods = [GradCAM()]
        let expected = try photos.map { Numbers(try explainer.explain($0, request)) }
        for short in [[1], [0, 1, 2]] {
            let inputs = short.map { explainer.classifier.preprocessing.tensor(from: photos[$0]) }
            request.methods = [Cramped(in: inputs)]
            #expect(try explainer.explain(photos, request).map { Numbers(try $0.get()) } == expected)
        }
    }

    /// Has no memory for some inputs when they are first asked for.
    private final class Cramped: Method {
        private let waiting: Mutex<[[Float]]>
        let info = MethodInfo(name: "cramped", summary: "", paper: "")
        let cost = Cost.gradients

        init(in inputs: [[Float]]) { waiting = Mutex(inputs) }

        func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

        func explain(_ subject: Subject) throws -> RawMap {
            let isShort = waiting.withLock { waiting in
                waiting.firstIndex(of: subject.input).map { waiting.remove(at: $0) } != nil
            }
            if isShort {
                throw NetworkError.memory(MemoryShortage(purpose: "gradients", bytes: 2, held: 0, limit: 1))
            }
            return try GradCAM().explain(subject)
        }
    }

    /// One that has no memory for more than some images.
    private final class NarrowSession: Session {
        private let session: any Session
        private let most: Int
        /// Whether it is a device's memory.
        private let isDevice: Bool
        private(set) var passes = 0

        init(_ session: any Session, _ most: Int, isDevice: Bool) {
            (self.session, self.most, self.isDevice) = (session, most, isDevice)
        }

        var program: any Program { session.program }

        func session(of graph: Graph) throws(NetworkError) -> any Session { try session.session(of: graph) }

        private func refuse(_ images: Int) throws(NetworkError) {
            guard images > most else { return }
            if isDevice { throw .device("a card", .memory, reason: "it is full") }
            throw .memory(MemoryShortage(purpose: "a pass", bytes: 2, held: 0, limit: 1))
        }

        func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
            try refuse(images.count)
            passes += 1
            return try session.run(images, recording: recording)
        }

        func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError) {
            try refuse(images)
        }

        func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
            try session.scores(batch, keeping: keep)
        }
    }

    private func photos(_ count: Int, of explainer: Explainer) -> [Image] {
        let input = explainer.classifier.preprocessing
        return (0..<count).map { (number: Int) -> Image in
            let pixels = (0..<input.width * input.height * 3).map { (i: Int) -> UInt8 in
                UInt8(truncatingIfNeeded: i * i / (97 + number))
            }
            return Image(width: input.width, height: input.height, pixels: pixels)
        }
    }

    /// What of an explanation is not time.
    private struct Numbers: Equatable {
        let logits: [Float]
        let classes: [Int]
        let maps: [[Plane]]
        let guided: [[Float]?]

        init(_ explanation: Explanation) {
            logits = explanation.scores.map(\.logit)
            classes = explanation.explained.compactMap(\.score?.index)
            maps = explanation.explained.map { $0.maps.map(\.input) }
            guided = explanation.explained.map { $0.guided?.values }
        }
    }

    /// Refuses one input.
    private struct Picky: Method {
        let refused: [Float]
        let info = MethodInfo(name: "picky", summary: "", paper: "")
        let cost = Cost.gradients

        func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

        func explain(_ subject: Subject) throws -> RawMap {
            guard subject.input != refused else { throw TargetFault(method: name) }
            return try GradCAM().explain(subject)
        }
    }
}
