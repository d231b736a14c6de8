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
///     let overlay = photo.overlaid(with: result.explained[0].maps[0].photo)
public final class Explainer {
    /// The network, its labels and its preprocessing.
    public let classifier: Classifier
    let session: any Session
    /// Of signals of other lengths, the last one last.
    var fitted: [Explainer] = []

    /// - Parameters:
    ///   - path: an ONNX file.
    ///   - threads: how many threads to compute with; nil: one a core that the process may use.
    ///   - expectedImages: how many photos, and masked photos of Score-CAM, will be run: the more, the more is prepared
    ///     once.
    ///   - batch: masked photos a pass in Score-CAM; nil: as many as fit into some 128 MB.
    ///   - precision: of convolutions; nil: the processor's own. One that it has not is refused.
    public convenience init(
        contentsOf path: String, options: ModelOptions = .init(), threads: Int? = nil, expectedImages: Int = 1000,
        batch: Int? = nil, precision: Precision? = nil
    ) throws(ModelError) {
        let classifier = try Classifier(contentsOf: path, options: options)
        let threads = threads ?? processorCount()
        do throws(NetworkError) {
            var options = LoadOptions(threads: threads, expectedImages: expectedImages, batch: batch)
            options.precision = precision
            let program = try CPU.load(classifier.graph, options)
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
        return stride(from: most, through: 1, by: -1).first { fits(needs, photos: 1, copies: $0) } ?? 1
    }

    /// How many photos a pass should hold, where each of some copies has such passes: as many as a network gains by
    /// (one, where its photos gain nothing by each other), or as many as asked for; fewer where memory is short.
    public func photosThatFit(_ request: Request, copies: Int, wanted: Int? = nil) throws(NetworkError) -> Int {
        let needs = request.needs(of: classifier.graph)
        var photos = if let wanted { max(1, wanted) } else { try session.usefulImages(needs.recording) }
        while photos > 1, !fits(needs, photos: photos, copies: copies) { photos /= 2 }
        return photos
    }

    private func fits(_ needs: Needs, photos: Int, copies: Int) -> Bool {
        (try? session.check(needs.recording, images: photos, streams: needs.images > 0, runs: copies)) != nil
    }

    /// What to explain of a photo.
    public struct Request: Sendable {
        /// One map each.
        public var methods: [any Method] = [GradCAM()]
        /// What is explained of every photo.
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
        /// What judges every map, and those of the controls beside them.
        public var metrics: [any Metric] = []
        /// Whether judgements are wanted, of the metrics or, where there are none, to add measures to.
        public var judges: Bool {
            get { isJudged || !metrics.isEmpty }
            set { isJudged = newValue }
        }
        private var isJudged = false

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
            if judges {
                needs = needs.union(self.needs(of: graph, methods: controls.methods))
                needs = metrics.reduce(needs) { $0.union($1.needs(graph, layers)) }
            }
            return Needs(recording: needs.recording, images: augSmooth ? 6 * (1 + needs.images) : needs.images)
        }

        func needs(of graph: Graph, methods: [any Method]) -> Needs {
            methods.reduce(Needs.activations(layers)) { $0.union($1.needs(graph, layers)) }
        }
    }

    /// Explains a photo in a few words: methods, layers by name (none: the default one), and targets.
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
        let own = try fitted(to: photo)
        guard own === self else {
            return try own.subject(photo, target, layers: try own.same(layers, as: self), options: options)
        }
        return try Subject(
            try tensor(from: photo), target: target,
            layers: layers.isEmpty ? try classifier.layers(named: []) : layers, options: options,
            preprocessing: classifier.preprocessing.feeding(photo), session: session)
    }

    /// The network's numbers of a photo, `Graph.logits`, row-major.
    public func numbers(of photo: Image) throws -> [Float] {
        let own = try fitted(to: photo)
        return try own.session.run([own.tensor(from: photo)], recording: Recording()).scores[0]
    }

    /// - Throws: `ImageError` where the network cannot be fed the photo.
    private func tensor(from photo: Image) throws(ImageError) -> [Float] {
        if let fault = classifier.preprocessing.fault(of: photo) { throw fault }
        return classifier.preprocessing.tensor(from: photo)
    }

    /// Explains a photo: one forward pass and one backward pass a class, shared by all methods.
    ///
    /// - Parameter observer: told how far methods have come that run many images besides.
    public func explain(_ photo: Image, _ request: Request, observer: PassObserver? = nil) throws -> Explanation {
        try explain([photo], request, observer: observer)[0].get()
    }

    /// Explains some photos, which share these passes: each gets the numbers that it gets by itself, or its own fault.
    /// How many are worth it: `photosThatFit`.
    ///
    /// - Parameter targets: of each photo; nil: the request's, of all.
    public func explain(
        _ photos: [Image], _ request: Request, of targets: [Targets]? = nil, observer: PassObserver? = nil
    ) -> [Result<Explanation, any Error>] {
        let targets = targets ?? photos.map { _ in request.targets }
        guard classifier.preprocessing.takesAnyLength else {
            return explanations(of: photos, request, targets, observer)
        }
        // Photos of one length that follow each other share passes.
        var found: [Result<Explanation, any Error>] = []
        while found.count < photos.count {
            let first = found.count, rest = photos[first...]
            let end = rest.firstIndex { $0.width != photos[first].width } ?? photos.count
            do {
                let explainer = try fitted(to: photos[first])
                found += explainer.explanations(
                    of: Array(photos[first..<end]), try explainer.same(request, as: self),
                    Array(targets[first..<end]), observer)
            } catch {
                found += (first..<end).map { _ in .failure(error) }
            }
        }
        return found
    }
}
