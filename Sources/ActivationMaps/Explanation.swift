import Imaging
import Network

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How strongly a photo speaks for a class.
public struct ClassScore: Sendable {
    public let index: Int
    public let label: String?
    /// The network's score before any softmax.
    public let logit: Float
    /// exp(logit) / sum exp(logit); for a network that ends in a Sigmoid or has one output 1 / (1 + exp(-logit)).
    public let probability: Float

    /// All classes, best first.
    static func ranked(_ logits: [Float], _ probability: Probability, labels: [String]?) -> [ClassScore] {
        let probabilities = switch probability {
        case .softmax: softmax(logits)
        case .sigmoid: logits.map { 1 / (1 + expf(-$0)) }
        }
        return logits.indices
            .sorted { (logits[$1], $0) < (logits[$0], $1) }
            .map { ClassScore(index: $0, label: labels?[$0], logit: logits[$0], probability: probabilities[$0]) }
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
