import Imaging
import Network

/// Deep feature factorisation: A - o = W H, nearly, with o_k = min(0, min A_k), W (channels x concepts) and H (concepts
/// x places) without a negative number.
///
/// Collins, Achanta and Süsstrunk, "Deep Feature Factorization For Concept Discovery", ECCV 2018, section 3.
struct Factorisation {
    /// A concept of the layer.
    struct Part: Sendable {
        /// W's column plus o: what the layer holds where the concept alone is there, as strong as at its strongest place.
        let features: [Float]
        /// H's row, its greatest number 1.
        let map: Plane
    }

    /// Without those that are the same everywhere, which tell nothing of places; none of numbers that are not finite.
    let parts: [Part]

    /// - Parameters:
    ///   - a: the layer's values.
    ///   - concepts: how many are wanted; there are fewer where the layer has no more channels or places that differ.
    ///   - limit: of memory.
    /// - Throws: `Spectrum.Failure`.
    init(_ a: FeatureMap, concepts: Int, within limit: MemoryLimit) throws {
        guard a.values.allSatisfy(\.isFinite) else {
            parts = []
            return
        }
        try Spectrum.concepts.check(a, ofChannels: a.channels < a.area, within: limit)
        let o = (0..<a.channels).map { min(0, a.channel($0).min() ?? 0) }
        let x = a.values.indices.map { Double(a.values[$0]) - Double(o[$0 / a.area]) }
        let factors = try NonNegativeFactors(x, of: a, rank: concepts)
        parts = (0..<factors.rank).compactMap { k in
            let w = factors.w[k * a.channels..<(k + 1) * a.channels], h = factors.h[k * a.area..<(k + 1) * a.area]
            guard let peak = h.max(), let least = h.min(), peak - least > 1e-5 * peak, w.contains(where: { $0 > 0 })
            else { return nil }
            return Part(
                features: zip(w, o).map { Float($0 * peak) + $1 },
                map: Plane(width: a.width, height: a.height, values: h.map { Float($0 / peak) }))
        }
    }
}
