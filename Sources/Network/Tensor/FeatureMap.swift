/// Activations or gradients of one image at one layer: channels x height x width, row-major, owned.
public struct FeatureMap: Sendable, Equatable {
    /// Extents.
    public let channels, height, width: Int
    /// channels x height x width, row-major.
    public var values: [Float]

    /// - Precondition: channels * height * width numbers.
    public init(channels: Int, height: Int, width: Int, values: [Float]) {
        precondition(values.count == channels * height * width)
        (self.channels, self.height, self.width, self.values) = (channels, height, width, values)
    }

    /// Numbers in a channel.
    public var area: Int { height * width }
}

/// Where the numbers of a map over the photo lie among those of a value, row-major.
public struct MapPlaces: Sendable {
    /// Extents of the map.
    public let channels, height, width: Int
    /// The place of the map's first number, and the way from one number to the next along each of its axes.
    let first, channel, row, column: Int
    /// How many numbers the value has: the map's, and those of class and register tokens.
    let count: Int

    /// Where a channel's number at a place of the map lies; places count row by row.
    public func index(_ c: Int, _ place: Int) -> Int {
        first + c * channel + place / width * row + place % width * column
    }

    /// Where a channel's numbers in a row of the map lie.
    public func indices(ofChannel c: Int, row y: Int) -> StrideTo<Int> {
        let start = index(c, y * width)
        return stride(from: start, to: start + width * column, by: column)
    }

    /// Where all of a channel lies, class and register tokens included.
    public func runs(ofChannel c: Int) -> some Sequence<Range<Int>> {
        stride(from: c * channel, to: count, by: channels * channel).lazy.map { $0..<$0 + channel }
    }
}

extension Graph {
    /// Where a value's map lies in it; any value that is none is a 1 x 1 map of all its numbers.
    public func mapPlaces(in value: ValueID) -> MapPlaces {
        let shape = values[value].shape
        guard let layout = maps[value], let channelAxis = layout.channelAxis(in: shape) else {
            return MapPlaces(
                channels: shape.count, height: 1, width: 1, first: 0, channel: 1, row: 1, column: 1, count: shape.count)
        }
        let strides = shape.strides
        let (row, column, first) =
            switch layout.place {
            case .grid(let row, let column): (strides[row], strides[column], 0)
            case .tokens(let axis, let first): (layout.width * strides[axis], strides[axis], first * strides[axis])
            case .line(let axis): (layout.width * strides[axis], strides[axis], 0)
            }
        return MapPlaces(
            channels: shape[channelAxis], height: layout.height, width: layout.width, first: first,
            channel: strides[channelAxis], row: row, column: column, count: shape.count)
    }

    /// A value as a map over the photo; any value that is none is a 1 x 1 map of all its numbers. Class and register
    /// tokens are left out.
    public func featureMap(_ tensor: Tensor, at value: ValueID) -> FeatureMap {
        let places = mapPlaces(in: value)
        let (channels, height, width) = (places.channels, places.height, places.width)
        if places.first == 0, places.channel == height * width, places.row == width, places.column == 1,
            places.count == channels * height * width
        {
            return FeatureMap(channels: channels, height: height, width: width, values: tensor.values)
        }
        let values = [Float](unsafeUninitializedCapacity: channels * height * width) { target, count in
            tensor.values.withUnsafeBufferPointer { source in
                for place in 0..<height * width {
                    let from = places.index(0, place)
                    for c in 0..<channels { target[c * height * width + place] = source[from + c * places.channel] }
                }
            }
            count = channels * height * width
        }
        return FeatureMap(channels: channels, height: height, width: width, values: values)
    }
}
