import COpenBLAS
import Network

/// X = W H, nearly: the factors without a negative number that leave the least sum of squares, as far as a descent from
/// a fixed beginning finds them.
///
/// The beginning is NNDSVD: Boutsidis and Gallopoulos, "SVD based initialization: A head start for nonnegative matrix
/// factorization", Pattern Recognition 2008, section 2.3. The descent takes one row of a factor after another to its own
/// optimum: Cichocki and Phan, "Fast local algorithms for large scale nonnegative matrix and tensor factorizations",
/// IEICE 2009, algorithm 2 (HALS). Both as scikit-learn's `NMF(init="nndsvd", solver="cd")`, with its tolerance and its
/// most steps.
struct NonNegativeFactors {
    /// W transposed, rank x channels, and H, rank x places.
    private(set) var w, h: [Double]
    /// As asked for, or the rank of X.
    let rank: Int

    private static let tolerance = 1e-4, mostSteps = 200
    /// Singular values below that share of the greatest are rounding.
    private static let leastRoot = 1e-6

    /// - Parameters:
    ///   - x: channels x places, where the map has its numbers; none is negative. `Spectrum.check` found that it fits.
    ///   - most: as many columns W has at the most.
    init(_ x: [Double], of map: FeatureMap, rank most: Int) throws(Spectrum.Failure) {
        let (c, p) = (map.channels, map.area)
        (w, h, self.rank) = try OpenBLAS.onOneThread { () throws(Spectrum.Failure) in
            let triplets = try Self.singular(x, of: map, count: min(most, c, p)), rank = triplets.count
            guard rank > 0 else { return ([], [], 0) }
            var (w, h) = ([Double](), [Double]())
            for (place, triplet) in triplets.enumerated() {
                let (u, v) = Self.beginning(triplet, isFirst: place == 0)
                w += u
                h += v
            }
            var first = 0.0
            for step in 0..<Self.mostSteps {
                // H X^T, then W^T X.
                let change =
                    Self.descend(&w, by: Self.product(h, x, transposed: true, rank, c, p), Self.product(of: h, rank))
                    + Self.descend(&h, by: Self.product(w, x, transposed: false, rank, p, c), Self.product(of: w, rank))
                if step == 0 { first = change }
                if change <= Self.tolerance * first { break }
            }
            return (w, h, rank)
        }
    }

    private typealias Triplet = (root: Double, u: [Double], v: [Double])

    /// X's greatest singular values with their vectors, from the smaller of X X^T and X^T X.
    private static func singular(
        _ x: [Double], of map: FeatureMap, count: Int
    ) throws(Spectrum.Failure) -> [Triplet] {
        let (c, p) = (map.channels, map.area), ofChannels = c < p, spectrum = Spectrum.concepts
        var products = spectrum.products(x, of: map, ofChannels: ofChannels)
        let found = try spectrum.leading(count, of: &products)
        return found.prefix { $0.root > Self.leastRoot * found[0].root }.map { root, vector in
            var other = [Double](repeating: 0, count: ofChannels ? p : c)
            cblas_dgemv(
                CblasRowMajor, ofChannels ? CblasTrans : CblasNoTrans, Int32(c), Int32(p), 1 / root, x, Int32(p),
                vector, 1, 0, &other, 1)
            return (root, ofChannels ? vector : other, ofChannels ? other : vector)
        }
    }

    /// A column of W and a row of H: of u and v that part, positive or negative in both, whose product is larger.
    private static func beginning(_ triplet: Triplet, isFirst: Bool) -> (w: [Double], h: [Double]) {
        func part(_ sign: Double) -> (size: Double, u: [Double], v: [Double]) {
            let (u, v) = (triplet.u.map { max(sign * $0, 0) }, triplet.v.map { max(sign * $0, 0) })
            let (a, b) = (norm(u), norm(v))
            guard a * b > 0 else { return (0, u, v) }
            return (a * b, u.map { $0 / a }, v.map { $0 / b })
        }
        let (plus, minus) = (part(1), part(-1)), larger = plus.size > minus.size ? plus : minus
        // All of the first one's numbers have one sign, but for rounding.
        let (size, u, v) = isFirst ? (1, triplet.u.map(abs), triplet.v.map(abs)) : larger
        let scale = (triplet.root * size).squareRoot()
        return (u.map { scale * $0 }, v.map { scale * $0 })
    }

    private static func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// A factor (rank x inner) times X or its transpose (inner x count).
    private static func product(
        _ factor: [Double], _ x: [Double], transposed: Bool, _ rank: Int, _ count: Int, _ inner: Int
    ) -> [Double] {
        var result = [Double](repeating: 0, count: rank * count)
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, Int32(rank), Int32(count),
            Int32(inner), 1, factor, Int32(inner), x, Int32(transposed ? inner : count), 0, &result, Int32(count))
        return result
    }

    /// A factor's rows with one another.
    private static func product(of factor: [Double], _ rank: Int) -> [Double] {
        product(factor, factor, transposed: true, rank, rank, factor.count / rank)
    }

    /// Takes one row after another to where it is best as the others stand: f_t = max(0, f_t + (b_t - G_t F) / G_tt).
    ///
    /// - Parameters:
    ///   - b: the other factor times X, of the factor's shape.
    ///   - gram: G, the other factor's rows with one another.
    /// - Returns: the sum of the slopes' magnitudes that were met; those that lead below 0 do not count.
    private static func descend(_ factor: inout [Double], by b: [Double], _ gram: [Double]) -> Double {
        let rank = Int(Double(gram.count).squareRoot()), count = factor.count / rank
        var met = 0.0
        for t in 0..<rank {
            let own = gram[t * rank + t]
            for i in t * count..<(t + 1) * count {
                var slope = -b[i]
                for r in 0..<rank { slope += gram[t * rank + r] * factor[i + (r - t) * count] }
                met += factor[i] == 0 ? max(-slope, 0) : abs(slope)
                if own > 0 { factor[i] = max(factor[i] - slope / own, 0) }
            }
        }
        return met
    }
}
