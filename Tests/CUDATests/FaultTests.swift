import CCUDA
import CUDAStandIn
import Foundation
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// What goes wrong on purpose, each on a machine of its own.
struct FaultTests {
    private let graph: Graph
    private let image: [Float]

    init() throws { (graph, image) = try StandIn.begin() }

    private func session(_ options: LoadOptions = LoadOptions()) throws -> any Session {
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        return try CUDA.load(graph, options, on: card).session(threads: 1)
    }

    /// With room for fewer images than a pass would hold the scores are the same.
    @Test func outOfMemoryHalvesTheBatch() throws {
        let batch = Batch.written(24) { index, target in
            for i in target.indices { target[i] = Float((i * 31 + index * 77) % 255) / 128 - 1 }
        }
        let plenty = try session().scores(batch)
        let weights =
            4
            * graph.nodes.reduce(0) { sum, node in
                sum + node.operands.reduce(0) { if case .constant(let shape, _)? = $1 { $0 + shape.count } else { $0 } }
            }
        stand_in_set_memory(weights + 24 << 20)
        let little = try session().scores(batch)
        #expect(maxDifference(Array(plenty.joined()), Array(little.joined())) < 1e-4)
        stand_in_set_memory(weights / 2)
        let found = StandIn.fault { _ = try session().scores(batch) }
        #expect(found?.0 == .memory && found!.1.contains("smaller input"), "\(String(describing: found))")
        StandIn.expectNoBreach()
    }

    /// Passes hold as many images as there is room for, without asking for more.
    @Test(arguments: [1, 4, 12])
    func passesAreAsLargeAsTheMemory(_ images: Int) throws {
        let batch = Batch.written(32) { index, target in
            for i in target.indices { target[i] = Float((i * 31 + index * 77) % 255) / 128 - 1 }
        }
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let program = try CUDA.load(graph, LoadOptions(), on: card), session = program.session(threads: 2)
        // Weights, and the stream, are there.
        _ = try session.scores(.written(1) { _, target in target.update(repeating: 0) })
        let plan = Plan(PlanRequest(sources: [graph.input]), program)
        let bytes = plan.room(images, program, sources: [graph.input]).pooled + images * graph.inputShape.count * 5
        card.emptyPools()
        stand_in_set_memory(card.memory - (try card.free()) + bytes)
        _ = stand_in_log()
        #expect(try session.scores(batch).count == 32)
        #expect(stand_in_refusals() == 0)
        let passes = String(cString: stand_in_log()).count { $0 == "D" }
        #expect(passes >= 32 / images / 2 && passes <= 2 * 32 / images, "\(passes)")
        StandIn.expectNoBreach()
    }

    /// What a pass takes is known before.
    @Test(arguments: ["resnet18", "densenet", "vit", "googlenet"])
    func passesTakeWhatIsSaidBefore(_ name: String) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let layer = graph.defaultLayer!.value, recording = Recording(gradients: [layer, graph.input])
        let image = [Float](repeating: 0.5, count: graph.inputShape.count)
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let program = try CUDA.load(graph, LoadOptions(), on: card), session = program.session(threads: 1)
        let constants = program.constantBytes
        func compute() throws {
            let run = try session.run([image, image], recording: recording)
            _ = try run.gradients(run.scores, at: [graph.input, layer], rule: .plain)
        }
        try compute()
        card.emptyPools()
        let held = card.memory - (try card.free())
        #expect(held <= constants * 21 / 20 && constants <= held * 5 / 4, "\(held) of constants, not \(constants)")
        let request = PlanRequest(sources: [graph.input], gradientAt: recording.gradients)
        let bytes = Plan(request, program).room(2, program, sources: [graph.input]).least
        stand_in_set_memory(held + bytes + bytes / 20)
        try compute()
        // No more than is needed is said to be, either.
        stand_in_set_memory(held + bytes / 2)
        #expect(StandIn.fault { try compute() }?.0 == .memory)
        StandIn.expectNoBreach()
    }

    /// A walk back of several images that does not fit is one of fewer.
    @Test func walksAreHalved() throws {
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let session = try CUDA.load(graph, LoadOptions(), on: card).session(threads: 1)
        let images = (1...4).map { k in image.map { $0 * Float(k) / 4 } }
        let run = try session.run(images, recording: Recording(gradients: [graph.input]))
        func walk() throws -> [Float] {
            try run.gradients(run.scores, at: [graph.input], rule: .guided).flatMap { $0[0].values }
        }
        let expected = try walk()
        card.emptyPools()
        stand_in_set_memory(card.memory - (try card.free()) + 1)
        #expect(StandIn.fault { _ = try walk() }?.0 == .memory)
        let largest = graph.values.map(\.shape.count).max()! * 4
        card.emptyPools()
        stand_in_set_memory(card.memory - (try card.free()) + 8 * largest)
        let found = try walk()
        #expect(stand_in_refusals() > 0)
        #expect(maxDifference(found, expected) <= 1e-5 * expected.map(abs).max()!)
        StandIn.expectNoBreach()
    }

    /// A lost card is told as one, in whatever call, and all memory is given back.
    @Test(arguments: [0, 1, 7, 40, 90])
    func aLostCardIsTold(_ after: Int) throws {
        let found = StandIn.fault {
            let session = try session()
            stand_in_fail(Int32(after), 700)
            _ = try session.run([image], recording: Recording())
        }
        #expect(found?.0 == .lost && found!.1.contains("CUDA_ERROR_ILLEGAL_ADDRESS"), "\(String(describing: found))")
    }

    @Test func afterAFailedCallTheNextRuns() throws {
        let session = try session()
        let scores = try session.run([image], recording: Recording()).scores
        stand_in_fail(20, 1)
        let found = StandIn.fault { _ = try session.run([image], recording: Recording()) }
        #expect(found?.0 == .failed && found!.1.contains(" failed: "), "\(String(describing: found))")
        #expect(try session.run([image], recording: Recording()).scores == scores)
    }

    /// cuBLAS and cuDNN tell of too little memory by numbers of their own.
    @Test func librariesTellOfMemory() throws {
        let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        try card.enter()
        for (library, status, expected) in [
            (cuda_library_cublas, 3, DeviceFault.memory), (cuda_library_cublas, 2, .failed),
            (cuda_library_cudnn, 2, .memory), (cuda_library_cudnn, 4003, .memory), (cuda_library_cudnn, 4004, .memory),
            (cuda_library_cudnn, 4002, .failed), (cuda_library_cudnn, 3, .failed),
        ] {
            let found = StandIn.fault { try card.check(Int32(status), of: library, "a call") }
            #expect(found?.0 == expected, "\(library) \(status)")
        }
    }

    /// What cuDNN does not support is done by products.
    @Test func unsupportedConvolutionsAreProducts() throws {
        let layer = graph.defaultLayer!.value, recording = Recording(gradients: [graph.input, layer])
        func compute() throws -> [[Float]] {
            let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
            let run = try CUDA.load(graph, LoadOptions(), on: card).session(threads: 1)
                .run([image], recording: recording)
            let gradient = try run.gradients([run.scores[0].map { _ in 1 }], at: [layer], rule: .plain)[0][0]
            return run.scores + [gradient.values]
        }
        let expected = try compute()
        stand_in_set_unsupported(1)
        for (own, wanted) in zip(try compute(), expected) {
            #expect(maxDifference(own, wanted) <= 1e-4 * wanted.map(abs).max()!)
        }
        StandIn.expectNoBreach()
    }

    /// Where cuDNN cannot tell of its algorithms for want of memory, that is told; where it cannot otherwise, there are
    /// products.
    @Test func unknownAlgorithms() throws {
        let expected = try session().run([image], recording: Recording()).scores[0]
        func fault(_ change: (inout cuda_calls) -> Void) throws -> DeviceFault? {
            var calls = stand_in_calls(1)
            change(&calls)
            let card = try Card(Libraries(calls: calls), cache: KernelCache(folder: nil))
            let session = try CUDA.load(graph, LoadOptions(), on: card).session(threads: 1)
            return StandIn.fault {
                let own = try session.run([image], recording: Recording()).scores[0]
                #expect(maxDifference(own, expected) <= 1e-4 * expected.map(abs).max()!)
            }?.0
        }
        #expect(try fault { $0.cudnnGetConvolutionForwardAlgorithm_v7 = { _, _, _, _, _, _, _, _ in 2 } } == .memory)
        #expect(try fault { $0.cudnnGetConvolutionForwardAlgorithm_v7 = { _, _, _, _, _, _, _, _ in 4003 } } == .memory)
        #expect(try fault { $0.cudnnGetConvolutionForwardAlgorithm_v7 = { _, _, _, _, _, _, _, _ in 3 } } == nil)
        StandIn.expectNoBreach()
    }

    /// A card that cannot run the kernels, or whose libraries do not work, is told before anything is computed.
    @Test func aCardIsTriedWhenItIsOpened() throws {
        func fault(_ change: (inout cuda_calls) -> Void) throws -> (DeviceFault, String)? {
            var calls = stand_in_calls(1)
            change(&calls)
            let card = try Card(Libraries(calls: calls), cache: KernelCache(folder: nil))
            return StandIn.fault { try card.prepare() }
        }
        let none = try fault { _ in }
        #expect(none?.0 == nil)
        let kernels = try fault { $0.nvrtcCompileProgram = { _, _, _ in 5 } }
        #expect(kernels?.0 == .failed && kernels!.1.contains("NVRTC cannot compile the kernels"))
        let products = try fault { $0.cublasCreate_v2 = { _ in 1 } }
        #expect(products?.0 == .failed && products!.1.contains("cublasCreate"))
    }

    /// What waits in one session's pool is given to another that is short of memory.
    @Test func sessionsShareTheMemory() throws {
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let program = try CUDA.load(graph, LoadOptions(), on: card), all = try card.free()
        let (first, second) = (program.session(threads: 1), program.session(threads: 1))
        let expected = try first.run([image], recording: Recording()).scores
        stand_in_set_memory(all - (try card.free()) + 1 << 20)
        #expect(try second.run([image], recording: Recording()).scores == expected)
        withExtendedLifetime(first) {}
        StandIn.expectNoBreach()
    }

    @Test func productsOverNothingAreZero() throws {
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let stream = try Stream(card), y = try stream.pool.take(12)
        try stream.upload([Float](repeating: 3, count: 12), to: y.address)
        var product = Product(m: 2, n: 3, k: 0, strideA: 0, strideB: 0, strideY: 6, count: 2)
        product.beta = 1
        try product.run(y.address, y.address, y.address, stream)
        #expect(try stream.download(y.address, 12) == [Float](repeating: 3, count: 12))
        product.beta = 0
        try product.run(y.address, y.address, y.address, stream)
        #expect(try stream.download(y.address, 12) == [Float](repeating: 0, count: 12))
        StandIn.expectNoBreach()
    }

    /// One call of cuBLAS makes no more than 65,535 products.
    @Test func manyProductsAreSeveralCalls() throws {
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let stream = try Stream(card, roundsSizes: false), count = 2 * Product.mostAtOnce + 3
        let (a, b) = (try stream.pool.take(2), try stream.pool.take(count)), y = try stream.pool.take(2 * count)
        let numbers = (0..<count).map { Float($0 % 1009) }
        try stream.upload([2, -3], to: a.address)
        try stream.upload(numbers, to: b.address)
        try Product(m: 2, n: 1, k: 1, strideA: 0, strideB: 1, strideY: 2, count: count)
            .run(a.address, b.address, y.address, stream)
        #expect(try stream.download(y.address, 2 * count) == numbers.flatMap { [2 * $0, -3 * $0] })
        StandIn.expectNoBreach()
    }

    /// An algorithm of cuDNN that takes more memory than it was found with is none.
    @Test func algorithmsStayWithinTheirMemory() throws {
        let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        _ = try CUDA.load(graph, LoadOptions(), on: card).session(threads: 1).run([image], recording: Recording())
        #expect(stand_in_refusals() == 0)
        StandIn.expectNoBreach()
    }

    /// Failures of libraries are told by their names.
    @Test func failuresHaveNames() throws {
        let card = try Card(Libraries(calls: stand_in_calls(1)), cache: KernelCache(folder: nil))
        try card.enter()
        let found = StandIn.fault { try card.check(13, of: cuda_library_cublas, "a call") }
        #expect(found?.1.contains("cuBLAS's a call failed: CUBLAS_STATUS_EXECUTION_FAILED") == true)
    }

    /// All memory is given back.
    @Test func nothingIsHeldAtTheEnd() throws {
        let before = stand_in_allocations()
        do {
            let session = try session(), layer = graph.defaultLayer!.value
            let run = try session.run([image], recording: Recording(gradients: [layer], resumable: [layer]))
            _ = try run.gradients([run.scores[0]], at: [layer], rule: .plain)
            _ = try run.scores(replacing: layer, image: 0, count: 3) { _, target in target.update(repeating: 1) }
        }
        #expect(stand_in_allocations() == before)
    }

    /// Nothing touches the card's memory from the host, in everything that a session does.
    @Test func theHostKeepsOff() throws {
        stand_in_set_strict(1)
        let session = try session(), layer = graph.defaultLayer!.value
        let run = try session.run([image, image], recording: Recording(gradients: [layer], resumable: [layer]))
        _ = try run.gradients(run.scores, at: [layer], rule: .guided)
        _ = try run.scores(replacing: layer, image: 1, count: 3) { _, target in target.update(repeating: 1) }
        let map = FeatureMap(channels: 3, height: 2, width: 2, values: (0..<12).map(Float.init))
        _ = try session.scores(.masked(image, by: map))
        StandIn.expectNoBreach()
    }

    /// Tests can fail: products that are a hundredth too great are found.
    @Test func aWrongProductShows() throws {
        let right = try session().run([image], recording: Recording()).scores[0]
        stand_in_set_product_error(0.01)
        let wrong = try session().run([image], recording: Recording()).scores[0]
        #expect(maxDifference(right, wrong) > 1e-3 * right.map(abs).max()!)
    }

    /// A card that is newer than NVRTC has what the driver translates; one that is older has none.
    @Test func otherCardsThanNVRTCKnows() throws {
        let calls = stand_in_calls(0)
        #expect(try KernelSource.compile(for: 86, calls).binary.count > 10_000)
        for architecture in [89, 120] { #expect(try KernelSource.compile(for: architecture, calls).binary.count == 4) }
        let found = StandIn.fault { _ = try KernelSource.compile(for: 61, calls) }
        #expect(found?.0 == .missing && found!.1.contains("7.0 and newer, and the card's is 6.1"))
    }

    /// Compiled once, kept, made again where what is kept is damaged, and where nothing can be kept.
    @Test func kernelsAreKept() throws {
        let folder = NSTemporaryDirectory() + "gradcam-kernels-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func run(_ cache: KernelCache) throws -> Int {
            stand_in_begin()
            let card = try Card(Libraries(calls: stand_in_calls(0)), cache: cache)
            _ = try CUDA.load(graph, LoadOptions(), on: card).session(threads: 1).run([image], recording: Recording())
            return Int(stand_in_compilations())
        }
        let cache = KernelCache(folder: folder + "/a/b")
        #expect(try run(cache) == 1)
        #expect(try run(cache) == 0)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/a/b")
        #expect(files.count == 1 && files[0].hasSuffix("-sm_86-nvrtc_12.0-driver_12000.cubin"))
        let path = folder + "/a/b/" + files[0], whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for damaged in [Data(), whole.prefix(whole.count / 2), Data(whole.map { $0 &+ 1 })] {
            try damaged.write(to: URL(fileURLWithPath: path))
            #expect(try run(cache) == 1)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        }
        #expect(try run(KernelCache(folder: "/proc/none")) == 1)
        #expect(KernelCache { ["HOME": "/home/me"][$0] }.folder == "/home/me/.cache/gradcam")
        #expect(KernelCache { ["HOME": "/home/me", "XDG_CACHE_HOME": "/c"][$0] }.folder == "/c/gradcam")
    }
}
