import Imaging

/// How the maps of several layers become one, number by number.
public enum LayerFusion: String, CaseIterable, Sendable {
    case mean, max, product
}

/// The steps that all methods share once they have a raw map.
struct Normalise {
    /// Of the layers' maps, each normalised and enlarged.
    var fusion = LayerFusion.mean
    /// Whether what speaks against the target keeps its sign; else it counts as nothing.
    var isSigned = false

    /// (x - min) / (1e-7 + max(x - min)); a constant map becomes all zero.
    static func minMax(_ plane: Plane) -> Plane {
        let (least, greatest) = bounds(plane.values), range = 1e-7 + (greatest - least)
        return plane.map { ($0 - least) / range }
    }

    /// The least and the greatest number, besides NaN.
    private static func bounds(_ values: [Float]) -> (least: Float, greatest: Float) {
        typealias Lanes = SIMD8<Float>
        return values.withUnsafeBytes { bytes in
            let whole = values.count / Lanes.scalarCount * Lanes.scalarCount
            var (least, greatest) = (Lanes(repeating: .infinity), Lanes(repeating: -.infinity))
            for i in stride(from: 0, to: whole, by: Lanes.scalarCount) {
                let lanes = bytes.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self)
                least.replace(with: lanes, where: lanes .< least)
                greatest.replace(with: lanes, where: lanes .> greatest)
            }
            let rest = values[whole...]
            return (
                Swift.min(least.min(), rest.min() ?? .infinity), Swift.max(greatest.max(), rest.max() ?? -.infinity)
            )
        }
    }

    /// x / (1e-7 + max(abs(x))): -1..1, and 0 stays 0.
    static func byMagnitude(_ plane: Plane) -> Plane {
        let most = 1e-7 + plane.values.reduce(0) { Swift.max($0, abs($1)) }
        return plane.map { $0 / most }
    }

    /// Raw maps of several layers as one map of the network's input: rectified, min-max normalised and enlarged each,
    /// then their mean, maximum or product, min-max normalised again. Signed maps are divided by their greatest
    /// magnitude instead; of their maximum the number of the greatest magnitude holds.
    func combine(_ raw: [Plane], width: Int, height: Int) -> Plane {
        fused(raw.map { normalised($0).resized(width: width, height: height) })
    }

    /// The same without being enlarged: enlarged and normalised again, it is that map. nil where there is no such map:
    /// of several layers that differ in size, or of which not the mean is taken.
    func combineUnenlarged(_ raw: [Plane]) -> Plane? {
        let (width, height) = (raw[0].width, raw[0].height)
        guard raw.count == 1 || fusion == .mean && raw.allSatisfy({ $0.width == width && $0.height == height }) else {
            return nil
        }
        return fused(raw.map(normalised))
    }

    /// - Parameter planes: of one size.
    private func fused(_ planes: [Plane]) -> Plane {
        var fused = planes[0].values
        for layer in planes.dropFirst().map(\.values) {
            switch fusion {
            case .mean: for i in fused.indices { fused[i] += layer[i] }
            case .max: for i in fused.indices where abs(layer[i]) > abs(fused[i]) { fused[i] = layer[i] }
            case .product: for i in fused.indices { fused[i] *= layer[i] }
            }
        }
        // A number by 1 is that number.
        if fusion == .mean, planes.count > 1 { for i in fused.indices { fused[i] /= Float(planes.count) } }
        let plane = Plane(width: planes[0].width, height: planes[0].height, values: fused)
        return isSigned ? Self.byMagnitude(plane) : Self.minMax(plane)
    }

    private func normalised(_ raw: Plane) -> Plane {
        isSigned ? Self.byMagnitude(raw) : Self.minMax(raw.map { Swift.max($0, 0) })
    }
}

extension Plane {
    /// A plane of function(x) for each number x.
    @inline(__always)
    fileprivate func map(_ function: (Float) -> Float) -> Plane {
        let mapped = [Float](unsafeUninitializedCapacity: values.count) { target, count in
            values.withUnsafeBufferPointer {
                for i in $0.indices { target.initializeElement(at: i, to: function($0[i])) }
            }
            count = values.count
        }
        return Plane(width: width, height: height, values: mapped)
    }
}
