import CCUDA
import CUDAStandIn
import Foundation
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

    init() throws {
        stand_in_begin()
        graph = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx").graph
        image = (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
    }

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

    @Test(arguments: [false, true])
    func isTakenWhereItIsAskedForAlone(cuDNN: Bool) throws {
        for precision in [nil, Precision.float32] {
            let found = try distances(precision, cuDNN: cuDNN)
            #expect(found.scores < 2e-5 && found.gradient < 1e-5, "\(found)")
        }
        // Of 2^-11 a factor, over some layers.
        let found = try distances(.tf32, cuDNN: cuDNN)
        #expect((1e-4...1e-2).contains(found.scores) && (1e-5...1e-2).contains(found.gradient), "\(found)")
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
    @Test func isComparedByItsOwnLimit() throws {
        let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        let told = Told<CUDA.Replacement>(), layer = graph.defaultLayer!.value
        let program = GuardedProgram(try CUDA.load(graph, options(.tf32), on: card), options(.tf32)) { told.add($0) }
        let session = program.session(threads: 1)
        func compute() throws -> [Float] {
            let run = try session.run([image], recording: Recording(gradients: [layer, graph.input]))
            _ = try run.gradients([run.scores[0]], at: [layer, graph.input], rule: .plain)
            return run.scores[0]
        }
        _ = try compute()
        #expect(told.all.isEmpty && program.precision == .tf32)
        stand_in_fail(3, 719)
        let exact = try CPU.load(graph, options(.float32)).session(threads: 1).run([image], recording: Recording())
        #expect(try Trial.relative(compute(), exact.scores[0]) < 1e-5)
        #expect(told.all.count == 1 && program.precision == .float32)
    }

    @Test func aCardThatIsWrongIsLeft() throws {
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let told = Told<CUDA.Replacement>()
        let program = GuardedProgram(try CUDA.load(graph, options(.tf32), on: card), options(.tf32)) { told.add($0) }
        stand_in_set_product_error(0.05)
        let run = try program.session(threads: 1).run([image], recording: Recording())
        let exact = try CPU.load(graph, options(.float32)).session(threads: 1).run([image], recording: Recording())
        #expect(Trial.relative(run.scores[0], exact.scores[0]) < 1e-5)
        guard case .differs? = told.all.first else {
            Issue.record("\(told.all)")
            return
        }
    }
}
