import CCUDA
import CUDAStandIn
import Foundation
import Imaging
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// A device that fails, or computes something else than the CPU, each on a machine of its own.
struct GuardedTests {
    let graph: Graph
    let image: [Float]

    init() throws {
        stand_in_begin()
        graph = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx").graph
        image = (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
    }

    /// What a guarded program tells, and what it computes.
    func guarded(
        _ graph: Graph? = nil, _ body: (any Session, any Session) throws -> Void
    ) throws -> [CUDA.Replacement] {
        let graph = graph ?? self.graph
        let told = Told<CUDA.Replacement>()
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let program = GuardedProgram(try CUDA.load(graph, LoadOptions(), on: card), LoadOptions()) { told.add($0) }
        var exact = LoadOptions()
        exact.precision = .float32
        try body(program.session(threads: 2), try CPU.load(graph, exact).session(threads: 2))
        return told.all
    }

    @Test func aCardThatIsRightGoesOn() throws {
        let layer = graph.defaultLayer!.value, recording = Recording(gradients: [layer])
        let told = try guarded { session, _ in
            for _ in 0..<2 {
                let run = try session.run([image], recording: recording)
                _ = try run.gradients([run.scores[0]], at: [layer], rule: .guided)
            }
            stand_in_fail(0, 1)
            // It is the card that computes.
            #expect(throws: Never.self) { try session.run([image], recording: recording) }
        }
        #expect(told.count == 1)
    }

    /// While one caller's first photo is compared the others wait for what comes out.
    @Test func nothingIsUsedThatWasNotCompared() throws {
        let told = Told<CUDA.Replacement>(), image = image, found = Told<[Float]>()
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let program = GuardedProgram(try CUDA.load(graph, LoadOptions(), on: card), LoadOptions()) { told.add($0) }
        let expected = try CPU.load(graph, LoadOptions()).session(threads: 1).run([image], recording: Recording())
        stand_in_set_product_error(0.01)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            do {
                found.add(try program.session(threads: 1).run([image], recording: Recording()).scores[0])
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(found.all.count == 4 && told.all.count == 1)
        let scale = expected.scores[0].map(abs).max()!
        for scores in found.all { #expect(maxDifference(scores, expected.scores[0]) < 1e-4 * scale) }
    }

    /// What comes after a first run that agrees is compared, too: the card is wrong from then on.
    @Test(arguments: ["written", "masked", "suffix", "plain", "guided", "resumed", "gradient of resumed"])
    func allKindsOfWorkAreCompared(_ kind: String) throws {
        let layer = graph.defaultLayer!.value
        let recording = Recording(gradients: [layer], resumable: [layer])
        func compute(_ session: any Session, _ run: any Run, _ begun: any Run) throws -> [[Float]] {
            let image = image
            switch kind {
            case "written":
                return try session.scores(
                    .written(5) { k, target in
                        for i in target.indices { target[i] = image[i] * Float(k + 1) / 5 }
                    })
            case "masked":
                let map = FeatureMap(channels: 3, height: 2, width: 2, values: (0..<12).map(Float.init))
                return try session.scores(.masked(image, by: map))
            case "suffix":
                return try run.scores(replacing: layer, image: 0, count: 3) { k, target in
                    for i in target.indices { target[i] = Float((i + k) % 3) }
                }
            case "plain", "guided":
                let rule = kind == "plain" ? RectifierRule.plain : .guided
                return [try run.gradients([run.scores[0]], at: [layer], rule: rule)[0][0].values]
            case "gradient of resumed":
                return [try begun.gradients([begun.scores[0]], at: [layer], rule: .plain)[0][0].values]
            default:
                return try resumed(run).scores
            }
        }
        func resumed(_ run: any Run) throws -> any Run {
            let numbers = try run.value(layer, image: 0).values.map { $0 / 2 }
            return try run.resumed(replacing: layer, image: 0, by: numbers)
        }
        // Begun before the card is wrong, where it is not the beginning that is compared.
        func begun(_ run: any Run) throws -> any Run { kind == "resumed" ? run : try resumed(run) }
        let told = try guarded { session, cpu in
            let (run, exact) = (
                try session.run([image], recording: recording), try cpu.run([image], recording: recording)
            )
            let (own, other) = (try begun(run), try begun(exact)), expected = try compute(cpu, exact, other)
            stand_in_set_product_error(0.01)
            for (own, wanted) in zip(try compute(session, run, own), expected) {
                #expect(maxDifference(own, wanted) <= 1e-3 * wanted.map(abs).max()!)
            }
        }
        guard case .differs? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
    }

    /// A first run of scores alone speaks for nothing that others record.
    @Test func furtherRecordingsAreCompared() throws {
        let layer = graph.defaultLayer!.value
        let told = try guarded { session, cpu in
            _ = try session.run([image], recording: Recording())
            stand_in_set_product_error(0.01)
            let recording = Recording(gradients: [layer])
            let (own, exact) = (
                try session.run([image], recording: recording), try cpu.run([image], recording: recording)
            )
            let cotangent = exact.scores[0]
            let (found, wanted) = (
                try own.gradients([cotangent], at: [layer], rule: .plain)[0][0].values,
                try exact.gradients([cotangent], at: [layer], rule: .plain)[0][0].values
            )
            #expect(own.scores == exact.scores && found == wanted)
        }
        #expect(told.count == 1)
    }

    /// Larger passes than those that were compared are compared, for which libraries have other algorithms.
    @Test(arguments: ["written", "masked", "suffix", "run"])
    func largerPassesAreCompared(_ kind: String) throws {
        let layer = graph.defaultLayer!.value, image = image
        func compute(_ session: any Session, _ count: Int) throws -> [[Float]] {
            switch kind {
            case "written":
                return try session.scores(
                    .written(count) { k, target in
                        for i in target.indices { target[i] = image[i] * Float(k + 1) / 5 }
                    })
            case "masked":
                let values = (0..<4 * count).map { Float($0 * 7 % 5) }
                return try session.scores(
                    .masked(image, by: FeatureMap(channels: count, height: 2, width: 2, values: values)))
            case "suffix":
                let run = try session.run([image], recording: Recording(resumable: [layer]))
                return try run.scores(replacing: layer, image: 0, count: count) { k, target in
                    for i in target.indices { target[i] = Float((i + k) % 3) }
                }
            default:
                return try session.run(
                    (1...count).map { k in image.map { $0 / Float(k) } }, recording: Recording()
                ).scores
            }
        }
        let told = try guarded { session, cpu in
            let expected = try compute(cpu, 5)
            _ = try compute(session, 1)
            stand_in_set_product_error(0.01)
            for (own, wanted) in zip(try compute(session, 5), expected) {
                #expect(maxDifference(own, wanted) <= 1e-3 * wanted.map(abs).max()!)
            }
        }
        #expect(told.count == 1)
    }

    /// A network that takes signals of any length.
    private func signals(_ length: Int) throws -> Graph {
        var options = ModelOptions()
        options.inputSize = (length, 1)
        return try Classifier(contentsOf: Golden("signals").path + "/resnet_open.onnx", options: options).graph
    }

    private func signal(_ graph: Graph) -> [Float] {
        (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
    }

    /// What is found of one network holds for all on the card, and is told once.
    @Test func otherNetworksAreGuarded() throws {
        let (graph, longer) = (try signals(200), try signals(333)), images = [signal(graph), signal(longer)]
        let told = try guarded(graph) { session, cpu in
            _ = try session.run([images[0]], recording: Recording())
            let others = try [session.session(of: longer), session.session(of: longer)]
            stand_in_set_product_error(0.01)
            let wanted = try cpu.session(of: longer).run([images[1]], recording: Recording()).scores[0]
            for other in others {
                let own = try other.run([images[1]], recording: Recording()).scores[0]
                #expect(maxDifference(own, wanted) <= 1e-5 * wanted.map(abs).max()!)
            }
            let (own, exact) = (
                try session.run([images[0]], recording: Recording()), try cpu.run([images[0]], recording: Recording())
            )
            #expect(own.scores == exact.scores)
        }
        #expect(told.count == 1)
    }

    /// Of a pass of several photos the last is compared, too.
    @Test func theLastPhotoIsCompared() throws {
        let told = Told<CUDA.Replacement>(), recording = Recording(gradients: [graph.defaultLayer!.value])
        let layers = Array(recording.gradients), images = [image, image, image.map { $0 / 2 }]
        let cotangents = images.map { _ in (0..<graph.numbers).map { Float($0 % 3) } }
        let program = GuardedProgram(try FaultyDevice(graph, firstWrong: 1), LoadOptions()) { told.add($0) }
        let session = program.session(threads: 1)
        var exact = LoadOptions()
        exact.precision = .float32
        let expected = try CPU.load(graph, exact).session(threads: 1).run(images, recording: recording)
            .gradients(cotangents, at: layers, rule: .plain)
        let one = try session.run([image], recording: recording)
        _ = try one.gradients([cotangents[0]], at: layers, rule: .plain)
        #expect(told.all.isEmpty)
        let run = try session.run(images, recording: recording)
        let found = try run.gradients(cotangents, at: layers, rule: .plain)
        #expect(zip(found, expected).allSatisfy { $0[0].values == $1[0].values } && told.all.count == 1)
    }

    /// Signals of a length that the device has no kernel for are the CPU's.
    @Test func aLengthWithoutKernelsIsTheCPUs() throws {
        let (graph, longer) = (try signals(200), try signals(333)), told = Told<CUDA.Replacement>()
        let program = GuardedProgram(try FaultyDevice(graph, firstWrong: 1), LoadOptions()) { told.add($0) }
        let other = try program.session(threads: 1).session(of: longer)
        #expect(try other.run([signal(longer)], recording: Recording()).scores.count == 1 && told.all.isEmpty)
    }

    /// Other weights are the CPU's.
    @Test func otherWeightsAreNotTakenToTheCard() throws {
        let told = try guarded { session, cpu in
            let other = try session.session(of: graph)
            stand_in_fail(0, 719)
            #expect(
                try other.run([image], recording: Recording()).scores
                    == cpu.run([image], recording: Recording()).scores)
        }
        #expect(told.isEmpty)
    }

    /// The image of a stream that a device computes, and the CPU computes again, counts once.
    @Test func nothingCountsTwice() throws {
        let classifier = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx")
        let photo = Image(width: 8, height: 8, pixels: (0..<3 * 64).map { UInt8($0 * 89 % 256) })
        var request = Explainer.Request(), last = 0
        (request.methods, request.options.samples) = ([RISE()], 9)
        let told = try guarded { session, _ in
            let explainer = Explainer(classifier, session: session)
            // That it is the card which computes, and what is computed of the first photo.
            _ = try explainer.explain(photo, request)
            stand_in_set_product_error(0.01)
            request.options.samples = 40
            _ = try explainer.explain(photo, request) { _, done, total in
                #expect(done > last && done <= total)
                last = done
            }
        }
        #expect(last == 40 && told.count == 1)
    }

    @Test func aCardThatIsWrongIsLeft() throws {
        let recording = Recording(gradients: [graph.defaultLayer!.value])
        let told = try guarded { session, cpu in
            stand_in_set_product_error(0.01)
            let run = try session.run([image], recording: recording)
            #expect(try run.scores == cpu.run([image], recording: recording).scores)
        }
        guard case .differs(let difference)? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
        #expect(difference > 1e-3 && difference < 1)
    }
}

final class Told<Element: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var told: [Element] = []
    func add(_ one: Element) { lock.withLock { told.append(one) } }
    var all: [Element] { lock.withLock { told } }
}
