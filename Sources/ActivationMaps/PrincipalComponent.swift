import COpenBLAS
import Imaging
import Network

/// The first principal component of a volume, linear or by a kernel. Its sign, which is arbitrary, is chosen so that the
/// number of the largest magnitude is positive. Of numbers that are not finite, all are NaN.
enum PrincipalComponent {
    /// With X = (pixels x channels), the mean of every channel subtracted, and v1 its first right singular vector: X v1.
    /// It is found from the smaller of X X^T and X^T X.
    ///
    /// - Parameter limit: of the memory, which is compared before any is allocated.
    static func map(of volume: FeatureMap, within limit: MemoryLimit) throws(Spectrum.Failure) -> Plane {
        let (pixels, channels) = (volume.area, volume.channels), spectrum = Spectrum.principalComponent
        try spectrum.check(volume, ofChannels: channels < pixels, within: limit)
        let x = volume.centred.values.map(Double.init)
        return try OpenBLAS.onOneThread { () throws(Spectrum.Failure) -> Plane in
            var products = spectrum.products(x, of: volume, ofChannels: channels < pixels)
            let (scale, vector) = try spectrum.leading(of: &products)[0]
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
    ) throws(Spectrum.Failure) -> Plane {
        let pixels = volume.area, spectrum = Spectrum.principalComponent
        try spectrum.check(volume, ofChannels: false, within: limit)
        let x = volume.centred.values.map(Double.init)
        return try OpenBLAS.onOneThread { () throws(Spectrum.Failure) -> Plane in
            var k = spectrum.products(x, of: volume, ofChannels: false)
            for i in k.indices { k[i] = kernel(k[i]) }
            let means = (0..<pixels).map { k[$0 * pixels..<($0 + 1) * pixels].reduce(0, +) / Double(pixels) }
            let mean = means.reduce(0, +) / Double(pixels)
            for i in 0..<pixels { for j in 0..<pixels { k[i * pixels + j] += mean - means[i] - means[j] } }
            let (scale, vector) = try spectrum.leading(of: &k)[0]
            return plane(vector.map { scale * $0 }, of: volume)
        }
    }

    /// Why there is no kernel principal component of so many places; nil where there is.
    static func fault(places: Int) -> Wording? {
        places <= Spectrum.mostRows
            ? nil
            : "a layer of \(places) places is too large for a matrix of all pairs of them, \(Spectrum.mostRows) are taken; "
                + "name a later one (\(.layers))"
    }

    private static func plane(_ component: [Double], of volume: FeatureMap) -> Plane {
        let largest = component.max { abs($0) < abs($1) } ?? 0
        return Plane(
            width: volume.width, height: volume.height, values: component.map { Float(largest < 0 ? -$0 : $0) })
    }
}
