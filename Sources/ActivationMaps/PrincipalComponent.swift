import CLAPACKE
import COpenBLAS
import Imaging
import Network

/// The first principal component of a volume, linear or by a kernel. Its sign, which is arbitrary, is chosen so that the
/// number of the largest magnitude is positive. Of numbers that are not finite, all are NaN.
enum PrincipalComponent {
    /// It cannot be computed.
    struct Failure: WordedError {
        let wording: Wording
    }

    /// With X = (pixels x channels), the mean of every channel subtracted, and v1 its first right singular vector: X v1.
    /// It is found from the smaller of X X^T and X^T X.
    ///
    /// - Parameter limit: of the memory, which is compared before any is allocated.
    static func map(of volume: FeatureMap, within limit: MemoryLimit) throws(Failure) -> Plane {
        try check(volume, count: min(volume.area, volume.channels), within: limit)
        let (pixels, channels) = (volume.area, volume.channels), x = volume.centred.values.map(Double.init)
        return try OpenBLAS.onOneThread { () throws(Failure) -> Plane in
            var squares = products(x, of: volume, ofChannels: channels < pixels)
            let (scale, vector) = try leading(&squares)
            guard channels < pixels else { return plane(vector.map { scale * $0 }, of: volume) }
            var component = [Double](repeating: 0, count: pixels)
            cblas_dgemv(
                CblasColMajor, CblasNoTrans, Int32(pixels), Int32(channels), 1, x, Int32(pixels), vector, 1, 0,
                &component, 1)
            return plane(component, of: volume)
        }
    }

    /// With x_i the channels at pixel i, the mean of every channel subtracted, and K_ij = kernel(x_i . x_j), the mean of
    /// every row and column of which is subtracted, too: sqrt(lambda1) v1, its greatest eigenvalue and that one's vector.
    /// Schoelkopf, Smola and Mueller, "Nonlinear component analysis as a kernel eigenvalue problem", 1998, section 3.
    static func map(
        of volume: FeatureMap, within limit: MemoryLimit, kernel: (Double) -> Double
    ) throws(Failure) -> Plane {
        try check(volume, count: volume.area, within: limit)
        let pixels = volume.area, x = volume.centred.values.map(Double.init)
        return try OpenBLAS.onOneThread { () throws(Failure) -> Plane in
            var k = products(x, of: volume, ofChannels: false)
            for i in k.indices { k[i] = kernel(k[i]) }
            let means = (0..<pixels).map { k[$0 * pixels..<($0 + 1) * pixels].reduce(0, +) / Double(pixels) }
            let mean = means.reduce(0, +) / Double(pixels)
            for i in 0..<pixels { for j in 0..<pixels { k[i * pixels + j] += mean - means[i] - means[j] } }
            let (scale, vector) = try leading(&k)
            return plane(vector.map { scale * $0 }, of: volume)
        }
    }

    /// Rows of the greatest matrix.
    private static let mostRows = 1 << 12

    /// Why there is no kernel principal component of so many places; nil where there is.
    static func fault(places: Int) -> Wording? {
        places <= mostRows
            ? nil
            : "a layer of \(places) places is too large for a matrix of all pairs of them, \(mostRows) "
                + "are taken; name a later one (\(.layers))"
    }

    /// The matrix, what LAPACK works in, and X.
    private static func check(_ volume: FeatureMap, count: Int, within limit: MemoryLimit) throws(Failure) {
        guard count <= mostRows, max(volume.area, volume.channels) <= Int32.max else {
            throw Failure(
                wording:
                    "a layer of \(volume.channels) channels and \(volume.width) x \(volume.height) places is too large "
                    + "for its principal component; name another one (\(.layers)), or leave it out (\(.eigenSmooth), "
                    + "\(.methods))")
        }
        do throws(MemoryShortage) {
            try Memory.check(2 * (count * count + 2 * volume.values.count), within: limit, for: "a principal component")
        } catch {
            throw Failure(wording: error.wording)
        }
    }

    /// X X^T, of pixels with pixels, or X^T X, of channels with channels. X stands channel after channel, as a matrix
    /// column by column. In double precision, as squares have twice the digits.
    private static func products(_ x: [Double], of volume: FeatureMap, ofChannels: Bool) -> [Double] {
        let (pixels, channels) = (volume.area, volume.channels), count = ofChannels ? channels : pixels
        var result = [Double](repeating: 0, count: count * count)
        cblas_dsyrk(
            CblasColMajor, CblasUpper, ofChannels ? CblasTrans : CblasNoTrans, Int32(count),
            Int32(ofChannels ? pixels : channels), 1, x, Int32(pixels), 0, &result, Int32(count))
        for i in 0..<count { for j in 0..<i { result[j * count + i] = result[i * count + j] } }
        return result
    }

    /// The root of the greatest eigenvalue of a symmetric matrix, and its vector; of numbers that are not finite, NaN. The
    /// matrix is overwritten.
    private static func leading(_ matrix: inout [Double]) throws(Failure) -> (root: Double, vector: [Double]) {
        let count = Int(Double(matrix.count).squareRoot()), n = Int32(count)
        guard matrix.allSatisfy(\.isFinite) else { return (.nan, [Double](repeating: .nan, count: count)) }
        var values = [Double](repeating: 0, count: count), vector = values
        var support: [Int32] = [0, 0], found: Int32 = 0
        let status = LAPACKE_dsyevr(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")), CChar(UInt8(ascii: "U")), n, &matrix,
            n, 0, 0, n, n, 0, &found, &values, &vector, n, &support)
        guard status == 0, found == 1 else {
            throw Failure(
                wording: "the principal component of the activations did not converge; name another layer "
                    + "(\(.layers)), or leave it out (\(.eigenSmooth), \(.methods))")
        }
        return (max(values[0], 0).squareRoot(), vector)
    }

    private static func plane(_ component: [Double], of volume: FeatureMap) -> Plane {
        let largest = component.max { abs($0) < abs($1) } ?? 0
        return Plane(
            width: volume.width, height: volume.height, values: component.map { Float(largest < 0 ? -$0 : $0) })
    }
}
