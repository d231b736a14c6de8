import Platform

/// One of Pillow's resampling filters: the weight of an input by its distance from the output's centre, 0 beyond the
/// support.
enum ResamplingFilter {
    case box, bilinear, hamming, bicubic, lanczos

    /// In inputs; in outputs where the picture is reduced.
    var support: Double {
        switch self {
        case .box: 0.5
        case .bilinear, .hamming: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .box: return distance > -0.5 && distance <= 0.5 ? 1 : 0
        case .bilinear: return x < 1 ? 1 - x : 0
        // Pillow's two constants are single precision.
        case .hamming: return x < 1 ? sinc(x) * (Double(0.54 as Float) + Double(0.46 as Float) * cos(x * .pi)) : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        case .lanczos: return distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0
        }
    }

    private func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}

extension Preprocessing.Interpolation {
    /// nil for those that read one or two pixels an axis, whatever the reduction.
    var filter: ResamplingFilter? {
        switch self {
        case .bilinear: .bilinear
        case .bicubic: .bicubic
        case .lanczos: .lanczos
        case .box: .box
        case .hamming: .hamming
        case .nearest, .opencv: nil
        }
    }
}
