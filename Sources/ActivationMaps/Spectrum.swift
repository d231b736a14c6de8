import CLAPACKE
import COpenBLAS
import Network

/// Products of a feature map with itself, and what these are mostly made of. In double precision, as squares have twice
/// the digits; to be called within `OpenBLAS.onOneThread`.
struct Spectrum {
    /// It cannot be computed.
    struct Failure: WordedError {
        let wording: Wording
    }

    /// What is asked for, of a layer, and how users do without.
    let purpose, remedy: Wording

    static let principalComponent = Spectrum(
        purpose: "its principal component", remedy: "leave it out (\(.eigenSmooth), \(.methods))")
    static let concepts = Spectrum(purpose: "its concepts", remedy: "leave them out")

    /// Rows of the greatest matrix that is taken apart.
    static let mostRows = 1 << 12

    /// Compares what products of a map, and what is made of them, take with a limit, and allocates nothing.
    func check(_ map: FeatureMap, ofChannels: Bool, within limit: MemoryLimit) throws(Failure) {
        let count = ofChannels ? map.channels : map.area
        guard count <= Self.mostRows, max(map.area, map.channels) <= Int32.max else {
            throw Failure(
                wording: "a layer of \(map.channels) channels and \(map.width) x \(map.height) places is too large for "
                    + "\(purpose); name another one (\(.layers)), or \(remedy)")
        }
        do throws(MemoryShortage) {
            // Doubles: the matrix, its vectors, and the map twice.
            try Memory.check(
                2 * (2 * count * count + 2 * map.values.count), within: limit, for: "of a layer " + purpose)
        } catch {
            throw Failure(wording: error.wording)
        }
    }

    /// X X^T, of pixels with pixels, or X^T X, of channels with channels.
    ///
    /// - Parameter x: the map's numbers, or others in their places: channel after channel, which is X column by column.
    /// - Precondition: `check` found that it fits.
    func products(_ x: [Double], of map: FeatureMap, ofChannels: Bool) -> [Double] {
        let (pixels, channels) = (map.area, map.channels), count = ofChannels ? channels : pixels
        var result = [Double](repeating: 0, count: count * count)
        cblas_dsyrk(
            CblasColMajor, CblasUpper, ofChannels ? CblasTrans : CblasNoTrans, Int32(count),
            Int32(ofChannels ? pixels : channels), 1, x, Int32(pixels), 0, &result, Int32(count))
        for i in 0..<count { for j in 0..<i { result[j * count + i] = result[i * count + j] } }
        return result
    }

    /// The roots of a symmetric matrix's greatest eigenvalues, and their vectors, the greatest first; of numbers that are
    /// not finite, NaN. The matrix is overwritten.
    ///
    /// - Parameter wanted: how many; no more than the matrix has rows.
    func leading(_ wanted: Int = 1, of matrix: inout [Double]) throws(Failure) -> [(root: Double, vector: [Double])] {
        let count = Int(Double(matrix.count).squareRoot()), n = Int32(count)
        guard matrix.allSatisfy(\.isFinite) else {
            return (0..<wanted).map { _ in (.nan, [Double](repeating: .nan, count: count)) }
        }
        var values = [Double](repeating: 0, count: count)
        var vectors = [Double](repeating: 0, count: wanted * count)
        var support = [Int32](repeating: 0, count: 2 * wanted), found: Int32 = 0
        let status = LAPACKE_dsyevr(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")), CChar(UInt8(ascii: "U")), n, &matrix,
            n, 0, 0, n + 1 - Int32(wanted), n, 0, &found, &values, &vectors, n, &support)
        guard status == 0, found == wanted else {
            throw Failure(
                wording: "of a layer \(purpose) did not converge; name another one (\(.layers)), or \(remedy)")
        }
        return (0..<wanted).reversed().map { place in
            (max(values[place], 0).squareRoot(), Array(vectors[place * count..<(place + 1) * count]))
        }
    }
}
