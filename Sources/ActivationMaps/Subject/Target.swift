import Network
import Platform

/// A method that explains one class was given another target.
public struct TargetFault: WordedError {
    let method: String

    /// What such a method wants.
    public static let advice: Wording =
        "it compares a class with others, by their logits; leave it out, or explain a class's logit"

    /// One line: what is wrong, and what to do.
    public var wording: Wording { "\(method) has no map here: " + Self.advice }
}

/// How a network makes a class's probability of the logits, and with it the class's cross entropy, -log p_c.
public enum Link: Sendable {
    /// p_c = exp(y_c) / sum exp(y): one class of many.
    case softmax
    /// p_c = 1 / (1 + exp(-y_c)): each class for itself.
    case sigmoid
}

/// The number Y that is explained, made of the numbers y of a network's `Graph.logits`, row-major.
public enum Target: Hashable, Sendable {
    /// A class's logit: y_c.
    case logit(Int)
    /// A class's probability: p_c.
    case probability(Int, Link = .softmax)
    /// A class's logit minus its cross entropy: y_c + log p_c. Cai, "CAMs as Shapley value-based explainers", The
    /// Visual Computer 2025, arXiv 2501.06261 (ReST).
    case rest(Int, Link = .softmax)
    /// One class against another: y_a - y_b.
    case difference(Int, Int)
    /// sum_c weight_c * y_c, one weight a class.
    case weights([Float])
    /// scale * sum of y at these places, one at least; a mean has the scale 1 / places.
    case sum([Int], scale: Float = 1)
    /// The greatest y of these places, one at least.
    case maximum([Int])
    /// The cosine of the angle between y and a reference of as many numbers: y r / max(|y| |r|, 1e-8).
    case similarity([Float])

    /// Y.
    public func value(_ y: [Float]) -> Float {
        switch self {
        case .logit(let c): return y[c]
        case .probability(let c, .softmax): return softmax(y)[c]
        case .probability(let c, .sigmoid): return sigmoid(y[c])
        case .rest(let c, .softmax): return y[c] + logSoftmax(y, at: c)
        case .rest(let c, .sigmoid): return y[c] + min(y[c], 0) - log1pf(expf(-abs(y[c])))
        case .difference(let a, let b): return y[a] - y[b]
        case .weights(let weights): return zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 }
        case .sum(let places, let scale): return scale * Float(places.reduce(0.0) { $0 + Double(y[$1]) })
        case .maximum(let places):
            return places.dropFirst().reduce(y[places[0]]) { $0.isNaN || y[$1] <= $0 ? $0 : y[$1] }
        case .similarity(let reference):
            let angle = Angle(y, reference)
            return Float(angle.product / max(angle.lengths.y * angle.lengths.reference, Angle.least))
        }
    }

    /// Its derivative by every y, at these. Of several greatest ones each has an equal share.
    public func cotangent(_ y: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: y.count)
        switch self {
        case .logit(let c): result[c] = 1
        case .probability(let c, .softmax):
            let p = softmax(y)
            // 1 - p_c as the sum of the others, which keeps its digits where p_c is next to 1.
            for k in p.indices where k != c {
                result[k] = -p[c] * p[k]
                result[c] += p[c] * p[k]
            }
        case .probability(let c, .sigmoid): result[c] = sigmoid(y[c]) * sigmoid(-y[c])
        case .rest(let c, .softmax):
            result = softmax(y).map { -$0 }
            result[c] += 2
        case .rest(let c, .sigmoid): result[c] = 1 + sigmoid(-y[c])
        case .difference(let a, let b):
            result[a] += 1
            result[b] -= 1
        case .weights(let weights):
            precondition(weights.count == y.count, "one weight a class")
            result = weights
        case .sum(let places, let scale):
            for place in places { result[place] += scale }
        case .maximum(let places):
            let greatest = value(y), equal = places.filter { y[$0] == greatest }
            for place in equal { result[place] += 1 / Float(equal.count) }
        case .similarity(let reference):
            let angle = Angle(y, reference), (length, other) = angle.lengths
            guard length * other > Angle.least else { return reference.map { Float(Double($0) / Angle.least) } }
            let along = angle.product / (length * length)
            result = zip(y, reference).map { Float((Double($1) - along * Double($0)) / (length * other)) }
        }
        return result
    }
}

/// What the cosine of two rows of numbers is made of.
private struct Angle {
    /// No product of lengths counts for less.
    static let least = 1e-8
    let product: Double
    let lengths: (y: Double, reference: Double)

    init(_ y: [Float], _ reference: [Float]) {
        precondition(y.count == reference.count, "as many numbers as the reference has")
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        product = dot(y, reference)
        lengths = (dot(y, y).squareRoot(), dot(reference, reference).squareRoot())
    }
}

private func sigmoid(_ y: Float) -> Float { 1 / (1 + expf(-y)) }

private func logSoftmax(_ y: [Float], at c: Int) -> Float {
    let greatest = y.max() ?? 0
    return y[c] - greatest - logf(y.reduce(0) { $0 + expf($1 - greatest) })
}
