import Network

/// One network input and its forward pass, which all of its subjects share.
final class RecordedImage {
    let input: [Float]
    let session: any Session
    private var run: any Run
    private var maps: [ValueID: FeatureMap] = [:]

    /// Runs the network.
    init(_ input: [Float], recording: Recording, session: any Session) throws(NetworkError) {
        (self.input, self.session) = (input, session)
        var recording = recording
        if let stated = session.graph.probability.value { recording.values.insert(stated) }
        run = try session.run([input], recording: recording)
    }

    var graph: Graph { session.graph }
    var logits: [Float] { run.scores[0] }

    /// A run that recorded this; the network runs again where it did not.
    func run(recording: Recording) throws(NetworkError) -> any Run {
        if !run.recording.covers(recording) {
            run = try session.run([input], recording: run.recording.union(recording))
        }
        return run
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
