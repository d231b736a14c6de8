extension PlaneRows {
    /// The means of squares of `side` x `side` numbers, as a map of as many squares as are whole.
    /// - Precondition: there is one number a pixel, and room for a square.
    public func reduced(by side: Int) -> Plane {
        precondition(channels == 1 && side > 0 && width >= side && height >= side, "a map holds a whole square")
        let (across, down) = (width / side, height / side), next = start(), row = Row(width)
        var values = [Float](repeating: 0, count: across * down)
        for y in 0..<down * side {
            next(row.base)
            let first = y / side * across
            for x in 0..<across * side { values[first + x / side] += row.base[x] }
        }
        let area = Float(side * side)
        return Plane(width: across, height: down, values: values.map { $0 / area })
    }
}

extension Plane {
    /// The map as a grey picture: 0..1 becomes black to white, in 256 levels; numbers beyond it, and those that are
    /// none, its ends and black.
    public var grey: Image {
        Image(
            width: width, height: height,
            pixels: values.flatMap { value in
                let level = value > 0 ? UInt8((255 * min(value, 1)).rounded()) : 0
                return [level, level, level]
            })
    }
}
