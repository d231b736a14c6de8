import Network

/// What stands for a layer's value while the nodes downstream of it run again.
public struct Replacement {
    /// Row-major in the value's own shape.
    public let numbers: UnsafeMutableBufferPointer<Float>
    /// Where the layer's map lies among them.
    public let places: MapPlaces

    /// Sets a channel to zero, that of class and register tokens, too.
    public func clear(channel: Int) {
        for run in places.runs(ofChannel: channel) { numbers.extracting(run).update(repeating: 0) }
    }

    /// Sets all channels to zero at all places of the map but one, counted row by row. Class and register tokens stay.
    public func clear(allBut place: Int) {
        let kept = (0..<places.channels).map { numbers[places.index($0, place)] }
        for c in 0..<places.channels {
            for y in 0..<places.height { for index in places.indices(ofChannel: c, row: y) { numbers[index] = 0 } }
        }
        for (c, number) in kept.enumerated() { numbers[places.index(c, place)] = number }
    }

    /// Sets every place of the map to the same numbers, one a channel. Class and register tokens stay.
    public func fill(_ features: [Float]) {
        for (c, number) in features.enumerated() {
            for y in 0..<places.height { for index in places.indices(ofChannel: c, row: y) { numbers[index] = number } }
        }
    }
}
