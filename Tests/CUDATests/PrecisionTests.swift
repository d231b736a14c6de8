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

/// Products of TF32: never unless asked for, and where a card has it alone.
struct PrecisionTests {
    private let graph: Graph
    private let image: [Float]

    init() throws { (graph, image) = try StandIn.begin() }

    private func options(_ precision: Precision?) -> LoadOptions {
        var options = LoadOptions(threads: 2)
        (options.precision, options.transforms) = (precision, false)
        return options
    }

    /// How far scores, and a layer's gradient, are from the CPU's, of the largest.
    private func distances(_ precision: Precision?, cuDNN: Bool) throws -> (scores: Float, gradient: Float) {
        let card = try Card(Libraries(calls: stand_in_calls(cuDNN ? 1 : 0)), cache: KernelCache(folder: nil))
        let layer = try #require(graph.defaultLayer).value, recording = Recording(gradients: [layer])
        let own = try CUDA.load(graph, options(precision), on: card).session(threads: 1)
            .run([image], recording: recording)
        let exact = try CPU.load(graph, options(.float32)).session(threads: 2).run([image], recording: recording)
        let cotangent = (0..<graph.numbers).map { Float($0 % 3) - 1 }
        func gradient(_ run: any Run) throws -> [Float] {
            try run.gradients([cotangent], at: [layer], rule: .plain)[0][0].values
        }
        StandIn.expectNoBreach()
        return (
            Trial.relative(own.scores[0], exact.scores[0]),
            try Trial.relative(gradient(own), gradient(exact))
        )
    }

    /// However tensor cores take float32.
    @Test(arguments: [false, true], [false, true])
    func isTakenWhereItIsAskedForAlone(cuDNN: Bool, truncates: Bool) throws {
        stand_in_set_truncation(truncates ? 1 : 0)
        for precision in [nil, Precision.float32] {
            let found = try distances(precision, cuDNN: cuDNN)
            #expect(found.scores < 2e-5 && found.gradient < 1e-5, "\(found)")
        }
        // Of 2^-11 a factor, or 2^-10 where it is cut off, over some layers.
        let found = try distances(.tf32, cuDNN: cuDNN), most: Float = truncates ? 3e-2 : 1e-2
        #expect((1e-4...most).contains(found.scores) && (1e-5...most).contains(found.gradient), "\(found)")
    }

    @Test func isRefusedWhereItIsNot() throws {
        stand_in_set_capability(75)
        let old = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        for (card, precision) in [(old, Precision.tf32), (StandIn.card, .bf16), (StandIn.card, .bf16x3)] {
            #expect { try CUDA.load(graph, options(precision), on: card) } throws: { error in
                if case NetworkError.noPrecision(precision) = error { true } else { false }
            }
        }
        #expect(throws: Never.self) { try CUDA.load(graph, options(.float32), on: old) }
        #expect { try CPU.load(graph, options(.tf32)) } throws: { "\($0)".hasPrefix("tf32 needs an NVIDIA GPU") }
    }

    /// What TF32 makes of numbers is no fault of the card, and another fault still is one; the CPU then goes on in float32.
    @Test(arguments: [false, true], [false, true])
    func isComparedByItsOwnLimit(isBundled: Bool, truncates: Bool) throws {
        stand_in_set_truncation(truncates ? 1 : 0)
        let network = Shared.repository + "/Models/catdog.onnx"
        let graph = try isBundled ? Classifier(contentsOf: network).graph : self.graph
        let image = (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
        let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        let told = Told<CUDA.Replacement>(), layer = graph.defaultLayer!.value
        let program = GuardedProgram(try CUDA.load(graph, options(.tf32), on: card), options(.tf32)) { told.add($0) }
        let session = program.session(threads: 1)
        func compute() throws -> [Float] {
            let run = try session.run([image], recording: Recording(gradients: [layer, graph.input]))
            for rule in [RectifierRule.plain, .guided] {
                _ = try run.gradients([run.scores[0]], at: [layer, graph.input], rule: rule)
            }
            return run.scores[0]
        }
        _ = try compute()
        #expect(told.all.isEmpty && program.precision == .tf32)
        stand_in_fail(3, 719)
        let exact = try CPU.load(graph, options(.float32)).session(threads: 1).run([image], recording: Recording())
        #expect(try Trial.relative(compute(), exact.scores[0]) < 1e-5)
        #expect(told.all.count == 1 && program.precision == .float32)
    }

    /// What computed is told of each caller's work by itself: the card, the CPU in its place in float32, or both.
    @Test func whatComputedIsTold() throws {
        let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        let program = GuardedProgram(try CUDA.load(graph, options(.tf32), on: card), options(.tf32)) { _ in }
        let (session, other) = (program.session(threads: 1), program.session(threads: 1))
        let own = Computation(kernelName: "cuda", precision: .tf32)
        let cpu = Computation(kernelName: CPU.kernels, precision: .float32)
        _ = try session.run([image], recording: Recording())
        #expect(session.takeComputations() == [own] && session.takeComputations() == [])
        let more = Recording(gradients: [graph.input])
        stand_in_set_memory(1)
        _ = try session.run([image], recording: more)
        #expect(session.takeComputations() == [cpu])
        stand_in_set_memory(1 << 36)
        let run = try session.run([image], recording: more)
        stand_in_set_memory(1)
        _ = try run.gradients(run.scores, at: [graph.input], rule: .plain)
        #expect(session.takeComputations() == [own, cpu])
        stand_in_set_memory(1 << 36)
        _ = try session.run([image], recording: Recording())
        stand_in_fail(0, 719)
        _ = try other.run([image], recording: Recording())
        #expect(session.takeComputations() == [own] && other.takeComputations() == [cpu])
    }

    @Test func aPhotoIsToldByWhatComputedIt() throws {
        let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        let program = GuardedProgram(try CUDA.load(graph, options(.tf32), on: card), options(.tf32)) { _ in }
        let classifier = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx")
        let explainer = Explainer(classifier, session: program.session(threads: 1))
        let reference = Explainer(
            classifier, session: try CPU.load(graph, options(.float32)).session(threads: 1))
        let photo = Image(width: 8, height: 8, pixels: (0..<3 * 64).map { UInt8($0 * 89 % 256) })
        var request = Explainer.Request()
        #expect(try explainer.explain(photo, request).computations.map(\.precision) == [.tf32])
        #expect(
            try explainer.precisionLoss(of: photo, request, against: reference).computations.map(\.precision)
                == [.tf32, .tf32])
        // More than the pools hold.
        request.guided = true
        stand_in_set_memory(1)
        let found = explainer.explain([photo, photo], request)
        #expect(try found.map { try $0.get().computations.map(\.precision) } == [[.float32], [.float32]])
    }

    @Test func aCardThatIsWrongIsLeft() throws {
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let told = Told<CUDA.Replacement>()
        let program = GuardedProgram(try CUDA.load(graph, options(.tf32), on: card), options(.tf32)) { told.add($0) }
        stand_in_set_product_error(0.3)
        let run = try program.session(threads: 1).run([image], recording: Recording())
        let exact = try CPU.load(graph, options(.float32)).session(threads: 1).run([image], recording: Recording())
        #expect(Trial.relative(run.scores[0], exact.scores[0]) < 1e-5)
        guard case .differs? = told.all.first else {
            Issue.record("\(told.all)")
            return
        }
    }
}
