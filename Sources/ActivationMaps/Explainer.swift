import Imaging
import Network
import Platform

/// Explains photos by one classifier; loads it once. Not to be used from several threads at a time: each takes a
/// `twin`.
///
///     let explainer = try Explainer(contentsOf: "resnet50.onnx")
///     let photo = try Image(contentsOf: "dog.jpg")
///     let result = try explainer.explain(photo, methods: [.gradcamPlusPlus], layers: ["layer4[-1]"], of:
///     .labels(["golden retriever"]))
///     let overlay = photo.overlaid(with: result.classes[0].maps[0].photo)
public final class Explainer {
    public let classifier: Classifier
    private let session: any Session

    /// - Parameters:
    ///   - path: an ONNX file.
    ///   - threads: how many threads to compute with; nil: one a processor core.
    ///   - expectedImages: how many photos, and masked photos of Score-CAM, will be run: the more, the more is prepared
    ///     once.
    ///   - maskBatch: masked photos a pass in Score-CAM; nil: as many as fit into some 128 MB.
    public convenience init(
        contentsOf path: String, options: ModelOptions = .init(), threads: Int? = nil, expectedImages: Int = 1000,
        maskBatch: Int? = nil
    ) throws(ModelError) {
        let classifier = try Classifier(contentsOf: path, options: options)
        self.init(
            classifier,
            session: CPUSession(
                graph: classifier.graph, threads: threads ?? processorCount(), expectedImages: expectedImages,
                maskBatch: maskBatch))
    }

    /// Runs the classifier's network on a session of the caller's choice.
    public init(_ classifier: Classifier, session: any Session) {
        (self.classifier, self.session) = (classifier, session)
    }

    /// Another explainer by the same network, loaded and prepared once for both: for use in another thread at the same
    /// time.
    public func twin(threads: Int) -> Explainer { Explainer(classifier, session: session.twin(threads: threads)) }

    /// What to explain of a photo.
    public struct Request: Sendable {
        public var methods: [any Method] = [GradCAM()]
        public var targets: Targets = .top(1)
        /// Layers whose maps are averaged; empty: the default one.
        public var layers: [Layer] = []
        /// Whether guided backpropagation is wanted too.
        public var guided = false
        /// Mean over flipped and scaled copies of the input.
        public var augSmooth = false
        /// First principal component of the weighted activations instead of their sum.
        public var eigenSmooth = false

        public init() {}
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

    /// Explains a photo: one forward pass and one backward pass a class, shared by all methods.
    public func explain(_ photo: Image, _ request: Request) throws -> Explanation {
        let layers = request.layers.isEmpty ? try classifier.layers(named: []) : request.layers
        let clock = ContinuousClock()
        var timings: [(stage: String, duration: Duration)] = []
        func timed<R>(_ stage: String, _ body: () throws -> R) rethrows -> R {
            let start = clock.now
            defer { timings.append((stage, clock.now - start)) }
            return try body()
        }

        let input = timed("preprocess") { classifier.preprocessing.tensor(from: photo) }
        let pass = try timed("forward") { try Pass(input, layers: layers, guided: request.guided, session: session) }
        let scores = pass.scores(labels: classifier.labels)
        let classes = try chosen(request.targets, scores)
        let guided = try timed("guided") { try request.guided ? classes.map { try pass.guided(of: $0) } : [] }
        let maps = try timed("maps") {
            request.augSmooth
                ? try augmentedMaps(input, classes, layers: layers, request)
                : try self.maps(pass, classes, request)
        }

        let placement = classifier.preprocessing.placement(of: photo.width, height: photo.height)
        let explained = classes.indices.map { index in
            Explanation.OfClass(
                score: scores.first { $0.index == classes[index] }!,
                maps: zip(request.methods, maps[index]).map { $1.finished(method: $0.name, placement: placement) },
                guided: guided.isEmpty ? nil : guided[index].reordered(classifier.preprocessing.channelOrder))
        }
        return Explanation(scores: scores, classes: explained, layers: layers, placement: placement, timings: timings)
    }

    /// For every class, one map a method.
    private func maps(_ pass: Pass, _ classes: [Int], _ request: Request) throws -> [[UnplacedMap]] {
        let shape = classifier.graph.inputShape
        return try classes.map { category in
            let gradients = request.methods.contains(where: \.needsGradients) ? try pass.gradients(of: category) : nil
            return try request.methods.map { method in
                UnplacedMap(
                    raw: try pass.rawMaps(method, category, gradients: gradients, eigenSmooth: request.eigenSmooth),
                    width: shape[3], height: shape[2])
            }
        }
    }

    /// The mean of six maps: of the input and its mirror image, each times 0.9, 1 and 1.1; mirrored back, not scaled
    /// again.
    private func augmentedMaps(_ input: [Float], _ classes: [Int], layers: [Layer], _ request: Request) throws
        -> [[UnplacedMap]]
    {
        let width = classifier.graph.inputShape[3]
        var variants: [[[UnplacedMap]]] = []
        for mirrors in [false, true] {
            for factor: Float in [0.9, 1, 1.1] {
                let variant = (mirrors ? mirrored(input, width: width) : input).map { $0 * factor }
                let maps = try self.maps(
                    try Pass(variant, layers: layers, guided: false, session: session), classes, request)
                variants.append(mirrors ? maps.map { $0.map { $0.mirrored() } } : maps)
            }
        }
        return classes.indices.map { category in
            request.methods.indices.map { method in UnplacedMap(mean: variants.map { $0[category][method] }) }
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
