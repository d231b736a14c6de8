import Imaging
import Network

/// One image with one target: all that a method may ask for. What it gives is computed when first asked for and shared
/// by all methods. Not for several threads at a time.
public final class Subject {
    /// Whose maps are wanted.
    public let layers: [Layer]
    /// Y.
    public let target: Target
    /// What the user chose of methods.
    public let options: MethodOptions
    let image: RecordedImage
    /// Told how far streams of other images have come; nil where nobody asks.
    var observer: ((_ done: Int, _ total: Int) -> Void)?
    private let walks: SharedWalks
    private var gradients: [ValueID: FeatureMap] = [:]
    private var inputGradients: [RectifierRule: FeatureMap] = [:]

    /// - Parameter walks: those of this image and target, perhaps with others of its pass; nil: its own.
    init(
        _ image: RecordedImage, _ target: Target, layers: [Layer], options: MethodOptions, walks: SharedWalks? = nil
    ) {
        (self.image, self.target, self.layers, self.options) = (image, target, layers, options)
        self.walks = walks ?? SharedWalks([(image, target)])
    }

    /// An image by itself.
    ///
    /// - Parameters:
    ///   - input: channels x height x width, normalised as the network wants.
    ///   - recording: what will be asked for; what is not told runs again.
    ///   - preprocessing: how a photo became the input.
    public convenience init(
        _ input: [Float], target: Target, layers: [Layer], recording: Recording = Recording(),
        options: MethodOptions = .init(), preprocessing: Preprocessing = .init(), session: any Session
    ) throws(NetworkError) {
        let image = try RecordedImage.recorded([input], [preprocessing], recording: recording, session: session)[0]
        self.init(image, target, layers: layers, options: options)
    }

    /// The network.
    public var graph: Graph { image.graph }
    /// channels x height x width, normalised.
    public var input: [Float] { image.input }
    /// How a photo became that.
    public var preprocessing: Preprocessing { image.preprocessing }
    /// The network's logits of the image.
    public var logits: [Float] { image.logits }
    /// Y of the image.
    public var score: Float { target.value(logits) }

    /// A: the layer's values, channels x height x width.
    public func activation(_ layer: Layer) throws(NetworkError) -> FeatureMap { try image.activation(layer.value) }

    /// g = dY/dA, of the same shape.
    ///
    /// - Throws: `.layerNotOnPath` where the layer does not lead to the scores.
    public func gradient(_ layer: Layer) throws(NetworkError) -> FeatureMap {
        if let known = gradients[layer.value] { return known }
        // One walk back serves all layers.
        let values = Set(layers.map(\.value) + [layer.value]).sorted()
        for (value, map) in zip(values, try gradientMaps(at: values, .plain)) { gradients[value] = map }
        return gradients[layer.value]!
    }

    /// dY/dinput: channels x height x width.
    public func inputGradient(_ rule: RectifierRule) throws(NetworkError) -> FeatureMap {
        if let known = inputGradients[rule] { return known }
        let gradient = try gradientMaps(at: [graph.input], rule)[0]
        inputGradients[rule] = gradient
        return gradient
    }

    /// dY by any values of the network, each of its value's shape, by a walk of their own, which images of one pass
    /// share.
    public func gradients(at values: [ValueID], _ rule: RectifierRule = .plain) throws(NetworkError) -> [Tensor] {
        try walks.gradients(of: image, at: values, rule)
    }

    /// The same as maps, channels x height x width.
    func gradientMaps(at values: [ValueID], _ rule: RectifierRule) throws(NetworkError) -> [FeatureMap] {
        zip(values, try gradients(at: values, rule)).map { graph.featureMap($1, at: $0) }
    }

    /// Any value of the network.
    public func value(_ id: ValueID) throws(NetworkError) -> Tensor { try image.value(id) }

    /// Y of many images, streamed.
    public func scores(_ batch: Batch) throws(NetworkError) -> [Float] {
        try image.session.scores(batch, keeping: counted(batch.count, target.value))
    }

    /// Y with a layer's value replaced, once for each of `count` replacements; only the nodes downstream of it run.
    ///
    /// - Parameter change: makes replacement number i, which holds the layer's own numbers; called from several
    ///   threads.
    public func scores(
        replacing layer: Layer, count: Int, _ change: @Sendable (Int, Replacement) -> Void
    ) throws(NetworkError) -> [Float] {
        try scores(replacing: layer, count: count, keeping: target.value, change)
    }

    /// The same with what `keep` makes of a replacement's row of logits.
    func scores<Kept>(
        replacing layer: Layer, count: Int, keeping keep: @escaping ([Float]) -> Kept,
        _ change: @Sendable (Int, Replacement) -> Void
    ) throws(NetworkError) -> [Kept] {
        let run = try image.run(recording: Recording(resumable: [layer.value]))
        let numbers = try value(layer.value).values, places = graph.mapPlaces(in: layer.value)
        return try run.scores(
            replacing: layer.value, image: image.place, count: count, keeping: counted(count, keep)
        ) { index, target in
            _ = target.update(fromContentsOf: numbers)
            change(index, Replacement(numbers: target, places: places))
        }
    }

    /// g where the layer's value is replaced by these numbers, row-major in the value's own shape; only the nodes
    /// downstream of it run.
    public func gradient(_ layer: Layer, replacing numbers: [Float]) throws(NetworkError) -> FeatureMap {
        let run = try image.run(recording: Recording(resumable: [layer.value]))
            .resumed(replacing: layer.value, image: image.place, by: numbers)
        let found = try run.gradients(run.scores.map(target.cotangent), at: [layer.value], rule: .plain)
        return graph.featureMap(found[0][0], at: layer.value)
    }

    /// Other layers of the same image and target.
    func with(layers: [Layer]) -> Subject {
        layers == self.layers ? self : Subject(image, target, layers: layers, options: options, walks: walks)
    }

    /// Another image with the same target, layers and options, by a pass of its own.
    ///
    /// - Parameters:
    ///   - input: as `input`.
    ///   - session: of this network, or of one that differs in its weights alone; nil: this image's.
    func with(
        input: [Float], recording: Recording, session: (any Session)? = nil
    ) throws(NetworkError) -> Subject {
        let other = try image.besides { () throws(NetworkError) in
            try RecordedImage.recorded(
                [input], [preprocessing], recording: recording, session: session ?? image.session)[0]
        }
        return Subject(other, target, layers: layers, options: options)
    }

    /// Another target of the same image, by the same forward pass.
    public func with(target: Target) -> Subject {
        let other = Subject(image, target, layers: layers, options: options)
        other.observer = observer
        return other
    }
}
