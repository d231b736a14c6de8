import CLAPACKE
import Imaging
import Network

/// The first principal component of a volume: with X = (pixels x channels), the mean of every channel subtracted, and
/// v1 its first right singular vector, X v1. Its sign, which is arbitrary, is chosen so that the number of the largest
/// magnitude is positive.
enum PrincipalComponent {
    /// LAPACK did not converge.
    struct Failure: WordedError {
        let wording: Wording = "the principal component of the activations did not converge; leave \(.eigenSmooth) out"
    }

    static func map(of volume: FeatureMap) throws(Failure) -> Plane {
        let (pixels, channels) = (volume.area, volume.channels)
        // LAPACK counts in 32 bits, the squares of the smaller extent too.
        guard max(pixels, channels) <= Int32.max, min(pixels, channels) <= 1 << 14 else { throw Failure() }
        var x = [Float](repeating: 0, count: pixels * channels)
        for k in 0..<channels {
            let channel = volume.channel(k)
            let mean = channel.reduce(0, +) / Float(pixels)
            for (i, value) in channel.enumerated() { x[i * channels + k] = value - mean }
        }
        let rank = min(pixels, channels)
        var singular = [Float](repeating: 0, count: rank)
        var u = [Float](repeating: 0, count: pixels * rank)
        var vt = [Float](repeating: 0, count: rank * channels)
        let status = OpenBLAS.onOneThread {
            LAPACKE_sgesdd(
                LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "S")), Int32(pixels), Int32(channels), &x, Int32(channels),
                &singular, &u, Int32(rank), &vt, Int32(channels))
        }
        guard status == 0 else { throw Failure() }
        // X v1 = sigma1 u1.
        let component = (0..<pixels).map { singular[0] * u[$0 * rank] }
        let largest = component.max { abs($0) < abs($1) } ?? 0
        return Plane(width: volume.width, height: volume.height, values: component.map { largest < 0 ? -$0 : $0 })
    }
}
