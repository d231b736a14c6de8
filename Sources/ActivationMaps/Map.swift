import Imaging
import Network
import Platform

/// A method's map for one class.
public struct Map: Sendable {
    /// The method's name.
    public let method: String
    /// 0..1 over the network's input, height x width; -1..1 where it is signed.
    public let input: Plane
    /// The same, normalised by its own least and greatest number, on the grid that it was made on: the layer's own,
    /// which covers the network's input; the input's where it was made there, as maps of layers of different grids are.
    public let layer: Plane
    /// Where the network's input lies on the photo.
    let placement: Placement
    /// The least and the greatest number of the raw map, over all layers, before anything was rectified or scaled.
    public let rawMinimum, rawMaximum: Float
    /// The share of the raw map's magnitudes that is negative, 0..1: evidence against the target.
    public let negativeShare: Float
    /// What the user should know of how it was made, such as how complete an attribution is; mostly nil.
    public let remark: Wording?

    /// The same over the photo, height x width, made anew by each call; 0 where the network did not look.
    public var photo: Plane { placement.restore(input) }

    /// The rows of `photo`, which is never whole in memory.
    public var photoRows: PlaneRows { placement.rows(of: input) }

    /// The same over the photo at another size.
    public func photoRows(width: Int, height: Int) -> PlaneRows {
        placement.rows(of: input, width: width, height: height)
    }

    /// Whether the map is all zero: nothing at the layer speaks for the class, nor, if it is signed, against it.
    public var isBlank: Bool { input.values.allSatisfy { $0 == 0 } }

    /// Whether it is paler than it should be, as the raw map's numbers are hardly more than what its normalisation adds
    /// to them, 1e-7.
    public var isPale: Bool { max(rawMaximum, -rawMinimum) < 1e-5 }

    /// Whether the map and what it was made of are finite numbers.
    public var isFinite: Bool {
        rawMinimum.isFinite && rawMaximum.isFinite && input.values.allSatisfy(\.isFinite)
    }
}

/// A map over the network's input, before it is laid over the photo.
struct UnplacedMap {
    let plane: Plane
    /// Before it was enlarged, see `Map.layer`.
    let layer: Plane
    let rawMinimum, rawMaximum, negativeShare: Float
    let remark: Wording?

    /// - Parameters:
    ///   - raw: what a method gave.
    ///   - graph: whose input it lies over.
    init(_ raw: RawMap, eigenSmooth: Bool, normalise: Normalise = .init(), of graph: Graph) throws {
        let (width, height, limit) = (graph.inputShape[3], graph.inputShape[2], graph.limits.memory)
        switch raw {
        case .channels(let maps):
            self.init(
                raw: try maps.map { eigenSmooth ? try PrincipalComponent.map(of: $0, within: limit) : $0.summed() },
                normalise,
                width: width, height: height)
        case .planes(let planes): self.init(raw: planes, normalise, width: width, height: height)
        case .input(let map): self.init(raw: [map.strongest()], normalise, width: width, height: height)
        case .remarked(let raw, let remark):
            let map = try UnplacedMap(
                raw, eigenSmooth: eigenSmooth, normalise: normalise, of: graph)
            self.init(map.plane, map.layer, of: map, remark: remark)
        }
    }

    /// - Parameter raw: one map a layer.
    private init(raw: [Plane], _ normalise: Normalise, width: Int, height: Int) {
        plane = normalise.combine(raw, width: width, height: height)
        layer = normalise.combineUnenlarged(raw) ?? plane
        rawMinimum = raw.flatMap(\.values).min() ?? 0
        rawMaximum = raw.flatMap(\.values).max() ?? 0
        let (negative, all) = raw.lazy.flatMap(\.values).reduce((Float(0), Float(0))) {
            ($0.0 + max(-$1, 0), $0.1 + abs($1))
        }
        negativeShare = all > 0 ? negative / all : 0
        remark = nil
    }

    init(mean maps: [UnplacedMap]) {
        func mean(_ planes: [Plane]) -> Plane {
            var sum = planes[0]
            for plane in planes.dropFirst() { for i in sum.values.indices { sum.values[i] += plane.values[i] } }
            return Plane(width: sum.width, height: sum.height, values: sum.values.map { $0 / Float(planes.count) })
        }
        (plane, layer) = (mean(maps.map(\.plane)), mean(maps.map(\.layer)))
        rawMinimum = maps.map(\.rawMinimum).min()!
        rawMaximum = maps.map(\.rawMaximum).max()!
        negativeShare = maps.map(\.negativeShare).reduce(0, +) / Float(maps.count)
        remark = nil // each copy would tell another one
    }

    private init(_ plane: Plane, _ layer: Plane, of map: UnplacedMap, remark: Wording?) {
        (self.plane, self.layer, rawMinimum, rawMaximum) = (plane, layer, map.rawMinimum, map.rawMaximum)
        (negativeShare, self.remark) = (map.negativeShare, remark)
    }

    func mirrored() -> UnplacedMap {
        UnplacedMap(plane.mirrored, layer.mirrored, of: self, remark: remark)
    }

    func finished(method: String, placement: Placement) -> Map {
        Map(
            method: method, input: plane, layer: layer, placement: placement, rawMinimum: rawMinimum,
            rawMaximum: rawMaximum,
            negativeShare: negativeShare, remark: remark)
    }
}

extension Plane {
    fileprivate var mirrored: Plane {
        Plane(width: width, height: height, values: ActivationMaps.mirrored(values, width: width))
    }
}

/// Every row of a row-major map, or of several, backwards.
func mirrored(_ values: [Float], width: Int) -> [Float] {
    values.indices.map { values[$0 + width - 1 - 2 * ($0 % width)] }
}

extension Placement {
    /// The rows of a map of the network's input over the photo at another size.
    func rows(of map: Plane, width: Int, height: Int) -> PlaneRows {
        photoHeight == 1
            ? signalRows(of: map, width: width, height: height) : scaled(width: width, height: height).rows(of: map)
    }
}

/// The gradient of a class's logit at the network's input by guided backpropagation.
public struct GuidedGradient: Sendable {
    /// Height x width x 3, signed, over the network's input, channels in the order red, green, blue; of a signal its
    /// first three, or its first.
    public let values: [Float]
    public let width, height: Int
    /// Of a signal: the gradient at all of its channels, and those that are drawn.
    private let signal: (raster: Raster, shown: [Int])?

    /// From channels x height x width as the network is fed.
    ///
    /// - Parameters:
    ///   - channels: those that are red, green and blue, or one for all three; of a signal those that are drawn.
    ///   - isSignal: whether it is one's.
    init(_ map: FeatureMap, channels: [Int], isSignal: Bool = false) {
        signal =
            isSignal
            ? (
                Raster(width: map.width, height: 1, channels: map.channels, values: map.values, isSignal: true),
                channels
            ) : nil
        let area = map.area
        var values = [Float](repeating: 0, count: 3 * area)
        for c in 0..<3 {
            let channel = channels[min(c, channels.count - 1)] * area
            for pixel in 0..<area { values[3 * pixel + c] = map.values[channel + pixel] }
        }
        (self.values, width, height) = (values, map.width, map.height)
    }

    /// The gradient's picture, at the size of the photo that `placement` tells of; of a signal a drawing.
    public func picture(_ placement: Placement) -> ImageRows {
        signal.map { $0.raster.drawnSigned(channels: $0.shown).rows } ?? rows(placement).deprocessed
    }

    /// Map and gradient multiplied (Guided Grad-CAM), at that size; of a signal a drawing.
    public func picture(_ placement: Placement, weightedBy map: Map) -> ImageRows {
        guard let (raster, shown) = signal else {
            let weights = map.photoRows(width: placement.photoWidth, height: placement.photoHeight)
            return rows(placement).weighted(by: weights).deprocessed
        }
        let weights = map.input.values
        let weighted = Raster(
            width: raster.width, height: 1, channels: raster.channels,
            values: raster.values.indices.map { raster.values[$0] * weights[$0 % raster.width] }, isSignal: true)
        return weighted.drawnSigned(channels: shown).rows
    }

    private func rows(_ placement: Placement) -> PlaneRows {
        placement.rows(of: values, width: width, height: height, channels: 3)
    }
}
