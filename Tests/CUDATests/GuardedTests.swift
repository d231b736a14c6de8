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

    init() throws { (graph, image) = try StandIn.begin() }

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

    /// A network that takes signals of any length.
    func signals(_ length: Int) throws -> Graph {
        var options = ModelOptions()
        options.inputSize = (length, 1)
        return try Classifier(contentsOf: Golden("signals").path + "/resnet_open.onnx", options: options).graph
    }

    func signal(_ graph: Graph) -> [Float] {
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

    /// A comparison speaks for signals of about the same length, for all workers, and for no others.
    @Test(arguments: [(200, 232, 0), (200, 240, 1), (200, 333, 1)])
    func lengthsThatAreAlikeAreComparedOnce(_ first: Int, _ second: Int, _ count: Int) throws {
        let (graph, other) = (try signals(first), try signals(second)), recording = Recording()
        let told = try guarded(graph) { session, _ in
            _ = try session.run([signal(graph)], recording: recording)
            stand_in_set_product_error(0.01)
            _ = try session.session(of: other).run([signal(other)], recording: recording)
        }
        #expect(told.count == count)
    }

    /// Signals of a length that the device has no kernel for are the CPU's.
    @Test func aLengthWithoutKernelsIsTheCPUs() throws {
        let (graph, longer) = (try signals(200), try signals(333)), told = Told<CUDA.Replacement>()
        let program = GuardedProgram(try FaultyDevice(graph, wrong: 1...9), LoadOptions()) { told.add($0) }
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
        guard case .differs(.ofLargest(let difference))? = told.first, told.count == 1 else {
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
