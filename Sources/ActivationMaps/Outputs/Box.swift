import Imaging
import Network
import Platform

/// A box of a detector, with one of its classes.
public struct Box: Sendable, Equatable {
    /// Its number among the network's boxes.
    public let index: Int
    public let category: Int
    /// 0..1: the class's score, times the box's own where there is one.
    public let score: Float
    /// Where it is, in pixels of the network's input.
    public let rectangle: Rectangle
    /// Where the number of its class stands in the network's row.
    public let place: Int
}

extension BoxForm {
    /// All boxes of a row of a network's numbers, each with its best class, in the network's order.
    public func boxes(in row: [Float]) -> [Box] {
        let scores = BoxScores(row, self)
        return (0..<count).map { box(at: $0, of: scores.best(of: $0), scores) }
    }

    /// A box by its number.
    ///
    /// - Parameter category: nil: its best.
    public func box(_ index: Int, of category: Int? = nil, in row: [Float]) -> Box {
        let scores = BoxScores(row, self)
        return box(at: index, of: category ?? scores.best(of: index), scores)
    }

    /// The box of the highest score, or the one that overlaps with a given one the most; nil where none has a finite
    /// score, or overlaps at all.
    ///
    /// - Parameter category: of this class; nil: each of its best.
    public func best(in row: [Float], of category: Int? = nil, overlapping rectangle: Rectangle? = nil) -> Box? {
        let scores = BoxScores(row, self)
        var best: (key: Double, box: Box)?
        for index in 0..<count {
            let box = box(at: index, of: category ?? scores.best(of: index), scores)
            let key = rectangle.map { box.rectangle.overlap(with: $0) } ?? Double(box.score)
            guard key.isFinite, key > best?.key ?? (rectangle == nil ? -1 : 0) else { continue }
            best = (key, box)
        }
        return best?.box
    }

    /// Of each class its best box; those of the highest scores first.
    public func bestOfEachClass(in row: [Float]) -> [Box] {
        let scores = BoxScores(row, self)
        var best: [(score: Float, index: Int)?] = Array(repeating: nil, count: classes)
        for index in 0..<count {
            for category in 0..<classes {
                let score = scores.score(index, category)
                if score.isFinite, score > best[category]?.score ?? -1 { best[category] = (score, index) }
            }
        }
        let boxes = best.enumerated().compactMap { category, best in
            best.map { box(at: $0.index, of: category, scores) }
        }
        return boxes.sorted { ($1.score, $0.category) < ($0.score, $1.category) }
    }

    private func box(at index: Int, of category: Int, _ scores: BoxScores) -> Box {
        func number(_ k: Int, _ scale: Float) -> Double { Double(scores.row[place(k, of: index)] * scale) }
        let (a, b, c, d) = (number(0, scaleX), number(1, scaleY), number(2, scaleX), number(3, scaleY))
        return Box(
            index: index, category: category, score: scores.score(index, category),
            rectangle: sides == .corners
                ? Rectangle(x0: a, y0: b, x1: c, y1: d)
                : Rectangle(x0: a - c / 2, y0: b - d / 2, x1: a + c / 2, y1: b + d / 2),
            place: place(ofClass: category, of: index))
    }
}

/// What a detector's row says of its boxes' classes.
private struct BoxScores {
    let row: [Float]
    private let form: BoxForm
    /// Whether the numbers are logits of sigmoids.
    private let areLogits: Bool

    init(_ row: [Float], _ form: BoxForm) {
        (self.row, self.form) = (row, form)
        areLogits =
            form.score == .own
            && (0..<form.count).contains { box in
                (0..<form.classes).contains { !(0...1 + 1e-3).contains(row[form.place(ofClass: $0, of: box)]) }
            }
    }

    /// The class of the greatest number.
    func best(of box: Int) -> Int {
        var best = 0
        for category in 1..<max(form.classes, 1)
        where row[form.place(ofClass: category, of: box)] > row[form.place(ofClass: best, of: box)] { best = category }
        return best
    }

    func score(_ box: Int, _ category: Int) -> Float {
        let number = row[form.place(ofClass: category, of: box)]
        switch form.score {
        case .own:
            let score = areLogits ? 1 / (1 + expf(-number)) : number
            guard form.hasObjectness else { return score }
            let own = row[form.place(4, of: box)]
            return score * (areLogits ? 1 / (1 + expf(-own)) : own)
        case .softmaxWithNothing:
            let sum = (0...form.classes).reduce(Float(0)) {
                $0 + expf(row[form.place(ofClass: $1, of: box)] - number)
            }
            return 1 / sum
        }
    }
}
