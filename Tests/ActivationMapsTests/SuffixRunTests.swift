import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import Network

/// A run that begins at a layer against a whole run, over skip connections, joined channels, branches and tokens.
struct SuffixRunTests {
    static let networks = [
        "resnet18", "densenet", "inception_v3", "mobilenet_v2", "vit", "swin", "convnext", "googlenet", "regnet",
    ]

    /// A layer's own values give the scores again; so many of them that there are several passes and a last one of
    /// fewer.
    @Test(arguments: networks)
    func ownValuesGiveTheScores(_ name: String) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let onPath = graph.ancestors(of: graph.logits)
        let layers = graph.layers.filter { onPath.contains($0.value) }
        let session = CPUProgram(graph, LoadOptions(threads: 2, batch: 3)).session(threads: 2)
        // Every part of the network, and not each of hundreds of layers.
        for layer in stride(from: 0, to: layers.count, by: max(1, layers.count / 12)).map({ layers[$0] }) {
            let run = try session.run([input(graph)], recording: Recording(resumable: [layer.value]))
            let value = try run.value(layer.value, image: 0)
            let again = try run.scores(replacing: layer.value, image: 0, count: 7) { _, target in
                _ = target.update(fromContentsOf: value.values)
            }
            let scale = run.scores[0].map(abs).max()!
            for scores in again {
                #expect(maxDifference(scores, run.scores[0]) <= tolerance(1e-5) * scale, "\(name), \(layer.name)")
            }
        }
    }

    /// Scores with a layer's value replaced against a whole run of the network in which a node stands for the
    /// replacement.
    @Test(arguments: networks)
    func replacedValuesGiveAWholeRunsScores(_ name: String) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let onPath = graph.ancestors(of: graph.logits)
        let layers = graph.layers.filter { onPath.contains($0.value) }
        for layer in [layers[layers.count / 4], layers[layers.count / 2], layers[layers.count * 3 / 4]] {
            let session = CPUProgram(graph, LoadOptions(threads: 2)).session(threads: 2)
            let run = try session.run([input(graph)], recording: Recording(resumable: [layer.value]))
            let value = try run.value(layer.value, image: 0).values
            // No factor is 0, as a variance may be among the values, or 1, as the class token may be all that counts.
            let replacements = (0..<5).map { k in value.indices.map { value[$0] * (0.5 + Float(($0 + k) % 3)) } }
            let found = try run.scores(replacing: layer.value, image: 0, count: replacements.count) {
                _ = $1.update(fromContentsOf: replacements[$0])
            }
            for (replacement, scores) in zip(replacements, found) {
                let whole = try graph.adding(zip(replacement, value).map { $0 - $1 }, to: layer.value)
                let expected = try CPUProgram(whole, LoadOptions(threads: 2)).session(threads: 2)
                    .run([input(graph)], recording: Recording()).scores[0]
                let scale = expected.map(abs).max()!
                #expect(maxDifference(scores, expected) <= tolerance(1e-5) * scale, "\(name), \(layer.name)")
                #expect(maxDifference(scores, run.scores[0]) > 1e-4 * scale, "\(name), \(layer.name): nothing changed")
            }
        }
    }

    /// The gradient where a layer's value is replaced, against that of a whole run of the network in which a node
    /// stands for the replacement.
    @Test(arguments: networks)
    func replacedValuesGiveAWholeRunsGradient(_ name: String) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let onPath = graph.ancestors(of: graph.logits)
        let layers = graph.layers.filter { onPath.contains($0.value) }
        let cotangent = (0..<graph.classes).map { Float($0 % 3) - 1 }
        for layer in [layers[layers.count / 2], layers[layers.count * 3 / 4]] {
            let session = CPUProgram(graph, LoadOptions(threads: 2)).session(threads: 2)
            let run = try session.run([input(graph)], recording: Recording(resumable: [layer.value]))
            let value = try run.value(layer.value, image: 0).values
            let replacement = value.indices.map { value[$0] * (0.5 + Float($0 % 3)) }
            let again = try run.resumed(replacing: layer.value, image: 0, by: replacement)
            let found = try again.gradients([cotangent], at: [layer.value], rule: .plain)[0][0].values
            let whole = try graph.adding(zip(replacement, value).map { $0 - $1 }, to: layer.value)
            let sum = whole.values.count - 1
            let expected = try CPUProgram(whole, LoadOptions(threads: 2)).session(threads: 2)
                .run([input(graph)], recording: Recording(gradients: [sum]))
            let gradient = try expected.gradients([cotangent], at: [sum], rule: .plain)[0][0].values
            let (scale, worst) = (gradient.map(abs).max()!, maxDifference(found, gradient))
            #expect(scale > 0 && worst <= 1e-4 * scale, "\(name), \(layer.name): \(worst) of \(scale)")
            #expect(maxDifference(again.scores[0], expected.scores[0]) <= 1e-5 * expected.scores[0].map(abs).max()!)
            #expect(try run.value(layer.value, image: 0).values == value)
        }
    }

    /// Ablation-CAM against whole runs of the network in which a node takes a channel away: in maps, the class token
    /// before tokens, and channels that stand last.
    @Test(arguments: [("densenet", 1), ("vit", -1), ("swin", -1)])
    func ablationIsAWholeRunWithoutTheChannel(_ name: String, axis: Int) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let session = CPUProgram(graph, LoadOptions(threads: 2)).session(threads: 2)
        let layer = try #require(graph.defaultLayer)
        let subject = try Subject(input(graph), target: .logit(2), layers: [layer], session: session)
        var raw = try AblationCAM().explain(subject)
        if case .remarked(let map, _) = raw { raw = map }
        guard case .channels(let maps) = raw else { return #expect(Bool(false)) }
        let value = try subject.value(layer.value), shape = value.shape
        let step = axis == 1 ? shape[2] * shape[3] : 1
        for k in stride(from: 0, to: layer.channels, by: layer.channels / 5) {
            let taken = value.values.indices.map { $0 / step % layer.channels == k ? -value.values[$0] : 0 }
            let y = try CPUProgram(graph.adding(taken, to: layer.value), LoadOptions(threads: 2)).session(threads: 2)
                .run([input(graph)], recording: Recording()).scores[0][2]
            let weight = (subject.score - y) / subject.score
            let expected = try subject.activation(layer).channel(k).map { $0 * weight }
            let worst = maxDifference(Array(maps[0].channel(k)), expected)
            #expect(worst <= 1e-4 * expected.map(abs).max()! + 1e-6, "\(name), channel \(k): \(worst)")
        }
    }

    /// What a run was not told of is refused by name.
    @Test func refusesWhatWasNotRecorded() throws {
        let graph = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx").graph
        let layer = graph.layers[3]
        let run = try CPUProgram(graph).session(threads: 1).run([input(graph)], recording: Recording())
        func isRefused(_ body: () throws -> Void) {
            #expect { try body() } throws: { "\($0)".contains(graph.values[layer.value].name) }
        }
        isRefused { _ = try run.value(layer.value, image: 0) }
        isRefused { _ = try run.gradients([run.scores[0]], at: [layer.value], rule: .plain) }
        isRefused { _ = try run.scores(replacing: layer.value, image: 0, count: 1) { _, _ in } }
        let zeros = [Float](repeating: 0, count: graph.values[layer.value].shape.count)
        isRefused { _ = try run.resumed(replacing: layer.value, image: 0, by: zeros) }
    }

    /// Values of which gradients are taken are kept, too, however often the walk back has used the memory.
    @Test(arguments: networks)
    func gradientsLeaveValuesAlone(_ name: String) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let onPath = graph.ancestors(of: graph.logits)
        let some = graph.layers.map(\.value).filter(onPath.contains)
        let layers = Set(stride(from: 0, to: some.count, by: max(1, some.count / 6)).map { some[$0] })
        let session = CPUProgram(graph, LoadOptions(threads: 2)).session(threads: 2)
        let kept = try session.run([input(graph)], recording: Recording(values: layers))
        let run = try session.run([input(graph)], recording: Recording(gradients: layers))
        for _ in 0..<2 {
            _ = try run.gradients(run.scores.map { $0.map { _ in 1 } }, at: layers.sorted(), rule: .plain)
            for layer in layers { #expect(try run.value(layer, image: 0) == kept.value(layer, image: 0)) }
            #expect(run.scores == kept.scores)
        }
    }

    /// Images that run together have the values, gradients and suffix scores that each has alone.
    @Test(arguments: networks)
    func imagesTogetherAreAsAlone(_ name: String) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let onPath = graph.ancestors(of: graph.logits)
        let layers = graph.layers.map(\.value).filter(onPath.contains), layer = layers[layers.count / 2]
        let recording = Recording(values: [layer], gradients: [layer], resumable: [layer])
        let session = CPUProgram(graph, LoadOptions(threads: 2)).session(threads: 2)
        let images = [Float(1), -0.5, 0.25].map { factor in input(graph).map { $0 * factor } }
        let cotangents = images.indices.map { image in (0..<graph.classes).map { Float(($0 + image) % 3) - 1 } }
        let together = try session.run(images, recording: recording)
        let gradients = try together.gradients(cotangents, at: [layer], rule: .guided)
        for (index, image) in images.enumerated() {
            let alone = try session.run([image], recording: recording)
            func expectSame(_ a: [Float], _ b: [Float], _ what: String) {
                #expect((a == b) as Bool, "\(name), image \(index): \(what)")
            }
            expectSame(together.scores[index], alone.scores[0], "scores")
            let value = try alone.value(layer, image: 0).values
            expectSame(try together.value(layer, image: index).values, value, "values")
            let gradient = try alone.gradients([cotangents[index]], at: [layer], rule: .guided)[0][0].values
            expectSame(gradients[index][0].values, gradient, "gradient")
            func suffix(_ run: any Run, _ image: Int) throws -> [Float] {
                try run.scores(replacing: layer, image: image, count: 1) { _, target in
                    for i in target.indices { target[i] = i % 2 == 0 ? value[i] : 0 }
                }[0]
            }
            expectSame(try suffix(together, index), try suffix(alone, 0), "suffix")
        }
    }

    private func input(_ graph: Graph) -> [Float] {
        (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
    }
}

extension Graph {
    /// The same network with an addition after a value, which whatever reads the value reads instead.
    fileprivate func adding(_ numbers: [Float], to value: ValueID) throws -> Graph {
        let place = try #require(values[value].producer) + 1, sum = values.count
        let addend = (values[value].shape, try FloatStorage(numbers))
        let op = try Add(
            NodeReader(
                node: NodeDef(opType: "Add", inputs: ["x", "c"], outputs: ["y"]), opset: 13,
                operands: [.value(value, addend.0), .floats(addend.0, addend.1)]))
        var nodes = nodes.map { node in
            Node(
                name: node.name, opType: node.opType, path: node.path, op: node.op,
                operands: node.operands.map { $0?.value == value ? .value(sum) : $0 }, outputs: node.outputs)
        }
        nodes.insert(
            Node(
                name: "sum", opType: "Add", path: "", op: op,
                operands: [.value(value), .constant(addend.0, addend.1)], outputs: [sum]), at: place)
        let values =
            values.map { value in
                Value(
                    name: value.name, shape: value.shape,
                    producer: value.producer.map { $0 >= place ? $0 + 1 : $0 })
            } + [Value(name: "sum", shape: addend.0, producer: place)]
        return Graph(
            values: values, nodes: nodes, input: input,
            scores: Scores(logits: logits, form: form, probability: probability, output: output), image: image)
    }
}
