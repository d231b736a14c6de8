import Imaging

/// The steps that all methods share once they have a raw map.
enum Normalise {
    /// (x - min) / (1e-7 + max(x - min)); a constant map becomes all zero.
    static func minMax(_ plane: Plane) -> Plane {
        guard let least = plane.values.min() else { return plane }
        var result = plane
        for i in result.values.indices { result.values[i] -= least }
        let range = 1e-7 + (result.values.max() ?? 0)
        for i in result.values.indices { result.values[i] /= range }
        return result
    }

    /// Raw maps of several layers as one map of the network's input: rectified, min-max normalised and enlarged each,
    /// then their mean, min-max normalised again.
    static func combine(_ raw: [Plane], width: Int, height: Int) -> Plane {
        var mean = [Float](repeating: 0, count: width * height)
        for plane in raw {
            let rectified = Plane(width: plane.width, height: plane.height, values: plane.values.map { max($0, 0) })
            let enlarged = minMax(rectified).resized(width: width, height: height)
            for i in mean.indices { mean[i] += enlarged.values[i] }
        }
        for i in mean.indices { mean[i] /= Float(raw.count) }
        return minMax(Plane(width: width, height: height, values: mean))
    }
}
