import Imaging
import Network

/// One network input and its forward pass, which all of its subjects share.
final class RecordedImage {
    let input: [Float]
    let preprocessing: Preprocessing
    let session: any Session
    let logits: [Float]
    private var recording: Recording
    /// nil where another one took its memory.
    private var run: (any Run)?
    private var maps: [ValueID: FeatureMap] = [:]

    /// Runs the network.
    init(
        _ input: [Float], _ preprocessing: Preprocessing, recording: Recording, session: any Session
    ) throws(NetworkError) {
        (self.input, self.preprocessing, self.session) = (input, preprocessing, session)
        var recording = recording
        if let stated = session.graph.probability.value { recording.values.insert(stated) }
        let run = try session.run([input], recording: recording)
        (self.run, self.recording, logits) = (run, recording, run.scores[0])
    }

    var graph: Graph { session.graph }

    /// A run that recorded this; the network runs again where it did not.
    func run(recording: Recording) throws(NetworkError) -> any Run {
        if let run, run.recording.covers(recording) { return run }
        // Its memory serves the next one.
        run = nil
        self.recording = self.recording.union(recording)
        let again = try session.run([input], recording: self.recording)
        run = again
        return again
    }

    /// A run of another input. Where there is no memory for both, this image's own ends, and begins anew when next
    /// asked for.
    func otherRun(_ input: [Float], recording: Recording) throws(NetworkError) -> any Run {
        do throws(NetworkError) {
            return try session.run([input], recording: recording)
        } catch {
            guard case .memory = error, run != nil else { throw error }
            run = nil
            return try session.run([input], recording: recording)
        }
    }

    func value(_ id: ValueID) throws(NetworkError) -> Tensor {
        try run(recording: Recording(values: [id])).value(id, image: 0)
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
        return ClassScore.ranked(logits, graph.probability, stated: stated, labels: labels)
    }
}
