import Imaging
import Network
import ONNX
import Platform

/// What can be told of a model file before any photo is there: whether it can be explained, and every reason why not.
public struct ModelCheck {
    /// How long a run on a grey picture took, with and without the gradient.
    public struct TestRun {
        /// Of the scores alone.
        public let scores: Duration
        /// Of scores and gradient; nil where there is no layer to take it at.
        public let gradient: Duration?
        /// Whether the scores are finite numbers.
        public let isFinite: Bool
    }

    /// The file as it was read.
    public let model: Model
    /// The operators that it uses, most used first.
    public let operators: [OperatorUse]
    /// nil where the file cannot be explained.
    public let classifier: Classifier?
    /// The layer that is explained where none is named.
    public let layer: Layer?
    /// nil where it could not be run.
    public let run: TestRun?
    /// The file's first outputs, and what can be explained of each.
    public let offers: [OutputOffer]
    /// Whether the file holds an embedding alone, so that somebody has to say what it is compared with.
    public let needsReference: Bool
    /// The inputs each of which could take the photo, where nobody says which does; else empty.
    public let photoInputs: [String]
    /// Why the file cannot be explained, one line each; empty where it can.
    public let faults: [Wording]
    /// Operators of which a node cannot be run, with their domain where that is not ONNX's own.
    public let faultyOperators: Set<String>

    /// - Throws: `ModelError.file` where the file cannot be read at all, `ModelError.option` where an option does not
    ///   fit it.
    public init(contentsOf path: String, options: ModelOptions = .init(), threads: Int? = nil) throws(ModelError) {
        do throws(ONNXError) {
            model = try Model(contentsOf: path, most: options.limits.memory.bytes)
        } catch {
            throw .file(error)
        }
        operators = OperatorUse.all(in: model)
        let classifier: Classifier
        do throws(ModelError) {
            classifier = try Self.read(model, at: path, options)
        } catch {
            offers = Self.offers(of: model, at: path, options, error)
            needsReference = false
            photoInputs = Self.photoInputs(of: model, error)
            switch error {
            case .option, .file: throw error
            case .network(_, .several(let faults)):
                (self.faults, faultyOperators) = (Self.grouped(faults), Self.operators(of: faults))
            case .network(_, let fault): (faults, faultyOperators) = ([fault.wording], Self.operators(of: [fault]))
            case .description: (faults, faultyOperators) = ([error.wording], [])
            }
            (self.classifier, layer, run) = (nil, nil, nil)
            return
        }
        self.classifier = classifier
        offers = classifier.graph.offers
        photoInputs = []
        needsReference = options.use == .scores && classifier.graph.form == .embedding
        layer = classifier.graph.defaultLayer
        var faults = layer == nil ? [NetworkError.noSpatialLayer.wording] : []
        do throws(NetworkError) {
            run = try Self.tried(classifier, layer, threads: threads ?? processorCount())
        } catch {
            run = nil
            faults.append(error.wording)
        }
        self.faults = faults
        faultyOperators = []
    }

    /// A model, or one whose embedding is compared where it holds nothing else.
    private static func read(_ model: Model, at path: String, _ options: ModelOptions) throws(ModelError) -> Classifier
    {
        do throws(ModelError) {
            return try Classifier(model, at: path, options: options)
        } catch {
            guard case .network(_, .notClasses) = error else { throw error }
            var compared = options
            compared.use = .similarity
            guard let classifier = try? Classifier(model, at: path, options: compared) else { throw error }
            return classifier
        }
    }

    /// What can be explained of parts of a file that has no scores.
    private static func offers(
        of model: Model, at path: String, _ options: ModelOptions, _ error: ModelError
    ) -> [OutputOffer] {
        guard case .network(_, .noScores) = error else { return [] }
        var part = options
        (part.use, part.output) = (.slice, options.output ?? model.graph.outputs.first?.name)
        return (try? Classifier(model, at: path, options: part))?.graph.offers ?? []
    }

    private static func photoInputs(of model: Model, _ error: ModelError) -> [String] {
        guard case .network(_, .severalPhotos(let described)) = error else { return [] }
        return model.graph.inputs.map(\.name).filter { name in described.contains { $0.hasPrefix(name + " ") } }
    }

    private static func operators(of faults: [NetworkError]) -> Set<String> {
        Set(faults.compactMap { if case .node(_, let op, _, _) = $0 { op } else { nil } })
    }

    /// One line for all nodes of an operator that have the same fault.
    private static func grouped(_ faults: [NetworkError]) -> [Wording] {
        struct Kind: Hashable {
            let op: String
            let reason: Wording
        }
        var kinds: [Kind] = [], nodes: [Kind: [NetworkError]] = [:]
        for fault in faults {
            let kind =
                if case .node(_, let op, _, let reason) = fault { Kind(op: op, reason: reason) } else {
                    Kind(op: "", reason: fault.wording)
                }
            if nodes[kind] == nil { kinds.append(kind) }
            nodes[kind, default: []].append(fault)
        }
        return kinds.map { kind in
            let all = nodes[kind]!
            guard all.count > 1, case .node(let name, let op, let opset, let reason) = all[0] else {
                return all[0].wording
            }
            return
                "\(NetworkError.node(name: name, operator: op, opset: opset, reason: reason)) (and "
                + "\(all.count - 1) more nodes like it)"
        }
    }

    private static func tried(_ classifier: Classifier, _ layer: Layer?, threads: Int) throws(NetworkError) -> TestRun {
        let options = LoadOptions(threads: threads, expectedImages: 2)
        let session = try CPU.load(classifier.graph, options).session(threads: threads)
        // As guided backpropagation asks besides.
        let gradients = Set([classifier.graph.input] + [layer?.value].compactMap { $0 })
        try session.check(Recording(gradients: gradients), images: 1, streams: false, runs: 1)
        let grey = Image(width: 8, height: 8, pixels: [UInt8](repeating: 128, count: 3 * 64))
        let input =
            classifier.preprocessing.takesArraysAlone
            ? [Float](repeating: 0.5, count: classifier.graph.inputShape.count)
            : classifier.preprocessing.tensor(from: grey)
        let clock = ContinuousClock(), start = clock.now
        let logits = try session.run([input], recording: Recording()).scores[0]
        let scored = clock.now
        if let layer {
            let run = try session.run([input], recording: Recording(gradients: [layer.value]))
            _ = try run.gradients([Target.logit(0).cotangent(logits)], at: [layer.value], rule: .plain)
        }
        return TestRun(
            scores: scored - start, gradient: layer == nil ? nil : clock.now - scored,
            isFinite: logits.allSatisfy(\.isFinite))
    }
}
