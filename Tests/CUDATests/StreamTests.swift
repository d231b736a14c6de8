import CCUDA
import CUDAStandIn
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// Streams of images, masks and runs from a layer on, against the CPU.
struct StreamTests {
    private static func graph(_ name: String) throws -> Graph {
        try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
    }

    private static func exact() -> LoadOptions {
        var options = LoadOptions(threads: 2, batch: 3)
        (options.precision, options.transforms) = (.float32, false)
        return options
    }

    /// The same on the card and on the CPU.
    private func compare(
        _ name: String, _ what: String, tolerance: Float = 2e-4,
        _ body: (any Session) throws -> [[Float]]
    ) throws {
        let graph = try Self.graph(name)
        let found = try body(StandIn.program(graph, Self.exact()).session(threads: 1))
        let expected = try body(CPU.load(graph, Self.exact()).session(threads: 2))
        #expect(found.count == expected.count)
        for (own, wanted) in zip(found, expected) {
            let scale = wanted.map(abs).max() ?? 0
            #expect(maxDifference(own, wanted) <= tolerance * scale, "\(name): \(what)")
        }
        StandIn.expectNoBreach("\(name), \(what)")
    }

    /// Seven images in passes of three: two at a time, and a last one of fewer.
    @Test(arguments: ["resnet18", "mobilenet_v2", "vit"])
    func writtenImages(_ name: String) throws {
        try compare(name, "written") { session in
            try session.scores(
                .written(7) { index, target in
                    for i in target.indices { target[i] = Float((i * 31 + index * 77) % 255) / 128 - 1 }
                })
        }
    }

    @Test(arguments: ["resnet18", "vgg11", "swin"])
    func maskedImages(_ name: String) throws {
        let map = FeatureMap(
            channels: 5, height: 3, width: 4, values: (0..<60).map { $0 < 48 ? Float($0 * 17 % 23) : 1 })
        try compare(name, "masked") { session in
            let image = (0..<session.graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
            return try session.scores(.masked(image, by: map))
        }
    }

    /// To the last bit, as what is left of a constant channel are rounding errors, of which masks make numbers of 0...1.
    @Test(arguments: [(7, 7), (5, 9), (1, 4)], [(224, 224), (97, 31), (1, 13)])
    func masksAreTheCPUs(_ map: (height: Int, width: Int), _ image: (height: Int, width: Int)) throws {
        let stream = try Stream(StandIn.card, roundsSizes: false), own = map.height * map.width
        let area = image.height * image.width, constants: [Float] = [0.1, -2.7, 1e-3, 123.456, 0]
        var values = constants.flatMap { [Float](repeating: $0, count: own) }
        values += (0..<own).map { Float($0 * 7919 % 1013) / 506.5 - 1 }
        let channels = FeatureMap(
            channels: constants.count + 1, height: map.height, width: map.width, values: values)
        let shape = try Shape([1, 2, image.height, image.width])
        let photo = (0..<shape.count).map { Float($0 * 31 % 255) / 128 - 1 }
        let target = try stream.pool.take(5 * shape.count)
        try Masks(photo, shape, channels, stream).write(1..<6, to: target.address, stream)
        let found = try stream.download(target.address, 5 * shape.count)
        let expected = (1..<6).flatMap { channel -> [Float] in
            let mask = [Float](unsafeUninitializedCapacity: area) { mask, count in
                channels.enlarge(channel: channel, to: mask, width: image.width, height: image.height)
                count = area
            }
            return photo.indices.map { photo[$0] * mask[$0 % area] }
        }
        #expect(found.map { $0.bitPattern } == expected.map { $0.bitPattern })
        StandIn.expectNoBreach()
    }

    /// Memory goes back while work that uses it is still on the stream, and comes to the next work there, in whatever
    /// order streams run, and where what waits is freed.
    @Test func memoryGoesBackInOrder() throws {
        stand_in_begin()
        defer { stand_in_end() }
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let streams = [try Stream(card), try Stream(card)], count = 1000
        let sums = try streams.map { try $0.zeros(count) }
        for turn in 0..<100 {
            for (k, stream) in streams.enumerated() {
                let numbers = try stream.pool.take(count)
                let word = Float(turn * (k + 1)).bitPattern
                try card.check(
                    card.calls.cuMemsetD32Async(numbers.address, word, count, stream.handle), "cuMemsetD32Async")
                try stream.launch(
                    copy_elements(
                        count: Int64(count), adds: 1, walk: walk([count], [[1], [1]]), from: numbers.address,
                        to: sums[k].address))
                withExtendedLifetime(numbers) {}
            }
            if turn % 30 == 29 { card.emptyPools() }
        }
        #expect(stand_in_allocations() <= 6)
        for (k, stream) in streams.enumerated() {
            let expected = [Float](repeating: Float(4950 * (k + 1)), count: count)
            #expect(try stream.download(sums[k].address, count) == expected)
        }
        StandIn.expectNoBreach()
    }

    /// Over skip connections, joined channels, branches and tokens.
    @Test(arguments: SuffixNetworks.all)
    func replacedValues(_ name: String) throws {
        try compare(name, "replaced", tolerance: 1e-3) { session in
            let graph = session.graph, onPath = graph.ancestors(of: graph.logits)
            let layers = graph.layers.map(\.value).filter(onPath.contains)
            let images = [Float(1), -0.5].map { factor in
                (0..<graph.inputShape.count).map { (Float($0 * 31 % 255) / 128 - 1) * factor }
            }
            var scores: [[Float]] = []
            for layer in [layers[layers.count / 3], layers[layers.count / 2], layers[layers.count * 3 / 4]] {
                let run = try session.run(images, recording: Recording(resumable: [layer]))
                for image in images.indices {
                    let value = try run.value(layer, image: image).values
                    scores += try run.scores(replacing: layer, image: image, count: 5) { k, target in
                        for i in target.indices { target[i] = value[i] * (0.5 + Float((i + k) % 3)) }
                    }
                }
                let value = try run.value(layer, image: 1).values
                let again = try run.resumed(
                    replacing: layer, image: 1, by: value.indices.map { value[$0] * (0.5 + Float($0 % 3)) })
                scores.append(again.scores[0])
                let cotangent = (0..<graph.numbers).map { Float($0 % 3) - 1 }
                scores.append(try again.gradients([cotangent], at: [layer], rule: .plain)[0][0].values)
            }
            return scores
        }
    }

    /// What is called, each kind once where it comes several times in a row: see `stand_in_log`.
    private func log() -> String {
        String(cString: stand_in_log()).reduce(into: "") { if $0.last != $1 { $0.append($1) } }
    }

    /// The host waits for numbers that it reads alone, and brings the next images before it waits for the last.
    @Test func copiesAndComputingOverlap() throws {
        stand_in_begin()
        defer { stand_in_end() }
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let graph = try Self.graph("resnet18"), layer = graph.defaultLayer!.value
        let session = try CUDA.load(graph, LoadOptions(batch: 3), on: card).session(threads: 2)
        let image = (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
        func scores(_ count: Int) throws -> [[Float]] {
            try session.scores(
                .written(count) { k, target in for i in target.indices { target[i] = image[i] * Float(k) } })
        }
        // Weights come to the card.
        _ = (try session.run([image], recording: Recording()), try scores(4), log())
        let pinnings = stand_in_pinnings()
        _ = try session.run([image], recording: Recording(gradients: [layer]))
        #expect(log() == "UKDW")
        let all = try scores(9)
        #expect(log() == "UKDUKDWUKDW")
        #expect(stand_in_pinnings() == pinnings)
        #expect(maxDifference(all[4], try session.run([image.map { $0 * 4 }], recording: Recording()).scores[0]) < 1e-3)
        StandIn.expectNoBreach()
    }

    /// What a run was not told of is refused by name.
    @Test func refusesWhatWasNotRecorded() throws {
        let graph = try Self.graph("resnet18"), layer = graph.layers[3]
        let image = [Float](repeating: 0, count: graph.inputShape.count)
        let run = try StandIn.program(graph).session(threads: 1).run([image], recording: Recording())
        func isRefused(_ body: () throws -> Void) {
            #expect { try body() } throws: { "\($0)".contains(graph.values[layer.value].name) }
        }
        isRefused { _ = try run.value(layer.value, image: 0) }
        isRefused { _ = try run.gradients([run.scores[0]], at: [layer.value], rule: .plain) }
        isRefused { _ = try run.scores(replacing: layer.value, image: 0, count: 1) { _, _ in } }
        let zeros = [Float](repeating: 0, count: graph.values[layer.value].shape.count)
        isRefused { _ = try run.resumed(replacing: layer.value, image: 0, by: zeros) }
    }

    /// Gradients of some of a run's images, and walks that use the memory again, leave what is kept alone.
    @Test func walksLeaveValuesAlone() throws {
        let graph = try Self.graph("densenet"), onPath = graph.ancestors(of: graph.logits)
        let layers = Set(graph.layers.map(\.value).filter(onPath.contains).prefix(5))
        let images = [Float(1), -0.5, 0.25].map { factor in
            (0..<graph.inputShape.count).map { (Float($0 * 31 % 255) / 128 - 1) * factor }
        }
        let session = try StandIn.program(graph).session(threads: 1)
        let run = try session.run(images, recording: Recording(gradients: layers))
        let before = try layers.sorted().map { try run.value($0, image: 2).values }
        let cotangents = run.scores.map { $0.map { _ in Float(1) } }
        let all = try run.gradients(cotangents, at: layers.sorted(), rule: .plain)
        let last = try run.gradients([cotangents[2]], of: 2..<3, at: layers.sorted(), rule: .plain)
        for k in 0..<layers.count {
            let scale = all[2][k].values.map(abs).max()!
            #expect(maxDifference(all[2][k].values, last[0][k].values) <= 1e-5 * scale)
        }
        #expect(try layers.sorted().map { try run.value($0, image: 2).values } == before)
        StandIn.expectNoBreach()
    }
}

enum SuffixNetworks {
    static let all = [
        "resnet18", "densenet", "inception_v3", "mobilenet_v2", "vit", "swin", "convnext", "googlenet", "regnet",
    ]
}
