import CCUDA
import CUDAStandIn
import Foundation
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// A device that fails, or computes something else than the CPU, each on a machine of its own.
struct GuardedTests {
    private let graph: Graph
    private let image: [Float]

    init() throws {
        stand_in_begin()
        graph = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx").graph
        image = (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
    }

    /// What a guarded program tells, and what it computes.
    private func guarded(
        _ body: (any Session, any Session) throws -> Void
    ) throws -> [CUDA.Replacement] {
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
    @Test(arguments: ["written", "masked", "suffix", "guided", "resumed"])
    func allKindsOfWorkAreCompared(_ kind: String) throws {
        let layer = graph.defaultLayer!.value
        let recording = Recording(gradients: [layer], resumable: [layer])
        func compute(_ session: any Session, _ run: any Run) throws -> [[Float]] {
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
            case "guided":
                return [try run.gradients([run.scores[0]], at: [layer], rule: .guided)[0][0].values]
            default:
                let numbers = try run.value(layer, image: 0).values.map { $0 / 2 }
                return try run.resumed(replacing: layer, image: 0, by: numbers).scores
            }
        }
        let told = try guarded { session, cpu in
            let run = try session.run([image], recording: recording)
            let expected = try compute(cpu, cpu.run([image], recording: recording))
            stand_in_set_product_error(0.01)
            for (own, wanted) in zip(try compute(session, run), expected) {
                #expect(maxDifference(own, wanted) <= 1e-3 * wanted.map(abs).max()!)
            }
        }
        guard case .differs? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
    }

    /// A network of another size is guarded as the first is.
    @Test func otherNetworksAreGuarded() throws {
        let told = try guarded { session, cpu in
            let other = try session.session(of: graph)
            stand_in_set_product_error(0.01)
            let (own, wanted) = (
                try other.run([image], recording: Recording()), try cpu.run([image], recording: Recording())
            )
            #expect(maxDifference(own.scores[0], wanted.scores[0]) <= 1e-3 * wanted.scores[0].map(abs).max()!)
        }
        #expect(told.count == 1)
    }

    /// Where one photo does not fit the CPU goes on; where several do not, that is said, so that fewer are taken.
    @Test func aCardThatIsFullIsLeft() throws {
        let told = try guarded { session, _ in
            stand_in_set_memory(1 << 20)
            #expect(StandIn.fault { try session.check(Recording(), images: 1, streams: false, runs: 8) }?.0 == .memory)
            try session.check(Recording(), images: 1, streams: false, runs: 1)
            _ = try session.run([image], recording: Recording())
        }
        guard case .failed(.device(_, .memory, _))? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
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

    /// Whatever is being computed when the card is lost comes from the CPU, from its beginning.
    @Test(arguments: [20, 60, 120, 180, 200, 240])
    func aLostCardIsLeft(_ after: Int) throws {
        let layer = graph.defaultLayer!.value
        let recording = Recording(values: [layer], gradients: [layer], resumable: [layer])
        func compute(_ session: any Session) throws -> [[Float]] {
            let run = try session.run([image], recording: recording)
            var numbers = run.scores + [try run.value(layer, image: 0).values]
            numbers.append(try run.gradients([run.scores[0].map { _ in 1 }], at: [layer], rule: .plain)[0][0].values)
            numbers += try run.scores(replacing: layer, image: 0, count: 3) { k, target in
                for i in target.indices { target[i] = Float((i + k) % 3) }
            }
            let image = image
            numbers += try session.scores(
                .written(40) { k, target in
                    for i in target.indices { target[i] = image[i] * Float(k) / 40 }
                })
            return numbers
        }
        let told = try guarded { session, cpu in
            let expected = try compute(cpu)
            stand_in_fail(Int32(after), 719)
            for (own, wanted) in zip(try compute(session), expected) {
                let scale = wanted.map(abs).max()!
                #expect(maxDifference(own, wanted) <= 1e-3 * scale)
            }
        }
        #expect(told.count == 1)
        guard case .failed(.device(_, .lost, _))? = told.first else {
            Issue.record("\(told)")
            return
        }
    }
}

private final class Told<Element: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var told: [Element] = []
    func add(_ one: Element) { lock.withLock { told.append(one) } }
    var all: [Element] { lock.withLock { told } }
}
