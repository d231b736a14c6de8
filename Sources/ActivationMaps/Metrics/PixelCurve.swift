import Network

/// The curve of the score while the pixels of one picture become another's in a map's order: the greatest first, of
/// equal ones that which comes first, row by row.
enum PixelCurve {
    /// As many steps, or one a pixel where there are fewer pixels.
    static let steps = 224
    static let cost = Cost(passes: "\(steps + 1) forward", madeOf: "photos with ever more pixels changed")
    static let needs = Needs(images: steps + 1)

    /// The area under the curve by trapezoids, both ends included, the whole way counted as 1; NaN where the map has no
    /// order.
    ///
    /// - Parameters:
    ///   - first: channels x height x width, as fed.
    ///   - last: the same.
    static func area(of map: JudgedMap, _ subject: Subject, from first: [Float], to last: [Float]) throws -> Double {
        guard map.hasOrder else { return .nan }
        let ranks = ranks(map.plane.values), area = ranks.count
        let pixels = (area + steps - 1) / steps, count = (area + pixels - 1) / pixels
        let scores = try subject.confidences(
            .written(count + 1) { step, target in
                let changed = Int32(min(step * pixels, area))
                for i in target.indices { target[i] = ranks[i % area] < changed ? last[i] : first[i] }
            }
        ).map(Double.init)
        return (scores.reduce(0, +) - (scores.first! + scores.last!) / 2) / Double(count)
    }

    /// Every pixel's place in the order.
    private static func ranks(_ values: [Float]) -> [Int32] {
        var ranks = [Int32](repeating: 0, count: values.count)
        let order = values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1] }
        for (rank, pixel) in order.enumerated() { ranks[pixel] = Int32(rank) }
        return ranks
    }
}
