import CCUDA
import CUDAStandIn
import Imaging
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// What one comparison speaks for, and what is compared anew.
extension GuardedTests {
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

    /// A gradient that is zero speaks for none of the others.
    @Test func gradientsOfNothingAreNoComparison() throws {
        var importer = Importer(Model(graph: GraphDef(), opsets: ["": 17]))
        importer.addInitializers(
            GraphDef(initializers: [
                try TensorDef(name: "w", dims: [4, 2], floats: (1...8).map(Float.init)),
                try TensorDef(name: "b", dims: [2], floats: [1, 2]),
            ]))
        let input = importer.define("x", try Shape([1, 4]), producer: nil)
        importer.add(
            [
                NodeDef(opType: "Relu", inputs: ["x"], outputs: ["r"], attributes: [:]),
                NodeDef(opType: "Gemm", inputs: ["r", "w", "b"], outputs: ["y"], attributes: [:]),
            ], opset: 17)
        guard case .value(let result, _)? = importer.tensors["y"] else { throw NetworkError.noSpatialLayer }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: result)
        let told = try guarded(graph) { session, cpu in
            func gradient(_ session: any Session, _ image: [Float], _ cotangent: [Float]) throws -> [Float] {
                try session.run([image], recording: Recording(gradients: [input]))
                    .gradients([cotangent], at: [input], rule: .plain)[0][0].values
            }
            for (image, cotangent) in [([1, -1, -2, -3], [0, 0]), ([-1, -1, -2, -3], [1, 0])] as [([Float], [Float])] {
                let found = try gradient(session, image, cotangent)
                #expect(found == [0, 0, 0, 0])
            }
            stand_in_set_product_error(0.1)
            let image: [Float] = [1, 2, 3, -4]
            let (own, wanted) = (try gradient(session, image, [1, 1]), try gradient(cpu, image, [1, 1]))
            #expect(own == wanted)
        }
        guard case .differs(.ofGradients)? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
    }

    /// Scores that are zero speak for none of the others.
    @Test(arguments: [false, true])
    func scoresOfNothingAreNoComparison(_ streams: Bool) throws {
        var importer = Importer(Model(graph: GraphDef(), opsets: ["": 17]))
        importer.addInitializers(
            GraphDef(initializers: [try TensorDef(name: "w", dims: [4, 2], floats: (1...8).map(Float.init))]))
        let input = importer.define("x", try Shape([1, 4]), producer: nil)
        importer.add(
            [
                NodeDef(opType: "Relu", inputs: ["x"], outputs: ["r"], attributes: [:]),
                NodeDef(opType: "MatMul", inputs: ["r", "w"], outputs: ["y"], attributes: [:]),
            ], opset: 17)
        guard case .value(let result, _)? = importer.tensors["y"] else { throw NetworkError.noSpatialLayer }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: result)
        let told = try guarded(graph) { session, cpu in
            func scores(_ session: any Session, _ image: [Float]) throws -> [Float] {
                guard streams else { return try session.run([image], recording: Recording()).scores[0] }
                return try session.scores(.written(1) { _, target in _ = target.update(fromContentsOf: image) })[0]
            }
            #expect(try scores(session, [-1, -1, -2, -3]) == [0, 0])
            stand_in_set_product_error(0.1)
            let (own, wanted) = (try scores(session, [1, 2, 3, -4]), try scores(cpu, [1, 2, 3, -4]))
            #expect(own == wanted)
        }
        guard case .differs(.ofLargest)? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
    }

    /// In a plain image all numbers under a maximum's window are equal but for rounding, which decides where a gradient
    /// goes.
    @Test(arguments: ["squeezenet1_1", "vgg11", "alexnet"], [RectifierRule.plain, .guided])
    func plainImagesAreNoFault(_ name: String, _ rule: RectifierRule) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        for grey in [0, 0.01, 0.5] as [Float] {
            let told = try guarded(graph) { session, _ in
                let image = [Float](repeating: grey, count: graph.inputShape.count)
                let run = try session.run([image], recording: Recording(gradients: [graph.input]))
                _ = try run.gradients([run.scores[0]], at: [graph.input], rule: rule)
            }
            #expect(told.isEmpty, "\(grey)")
        }
    }

    /// Gradients at the input nearly cancel: what is wrong with them shows at single numbers.
    @Test(arguments: [RectifierRule.plain, .guided])
    func wrongGradientsAtTheInputAreSeen(_ rule: RectifierRule) throws {
        let graph = try Classifier(contentsOf: Golden("convnext").path + "/torchscript.onnx").graph
        let image = (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
        let faults: [@Sendable ([Float]) -> [Float]] = [
            { $0.map { _ in 0 } }, { $0.reversed() }, { $0.map { -$0 } }, { $0.map { 1.01 * $0 } },
            { [$0.last!] + $0.dropLast() },
        ]
        for (index, fault) in faults.enumerated() {
            let told = Told<CUDA.Replacement>()
            let device = try FaultyDevice(graph, wrong: 0...9, gradients: fault)
            let session = GuardedProgram(device, LoadOptions()) { told.add($0) }.session(threads: 1)
            let run = try session.run([image], recording: Recording(gradients: [graph.input]))
            _ = try run.gradients([run.scores[0].map { _ in 1 }], at: [graph.input], rule: rule)
            guard case .differs(.ofGradients)? = told.all.first, told.all.count == 1 else {
                Issue.record("fault \(index): \(told.all)")
                continue
            }
        }
    }

    /// What rounding decides of one image speaks for no other.
    @Test func plainImagesAreNoComparison() throws {
        let graph = try Classifier(contentsOf: Golden("alexnet").path + "/torchscript.onnx").graph
        let recording = Recording(gradients: [graph.input])
        let told = try guarded(graph) { session, cpu in
            func gradient(_ session: any Session, _ image: [Float]) throws -> [Float] {
                try session.run([image], recording: recording)
                    .gradients([(0..<graph.numbers).map { Float($0 % 3) }], at: [graph.input], rule: .guided)[0][0]
                    .values
            }
            let image = (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 }
            _ = try gradient(session, image.map { _ in 0.5 })
            stand_in_set_product_error(0.1)
            let (own, wanted) = (try gradient(session, image), try gradient(cpu, image))
            #expect(own == wanted)
        }
        #expect(told.count == 1)
    }

    /// Of photos whose cotangents are zero at the ends those between are compared.
    @Test func photosThatTellAreCompared() throws {
        let told = Told<CUDA.Replacement>(), layer = graph.defaultLayer!.value
        let program = GuardedProgram(try FaultyDevice(graph, wrong: 1...1), LoadOptions()) { told.add($0) }
        let run = try program.session(threads: 1).run(
            [image, image, image], recording: Recording(gradients: [layer]))
        let none = [Float](repeating: 0, count: graph.numbers)
        _ = try run.gradients([none, none, none], at: [layer], rule: .plain)
        #expect(told.all.isEmpty)
        _ = try run.gradients([none, none.map { _ in 1 }, none], at: [layer], rule: .plain)
        #expect(told.all.count == 1)
    }

    /// Of a pass of several photos the last is compared, too, of what is recorded and of gradients alone.
    @Test(arguments: [nil, { $0.reversed() }] as [(@Sendable ([Float]) -> [Float])?])
    func theLastPhotoIsCompared(_ gradients: (@Sendable ([Float]) -> [Float])?) throws {
        let told = Told<CUDA.Replacement>(), recording = Recording(gradients: [graph.defaultLayer!.value])
        let layers = Array(recording.gradients), images = [image, image, image.map { $0 / 2 }]
        let cotangents = images.map { _ in (0..<graph.numbers).map { Float($0 % 3) } }
        let device = try FaultyDevice(graph, wrong: 1...9, gradients: gradients)
        let program = GuardedProgram(device, LoadOptions()) { told.add($0) }
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
}
