import Network

/// One network input and its forward pass, which all of its subjects share.
final class RecordedImage {
    let input: [Float]
    let session: any Session
    let logits: [Float]
    private var recording: Recording
    /// nil only where another one could not be made.
    private var run: (any Run)?
    private var maps: [ValueID: FeatureMap] = [:]

    /// Runs the network.
    init(_ input: [Float], recording: Recording, session: any Session) throws(NetworkError) {
        (self.input, self.session) = (input, session)
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
