import CCUDA
import Network

/// An image under masks that are made on the card: see `Batch.masked`.
struct Masks {
    /// [1, channels, height, width] of the image.
    private let shape: Shape
    private let map: FeatureMap
    private let image, channels: Buffer

    init(_ image: [Float], _ shape: Shape, _ map: FeatureMap, _ stream: Stream) throws(NetworkError) {
        (self.shape, self.map) = (shape, map)
        self.image = try stream.pool.take(image.count)
        channels = try stream.pool.take(map.values.count)
        try stream.upload(image, to: self.image.address)
        try stream.upload(map.values, to: channels.address)
    }

    /// Bytes of the card's memory that `write` takes for so many images.
    func bytes(_ images: Int, _ program: CUDAProgram) -> Int {
        let area = shape[2] * shape[3]
        return ([images * area] + Lines(count: images, extent: area).work).reduce(0) { $0 + program.bytes($1) }
    }

    /// Puts the image under the masks of some of the map's channels.
    func write(_ range: Range<Int>, to target: UInt64, _ stream: Stream) throws(NetworkError) {
        let (height, width) = (shape[2], shape[3]), area = height * width
        let masks = try stream.pool.take(range.count * area)
        try stream.launch(
            mask_enlarge(
                count: Int64(range.count * area), map_height: Int64(map.height), map_width: Int64(map.width),
                height: Int64(height), width: Int64(width),
                map: channels.address + UInt64(range.lowerBound * map.area * 4), masks: masks.address))
        let ranges = try Lines(count: range.count, extent: area).found(line_range, stream, x: masks.address)
        try stream.launch(
            mask_apply(
                count: Int64(range.count * shape.count), channels: Int64(shape[1]), area: Int64(area),
                image: image.address, masks: masks.address, ranges: ranges.address, images: target))
        withExtendedLifetime((masks, ranges)) {}
    }
}
