import Imaging
import Network
import Platform

/// How strongly a photo speaks for a class.
public struct ClassScore: Sendable {
    /// The class's place among the scores.
    public let index: Int
    /// nil where nobody tells labels.
    public let label: String?
    /// The number that is explained: the network's score before any softmax or sigmoid, see `Graph.logits`.
    public let logit: Float
    /// What the network says of the class: exp(logit) / sum exp(logit), 1 / (1 + exp(-logit)), or its own output, see
    /// `Graph.probability`; of a network that says one number and no classes, that number.
    public let probability: Float

    /// As people read it: index and label.
    public var name: String { label.map { "\(index) \($0)" } ?? "class \(index)" }

    /// All classes, best first; numbers that are not finite come last.
    ///
    /// - Parameter stated: the numbers of `probability.value`, where there are any.
    static func ranked(_ logits: [Float], _ probability: Probability, stated: [Float]?, labels: [String]?)
        -> [ClassScore]
    {
        let scores =
            switch probability {
            case .softmax: softmax(logits)
            case .sigmoid: logits.map { 1 / (1 + expf(-$0)) }
            case .output, .share, .box: stated ?? logits
            case .number: logits.map { _ in stated?.first ?? .nan }
            }
        func key(_ number: Float) -> Float { number.isFinite ? number : -.infinity }
        let isStated = if case .output = probability { true } else { false }
        let keys = logits.indices.map { (isStated ? key(scores[$0]) : 0, key(logits[$0])) }
        return logits.indices
            .sorted { a, b in (keys[b].0, keys[b].1, a) < (keys[a].0, keys[a].1, b) }
            .map { ClassScore(index: $0, label: labels?[$0], logit: logits[$0], probability: scores[$0]) }
    }
}

extension Explanation {
    /// The classes that were explained, each once, as `scores` has them, whichever of their numbers was explained.
    public var explainedClasses: [ClassScore] {
        var found: [ClassScore] = []
        for index in explained.compactMap({ $0.score?.index }) where !found.contains(where: { $0.index == index }) {
            found += scores.filter { $0.index == index }
        }
        return found
    }
}

/// What was found out about one photo.
public struct Explanation: Sendable {
    /// One explained target.
    public struct Explained: Sendable {
        /// What was explained.
        public let photoTarget: PhotoTarget
        /// Y, the target's number.
        public let value: Float
        /// One map a method, in the order asked for.
        public let maps: [Map]
        /// nil where it was not asked for.
        public let guided: GuidedGradient?
        /// One a method, in the order asked for, and one a control that was not; empty where none were asked for.
        public var judgements: [Judgement]

        /// See `PhotoTarget.name`.
        public var name: String { photoTarget.name }
        /// See `PhotoTarget.score`.
        public var score: ClassScore? { photoTarget.score }
        /// Whose number is `value`.
        public var target: Target { photoTarget.target }
    }

    /// All classes, best first.
    public let scores: [ClassScore]
    /// The explained targets, in the order asked for.
    public let explained: [Explained]
    /// What the first layer holds, the concept of the largest share first; empty where none were asked for, or where
    /// the layer's numbers are the same at every place, or not finite.
    public let concepts: [Concept]
    /// The layers whose maps were averaged; empty where every map was made at the input.
    public let layers: [Layer]
    /// Where the network's input lies on the photo.
    public let placement: Placement
    /// How long each stage took, in the order in which they ran.
    public let timings: [(stage: String, duration: Duration)]
    /// With what it was computed: by the explainer's device, then by one that did some of the work, or all, in the place
    /// of that. Photos that share passes share this.
    public internal(set) var computations: [Computation] = []
}
