import Imaging
import Network
import Platform

/// Explains photos by one classifier; loads it once. Not to be used from several threads at a time: each takes a
/// `copy`.
///
///     let explainer = try Explainer(contentsOf: "resnet50.onnx")
///     let photo = try Image(contentsOf: "dog.jpg")
///     let result = try explainer.explain(
///         photo, methods: [.gradcamPlusPlus], layers: ["layer4[-1]"], of: .labels(["golden retriever"]))
///     let overlay = photo.overlaid(with: result.classes[0].maps[0].photo)
public final class Explainer {
    /// The network, its labels and its preprocessing.
    public let classifier: Classifier
    private let session: any Session

    /// - Parameters:
    ///   - path: an ONNX file.
    ///   - threads: how many threads to compute with; nil: one a core that the process may use.
    ///   - expectedImages: how many photos, and masked photos of Score-CAM, will be run: the more, the more is prepared
    ///     once.
    ///   - batch: masked photos a pass in Score-CAM; nil: as many as fit into some 128 MB.
    public convenience init(
        contentsOf path: String, options: ModelOptions = .init(), threads: Int? = nil, expectedImages: Int = 1000,
        batch: Int? = nil
    ) throws(ModelError) {
        let classifier = try Classifier(contentsOf: path, options: options)
        let threads = threads ?? processorCount()
        do throws(NetworkError) {
            let program = try CPU.load(
                classifier.graph, LoadOptions(threads: threads, expectedImages: expectedImages, batch: batch))
            self.init(classifier, session: program.session(threads: threads))
        } catch {
            throw .network(path: path, error)
        }
    }

    /// Runs the classifier's network on a session of the caller's choice.
    public init(_ classifier: Classifier, session: any Session) {
        (self.classifier, self.session) = (classifier, session)
    }

    /// Another explainer by the same network, loaded and prepared once for both: for use in another thread at the same
    /// time.
    public func copy(threads: Int) -> Explainer {
        Explainer(classifier, session: session.program.session(threads: threads))
    }

    /// How many copies, `most` at most, have memory to explain photos side by side; one in any case.
    public func copiesThatFit(_ request: Request, most: Int) -> Int {
        let needs = request.needs(of: classifier.graph)
        return stride(from: most, through: 1, by: -1).first {
            (try? session.check(needs.recording, streams: needs.images > 0, runs: $0)) != nil
        } ?? 1
    }

    /// What to explain of a photo.
    public struct Request: Sendable {
        /// One map each.
        public var methods: [any Method] = [GradCAM()]
        /// The classes to explain.
        public var targets: Targets = .top(1)
        /// Layers whose maps are averaged; empty: the default one, where a method explains layers.
        public var layers: [Layer] = []
        /// Whether guided backpropagation is wanted too.
        public var guided = false
        /// How many concepts of the first layer are wanted; nil: none.
        public var concepts: Int?
        /// Mean over flipped and scaled copies of the input.
        public var augSmooth = false
        /// How the layers' maps become one, and whether the map keeps what speaks against the class.
        public var fusion = LayerFusion.mean, isSigned = false
        /// First principal component of the weighted activations instead of their sum.
        public var eigenSmooth = false
        /// Of methods.
        public var options = MethodOptions()

        /// The defaults.
        public init() {}

        /// Whether a map of a layer is asked for, or none at all.
        public var explainsLayers: Bool {
            methods.isEmpty || concepts != nil || methods.contains(where: \.explainsLayers)
        }

        static let guidance = GuidedBackpropagation()

        /// What all of it asks of a network.
        public func needs(of graph: Graph) -> Needs {
            var needs = needs(of: graph, methods: methods + (guided ? [Self.guidance] : []))
            if concepts != nil { needs = needs.union(.resumed(Array(layers.prefix(1)))) }
            return Needs(recording: needs.recording, images: augSmooth ? 6 * (1 + needs.images) : needs.images)
        }

        fileprivate func needs(of graph: Graph, methods: [any Method]) -> Needs {
            methods.reduce(Needs.activations(layers)) { $0.union($1.needs(graph, layers)) }
        }
    }

    /// Which classes to explain.
    public enum Targets: Sendable {
        /// The best-scoring classes of each photo.
        case top(Int)
        /// These classes, by index.
        case classes([Int])
        /// These classes, by (a unique part of) their labels.
        case labels([String])
    }

    /// Explains a photo in a few words: methods, layers by name (none: the default one), and classes.
    ///
    /// - Throws: `ChoiceError` where a layer or a class is not there, `NetworkError` where a layer has no gradient.
    public func explain(
        _ photo: Image, methods: [any Method] = [GradCAM()], layers: [String] = [], of targets: Targets = .top(1)
    ) throws -> Explanation {
        var request = Request()
        request.methods = methods
        request.layers = try classifier.layers(named: layers)
        request.targets = targets
        return try explain(photo, request)
    }

    /// One target of a photo, for a method that is called by itself.
    public func subject(
        _ photo: Image, _ target: Target, layers: [Layer], options: MethodOptions = .init()
    ) throws -> Subject {
        try Subject(
            classifier.preprocessing.tensor(from: photo), target: target,
            layers: layers.isEmpty ? try classifier.layers(named: []) : layers, options: options,
            preprocessing: classifier.preprocessing, session: session)
    }

    /// Explains a photo: one forward pass and one backward pass a class, shared by all methods.
    public func explain(_ photo: Image, _ request: Request) throws -> Explanation {
        var request = request
        if request.layers.isEmpty, request.explainsLayers { request.layers = try classifier.layers(named: []) }
        let clock = ContinuousClock()
        var timings: [(stage: String, duration: Duration)] = []
        func timed<R>(_ stage: String, _ body: () throws -> R) rethrows -> R {
            let start = clock.now
            defer { timings.append((stage, clock.now - start)) }
            return try body()
        }

        let recording = request.needs(of: classifier.graph).recording
        let input = timed("preprocess") { classifier.preprocessing.tensor(from: photo) }
        let image = try timed("forward") { try self.image(input, recording: recording) }
        let scores = try image.ranking(labels: classifier.labels)
        let classes = try chosen(request.targets, scores)
        let subjects = classes.map { Subject(image, .logit($0), layers: request.layers, options: request.options) }
        let guided = try timed("guided") { try request.guided ? subjects.map(self.guided) : [] }
        let maps = try timed("maps") {
            request.augSmooth ? try augmentedMaps(subjects, request) : try self.maps(subjects, request)
        }

        let placement = classifier.preprocessing.placement(of: photo.width, height: photo.height)
        let concepts = try request.concepts.map { count in
            try timed("concepts") {
                try Subject(image, .logit(0), layers: request.layers, options: request.options)
                    .concepts(count, labels: classifier.labels, placement: placement)
            }
        }
        let explained = classes.indices.map { index in
            Explanation.OfClass(
                score: scores.first { $0.index == classes[index] }!,
                maps: zip(request.methods, maps[index]).map { $1.finished(method: $0.name, placement: placement) },
                guided: guided.isEmpty ? nil : guided[index])
        }
        return Explanation(
            scores: scores, classes: explained, concepts: concepts ?? [], layers: request.layers, placement: placement,
            timings: timings)
    }

    private func image(_ input: [Float], recording: Recording) throws(NetworkError) -> RecordedImage {
        try RecordedImage(input, classifier.preprocessing, recording: recording, session: session)
    }

    private func guided(_ subject: Subject) throws -> GuidedGradient {
        guard case .input(let map) = try Request.guidance.explain(subject) else {
            preconditionFailure("a gradient at the input is one")
        }
        return GuidedGradient(map, order: classifier.preprocessing.channelOrder)
    }

    /// One map a subject and method; those that are the same for all targets are made once.
    private func maps(_ subjects: [Subject], _ request: Request) throws -> [[UnplacedMap]] {
        let normalise = Normalise(fusion: request.fusion, isSigned: request.isSigned)
        var shared: [Int: UnplacedMap] = [:]
        return try subjects.map { subject in
            try request.methods.enumerated().map { index, method in
                if let map = shared[index] { return map }
                let map = try UnplacedMap(
                    try method.explain(subject), eigenSmooth: request.eigenSmooth, normalise: normalise,
                    of: classifier.graph)
                if method.isClassBlind { shared[index] = map }
                return map
            }
        }
    }

    /// The mean of six maps: of the input and its mirror image, each times 0.9, 1 and 1.1; mirrored back, not scaled
    /// again.
    private func augmentedMaps(_ subjects: [Subject], _ request: Request) throws -> [[UnplacedMap]] {
        guard let first = subjects.first else { return [] }
        let width = classifier.graph.inputShape[3]
        let recording = request.needs(of: classifier.graph, methods: request.methods).recording
        var variants: [[[UnplacedMap]]] = []
        for mirrors in [false, true] {
            for factor: Float in [0.9, 1, 1.1] {
                let variant = (mirrors ? mirrored(first.input, width: width) : first.input).map { $0 * factor }
                let image = try self.image(variant, recording: recording)
                let copies = subjects.map { Subject(image, $0.target, layers: $0.layers, options: request.options) }
                let maps = try self.maps(copies, request)
                variants.append(mirrors ? maps.map { $0.map { $0.mirrored() } } : maps)
            }
        }
        return subjects.indices.map { subject in
            request.methods.indices.map { method in UnplacedMap(mean: variants.map { $0[subject][method] }) }
        }
    }

    private func chosen(_ targets: Targets, _ scores: [ClassScore]) throws -> [Int] {
        switch targets {
        case .top(let count): scores.prefix(count).map(\.index)
        case .classes(let indices): try indices.map { try classifier.category($0) }
        case .labels(let labels): try labels.map { try classifier.category(labelled: $0) }
        }
    }
}
