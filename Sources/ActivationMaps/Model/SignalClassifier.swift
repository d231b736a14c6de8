import Network

/// Networks of signals, which are fed as they are.
extension Classifier {
    /// The same network for signals of so many samples.
    ///
    /// - Throws: `ModelError` where it takes none of this length.
    func fitted(length: Int) throws(ModelError) -> Classifier {
        var options = options
        options.inputSize = (length, 1)
        return try Classifier(contentsOf: path, options: options)
    }

    /// What of pictures is set for a network of signals.
    static func checkSignal(_ options: ModelOptions, _ path: String) throws(ModelError) {
        let settings: [(Setting, Bool)] = [
            (.resize, options.resize != nil), (.interpolation, options.interpolation != nil),
            (.cropSize, options.cropSize != nil), (.channelOrder, options.channelOrder != nil),
        ]
        guard let setting = settings.first(where: \.1)?.0 else { return }
        throw .option(
            path: path,
            reason: "the network takes signals, which are fed as they are: \(setting) is of pictures; leave it out")
    }

    /// A network of signals whose length the file leaves open, read for the first length of some at which it has a
    /// layer to explain; what it is fed has each signal's own.
    static func ofSomeLength(
        _ read: (Int) throws(ModelError) -> (graph: Graph, form: InputForm)
    ) throws(ModelError) -> (Graph, InputForm) {
        for length in [1024, 4096, 16384] {
            if let found = try? read(length), found.graph.defaultLayer != nil { return found }
        }
        return try read(65536)
    }
}
