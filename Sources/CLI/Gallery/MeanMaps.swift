import ActivationMaps
import Imaging

/// The means of maps over all photos, for every target and method: where a network looks whatever the photo shows.
/// Photos of any shape count on one square grid, so that an edge of the mean is the photos' edge.
struct MeanMaps {
    /// A map on that grid, as it is; nil where it has numbers that are not finite.
    struct Grid: Sendable {
        static let side = 60
        /// A tenth of the side: cells at each edge.
        private static let edge = 6
        let values: [Float]
        /// Of all magnitudes, the share in the outer tenth of the photo at each edge, 0..1 (of a signal: at its beginning
        /// and its end); nil of a blank map.
        let edgeShare: Float?

        init?(_ map: Map) {
            let factor = 4, isRow = map.photoRows.height == 1
            values = map.photoRows(width: factor * Self.side, height: factor * Self.side).reduced(by: factor).values
            guard values.allSatisfy(\.isFinite) else { return nil }
            var edge: Float = 0, all: Float = 0
            let inner = Self.edge..<Self.side - Self.edge
            for (place, value) in values.enumerated() {
                all += abs(value)
                let isWithin = inner.contains(place % Self.side) && (isRow || inner.contains(place / Self.side))
                if !isWithin { edge += abs(value) }
            }
            edgeShare = all > 0 ? edge / all : nil
        }

        /// That of a map which is the same everywhere.
        /// - Parameter isSignal: whether the edges are the beginning and the end alone.
        static func evenShare(isSignal: Bool) -> Float {
            let inner = Float(side - 2 * edge) / Float(side)
            return 1 - (isSignal ? inner : inner * inner)
        }
    }

    private struct Sum {
        var values = [Float](repeating: 0, count: Grid.side * Grid.side)
        var count = 0, share: Float = 0, shares = 0

        mutating func add(_ grid: Grid) {
            for place in values.indices { values[place] += grid.values[place] }
            count += 1
            if let edge = grid.edgeShare { (share, shares) = (share + edge, shares + 1) }
        }
    }

    private struct Target {
        let category: Int?
        /// nil where a method had no map of it yet.
        var sums: [Sum?]
        /// Photos.
        var count = 0
    }

    private var targets: [String: Target] = [:]
    private var order: [String] = []

    /// - Parameters:
    ///   - grids: of a photo's target, one a method.
    ///   - isFirst: whether it is the photo's first target of that name.
    mutating func add(_ name: String, category: Int?, _ grids: [Grid?], isFirst: Bool) {
        if targets[name] == nil {
            targets[name] = Target(category: category, sums: grids.map { _ in nil })
            order.append(name)
        }
        // In its place, so that nothing is copied.
        for (method, grid) in grids.enumerated() {
            guard let grid else { continue }
            if targets[name]!.sums[method] == nil { targets[name]!.sums[method] = Sum() }
            targets[name]!.sums[method]!.add(grid)
        }
        if isFirst { targets[name]!.count += 1 }
    }

    /// Targets in the order in which they came: `name`, `class`, `photos`, and of each method its mean, `maps`: a
    /// `picture` whose white (of signed maps white and black) is the greatest magnitude, `peak`, over so many maps,
    /// `count`, and the mean of the shares at the `edge`.
    func json(isSigned: Bool) throws(ImageError) -> JSON {
        var list: [JSON] = []
        for name in order {
            guard let target = targets[name] else { continue }
            var maps: [JSON] = []
            for sum in target.sums {
                guard let sum else {
                    maps.append(.null)
                    continue
                }
                let mean = sum.values.map { $0 / Float(sum.count) }, peak = mean.reduce(0) { max($0, abs($1)) }
                let scale = 1 / max(peak, .leastNormalMagnitude)
                let shown = mean.map { isSigned ? ($0 * scale + 1) / 2 : $0 * scale }
                let picture = try Plane(width: Grid.side, height: Grid.side, values: shown).grey.jpeg(quality: 90)
                maps.append(
                    .object([
                        ("picture", .string(Base64.text(picture))), ("peak", .number(peak)),
                        ("count", .integer(sum.count)),
                        ("edge", sum.shares > 0 ? .number(sum.share / Float(sum.shares)) : .null),
                    ]))
            }
            list.append(
                .object([
                    ("name", .string(name)), ("class", target.category.map(JSON.integer) ?? .null),
                    ("photos", .integer(target.count)), ("maps", .array(maps)),
                ]))
        }
        return .array(list)
    }
}
