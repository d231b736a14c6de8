import Network

extension Explainer {
    /// What to explain of a photo.
    public enum Targets: Sendable {
        /// The photo's best-scoring classes.
        case top(Int, by: ClassNumber = .logit)
        /// These classes, by index.
        case classes([Int], by: ClassNumber = .logit)
        /// These classes, by (a unique part of) their labels.
        case labels([String], by: ClassNumber = .logit)

        /// The classes, where they do not depend on the photo and are given by index; else nil.
        public var classes: [Int]? { if case .classes(let indices, _) = self { indices } else { nil } }
    }

    /// Which number of a class is explained.
    public enum ClassNumber: Sendable, Equatable {
        /// Its logit.
        case logit
        /// What the network says of it: the softmax or sigmoid of its logit.
        case probability
        /// Its logit minus its cross entropy.
        case rest
        /// Its logit minus another class's.
        case against(Int)
    }
}

/// What is explained of one photo.
public struct PhotoTarget: Sendable {
    /// What kind of number it is.
    public enum Kind: String, Sendable {
        case logit, probability, rest, difference
    }

    /// As people read it: `243 bull mastiff`, `243 bull mastiff against 254 pug`.
    public let name: String
    /// Short, of letters and digits, and another one for each target of a photo: the class's index, where it is one's.
    public let key: String
    /// What kind of number it is.
    public let kind: Kind
    /// The class, and how strongly the photo speaks for it; nil where the target is no class's.
    public let score: ClassScore?
    /// The number.
    public let target: Target
}

/// A photo's scores, and what they are of: all that a choice of targets may ask for.
struct TargetChoice {
    let classifier: Classifier
    /// All classes, best first.
    let scores: [ClassScore]

    /// - Throws: `ChoiceError` where a class is not there, or has no such number.
    func targets(_ targets: Explainer.Targets) throws(ChoiceError) -> [PhotoTarget] {
        switch targets {
        case .top(let count, let number):
            var candidates = scores[...]
            // No class speaks against itself.
            if case .against(let other) = number { candidates = scores.filter { $0.index != other }[...] }
            return try self.targets(candidates.prefix(count).map(\.index), number)
        case .classes(let indices, let number): return try self.targets(indices, number)
        case .labels(let labels, let number):
            var indices: [Int] = []
            for label in labels { indices.append(try classifier.category(labelled: label)) }
            return try self.targets(indices, number)
        }
    }

    private func targets(_ indices: [Int], _ number: Explainer.ClassNumber) throws(ChoiceError) -> [PhotoTarget] {
        var targets: [PhotoTarget] = []
        for index in indices { targets.append(try target(try classifier.category(index), number)) }
        return targets
    }

    private func target(_ index: Int, _ number: Explainer.ClassNumber) throws(ChoiceError) -> PhotoTarget {
        let score = scores.first { $0.index == index }!, name = score.name
        func target(_ name: String, _ kind: PhotoTarget.Kind, _ target: Target) -> PhotoTarget {
            PhotoTarget(name: name, key: "\(index)", kind: kind, score: score, target: target)
        }
        switch number {
        case .logit: return target(name, .logit, .logit(index))
        case .probability:
            let link = try classifier.link("probability")
            return target("probability of \(name)", .probability, .probability(index, link))
        case .rest:
            let link = try classifier.link("ReST")
            return target("ReST of \(name)", .rest, .rest(index, link))
        case .against(let other):
            let other = try classifier.category(other)
            guard other != index else { throw .againstItself(name) }
            let otherName = scores.first { $0.index == other }!.name
            return target("\(name) against \(otherName)", .difference, .difference(index, other))
        }
    }
}

extension Classifier {
    /// How the classes' probabilities are made of the logits.
    ///
    /// - Parameter number: what is made of them.
    /// - Throws: `.notOfLogits` where the network says its scores itself.
    func link(_ number: String) throws(ChoiceError) -> Link {
        switch graph.probability {
        case .softmax: return .softmax
        case .sigmoid: return .sigmoid
        case .output, .number: throw .notOfLogits(number)
        }
    }

    /// Why a choice of targets is none of this network, whatever the photo.
    ///
    /// - Throws: the reason.
    public func check(_ targets: Explainer.Targets) throws(ChoiceError) {
        let scores = (0..<graph.classes).map {
            ClassScore(index: $0, label: labels?[$0], logit: 0, probability: 0)
        }
        _ = try TargetChoice(classifier: self, scores: scores).targets(targets)
    }
}
