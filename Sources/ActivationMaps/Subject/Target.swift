import Network

/// A method that explains one class was given another target.
public struct TargetFault: WordedError {
    let method: String

    /// One line: what is wrong, and what to do.
    public var wording: Wording { "\(method) explains a class against others; give it the logit of one class" }
}

/// The number that is explained, made of a network's logits.
public enum Target: Hashable, Sendable {
    /// A class's logit.
    case logit(Int)
    /// A class's softmax: exp(y_c) / sum exp(y).
    case probability(Int)
    /// One class against another: y_a - y_b.
    case difference(Int, Int)
    /// sum_c weight_c * y_c, one weight a class.
    case weights([Float])

    /// The number.
    public func value(_ logits: [Float]) -> Float {
        switch self {
        case .logit(let index): logits[index]
        case .probability(let index): softmax(logits)[index]
        case .difference(let a, let b): logits[a] - logits[b]
        case .weights(let weights): zip(weights, logits).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// Its derivative by every logit, at these logits.
    public func cotangent(_ logits: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: logits.count)
        switch self {
        case .logit(let index): result[index] = 1
        case .probability(let index):
            let p = softmax(logits)
            for c in p.indices { result[c] = p[index] * ((c == index ? 1 : 0) - p[c]) }
        case .difference(let a, let b):
            result[a] += 1
            result[b] -= 1
        case .weights(let weights):
            precondition(weights.count == logits.count, "one weight a class")
            result = weights
        }
        return result
    }
}
