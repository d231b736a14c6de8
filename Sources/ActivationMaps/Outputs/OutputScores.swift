import Network
import Platform

extension ClassScore {
    /// All classes of a row of a network's numbers, best first; those of a segmentation by how many pixels they win,
    /// those of a detector by their best boxes. None of numbers that are no classes'.
    ///
    /// - Parameters:
    ///   - stated: the numbers of `graph.probability.value`, where there are any.
    ///   - pixels: of a segmentation, where it is known already.
    static func ranked(
        _ row: [Float], of graph: Graph, stated: [Float]?, labels: [String]?, pixels: PixelClasses? = nil
    ) -> [ClassScore] {
        func score(_ index: Int, _ logit: Float, _ probability: Float) -> ClassScore {
            ClassScore(index: index, label: labels?[index], logit: logit, probability: probability)
        }
        switch graph.form {
        case .pixels(let form):
            let pixels = pixels ?? form.winners(of: row)
            return pixels.ranking.map {
                score($0, Float(pixels.sums[$0]), Float(pixels.counts[$0]) / Float(form.area))
            }
        case .boxes(let form):
            let best = form.bestOfEachClass(in: row), found = Set(best.map(\.category))
            return best.map { score($0.category, row[$0.place], $0.score) }
                + (0..<form.classes).lazy.filter { !found.contains($0) }.map { score($0, .nan, .nan) }
        case .classes: return ranked(row, graph.probability, stated: stated, labels: labels)
        case .embedding, .numbers: return []
        }
    }
}

extension PixelClasses {
    /// The classes that win the most pixels first; of equals the greater sum.
    fileprivate var ranking: [Int] {
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            counts[a] == counts[b] ? sums[a] > sums[b] || (sums[a] == sums[b] && a < b) : counts[a] > counts[b]
        }
        return counts.indices.sorted(by: isBefore)
    }
}

extension RecordedImage {
    /// What is explained of a class of a segmentation: the sum of its numbers over the pixels that it wins.
    ///
    /// - Throws: `.winsNothing` where it wins none.
    func target(of category: Int, named name: String, _ form: PixelForm) throws(ChoiceError) -> Target {
        let places = form.places(of: category, in: pixelClasses(form))
        guard !places.isEmpty else { throw .winsNothing(name, "pixel") }
        return .sum(places, scale: form.sign(of: category))
    }
}
