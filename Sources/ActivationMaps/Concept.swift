import Imaging
import Network

/// A part of what a layer holds of a photo, found by deep feature factorisation: where it is, and for which class it
/// speaks.
public struct Concept: Sendable {
    /// The class that the network sees where the layer holds this concept alone, at every place.
    public let index: Int
    /// nil where nobody tells labels.
    public let label: String?
    /// What the network says of the class then: the softmax or sigmoid of its logit; the logit itself where the network
    /// says its scores by another value (`Probability.value`).
    public let score: Float
    /// 0..1 over the network's input, height x width.
    public let input: Plane
    /// The same on the layer's own grid, which enlarged is that map.
    public let layer: Plane
    /// The share of the network's input at which it is the strongest of the concepts, 0..1.
    public let share: Float
    /// Where the network's input lies on the photo.
    let placement: Placement

    /// The map over the photo, height x width, made anew by each call; 0 where the network did not look.
    public var photo: Plane { placement.restore(input) }

    /// The rows of `photo`, which is never whole in memory.
    public var photoRows: PlaneRows { placement.rows(of: input) }

    /// The same over the photo at another size.
    public func photoRows(width: Int, height: Int) -> PlaneRows {
        placement.rows(of: input, width: width, height: height)
    }
}

extension Subject {
    /// The concepts of the first layer, the one of the largest share first; blind to the target.
    ///
    /// - Throws: `Spectrum.Failure`, `NetworkError`.
    func concepts(_ count: Int, labels: [String]?, placement: Placement) throws -> [Concept] {
        guard graph.form.hasClasses else { throw ChoiceError.noClasses }
        let layer = layers[0], shape = graph.inputShape
        let parts = try Factorisation(activation(layer), concepts: count, within: graph.limits.memory).parts
        guard !parts.isEmpty else { return [] }
        let graph = graph
        let classes = try scores(
            replacing: layer, count: parts.count,
            keeping: { ClassScore.ranked($0, of: graph, stated: nil, labels: labels)[0] }
        ) { $1.fill(parts[$0].features) }
        let grids = parts.map { Normalise.minMax($0.map) }
        let maps = grids.map { $0.resized(width: shape[3], height: shape[2]) }
        let shares = Self.shares(of: maps)
        return parts.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }.map { k in
            let best = classes[k]
            return Concept(
                index: best.index, label: best.label,
                score: graph.probability.value == nil ? best.probability : best.logit, input: maps[k],
                layer: grids[k], share: shares[k], placement: placement)
        }
    }

    /// The share of places at which each map is the strongest; a place where all are 0 is none's.
    private static func shares(of maps: [Plane]) -> [Float] {
        var counts = [Int](repeating: 0, count: maps.count)
        for i in maps[0].values.indices {
            let best = maps.indices.max { (maps[$0].values[i], $1) < (maps[$1].values[i], $0) }!
            if maps[best].values[i] > 0 { counts[best] += 1 }
        }
        return counts.map { Float($0) / Float(maps[0].values.count) }
    }
}
