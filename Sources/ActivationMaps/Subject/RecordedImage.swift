import Imaging
import Network

/// A forward pass of some images, as long as any of them needs it.
final class RecordedPass {
    /// What it recorded; nil where another one took its memory.
    fileprivate(set) var run: (any Run)?

    fileprivate init(_ run: any Run) { self.run = run }
}

/// One network input and its forward pass, which all of its subjects share, and perhaps other images.
final class RecordedImage {
    let input: [Float]
    let preprocessing: Preprocessing
    let session: any Session
    let logits: [Float]
    private var recording: Recording
    private var pass: RecordedPass
    /// Its place in the pass.
    private(set) var place: Int
    private var maps: [ValueID: FeatureMap] = [:]
    private var pixels: PixelClasses?

    private init(
        _ input: [Float], _ preprocessing: Preprocessing, _ session: any Session, _ pass: RecordedPass, place: Int,
        _ run: any Run
    ) {
        (self.input, self.preprocessing, self.session) = (input, preprocessing, session)
        (self.pass, self.place, recording, logits) = (pass, place, run.recording, run.scores[place])
    }

    /// Runs the network on some inputs, one at least, in one pass.
    ///
    /// - Parameter preprocessing: of each of them.
    static func recorded(
        _ inputs: [[Float]], _ preprocessing: [Preprocessing], recording: Recording, session: any Session
    ) throws(NetworkError) -> [RecordedImage] {
        var recording = recording
        if let stated = session.graph.probability.value { recording.values.insert(stated) }
        let run = try session.run(inputs, recording: recording), pass = RecordedPass(run)
        return inputs.enumerated().map { RecordedImage($1, preprocessing[$0], session, pass, place: $0, run) }
    }

    var graph: Graph { session.graph }

    /// Whether both are of one pass.
    func isBeside(_ other: RecordedImage) -> Bool { pass === other.pass }

    /// A run that recorded this, in which the image has its `place`; where the pass did not, the network runs again,
    /// for this image alone.
    func run(recording: Recording) throws(NetworkError) -> any Run {
        if let run = pass.run, run.recording.covers(recording) { return run }
        // Its memory serves the next one.
        pass.run = nil
        self.recording = self.recording.union(recording)
        let again = try session.run([input], recording: self.recording)
        (pass, place) = (RecordedPass(again), 0)
        return again
    }

    /// A run of another input.
    func otherRun(_ input: [Float], recording: Recording) throws(NetworkError) -> any Run {
        try besides { () throws(NetworkError) in try session.run([input], recording: recording) }
    }

    /// Does what runs another pass besides. Where there is no memory for both, this image's pass ends, and begins anew
    /// when next asked for.
    func besides<Made>(_ make: () throws(NetworkError) -> Made) throws(NetworkError) -> Made {
        do throws(NetworkError) {
            return try make()
        } catch {
            guard error.isShortage else { throw error }
            pass.run = nil
            return try make()
        }
    }

    func value(_ id: ValueID) throws(NetworkError) -> Tensor {
        let run = try run(recording: Recording(values: [id]))
        return try run.value(id, image: place)
    }

    func activation(_ id: ValueID) throws(NetworkError) -> FeatureMap {
        if let known = maps[id] { return known }
        let map = graph.featureMap(try value(id), at: id)
        maps[id] = map
        return map
    }

    /// All classes, best first.
    func ranking(labels: [String]?) throws(NetworkError) -> [ClassScore] {
        var stated: [Float]?
        if let id = graph.probability.value { stated = try value(id).values }
        if case .pixels(let form) = graph.form { _ = pixelClasses(form) }
        return ClassScore.ranked(logits, of: graph, stated: stated, labels: labels, pixels: pixels)
    }

    /// Which class wins at every pixel of a segmentation.
    func pixelClasses(_ form: PixelForm) -> PixelClasses {
        let classes = pixels ?? form.winners(of: logits)
        pixels = classes
        return classes
    }
}
