import Imaging
import Network

/// How strongly a photo speaks for a class.
public struct ClassScore: Sendable {
    public let index: Int
    public let label: String?
    /// The network's score before any softmax.
    public let logit: Float
    /// exp(logit) / sum exp(logit); for a network of one output 1 / (1 + exp(-logit)).
    public let probability: Float

    /// All classes, best first.
    static func ranked(_ logits: [Float], labels: [String]?) -> [ClassScore] {
        let probabilities = logits.count == 1 ? [softmax([0, logits[0]])[1]] : softmax(logits)
        return logits.indices
            .map { ClassScore(index: $0, label: labels?[$0], logit: logits[$0], probability: probabilities[$0]) }
            .sorted { ($1.logit, $0.index) < ($0.logit, $1.index) }
    }
}

/// What was found out about one photo.
public struct Explanation: Sendable {
    /// One explained class.
    public struct OfClass: Sendable {
        public let score: ClassScore
        /// One map a method, in the order asked for.
        public let maps: [Map]
        /// nil where it was not asked for.
        public let guided: GuidedGradient?
    }

    /// All classes, best first.
    public let scores: [ClassScore]
    /// The explained classes, in the order asked for.
    public let classes: [OfClass]
    public let layers: [Layer]
    /// Where the network's input lies on the photo.
    public let placement: Placement
    /// How long each stage took, in the order in which they ran.
    public let timings: [(stage: String, duration: Duration)]
}
