/// A photo as numbers, of any number of channels: bands of a satellite, a stack of pictures. A signal is a row of them.
public struct Raster: Sendable, Equatable {
    public let width, height, channels: Int
    /// Whether the columns of its only row are a signal's times.
    public let isSignal: Bool
    /// channels x height x width.
    public let values: [Float]

    /// - Precondition: there are as many numbers, and at least one; a signal's height is 1.
    public init(width: Int, height: Int, channels: Int, values: [Float], isSignal: Bool = false) {
        precondition(
            width > 0 && height > 0 && channels > 0 && values.count == width * height * channels
                && (height == 1 || !isSignal),
            "a raster needs channels * height * width numbers")
        (self.width, self.height, self.channels, self.values) = (width, height, channels, values)
        self.isSignal = isSignal
    }

    /// An array of [channels, height, width] or [height, width, channels]; of one channel also [height, width]. Leading
    /// extents of 1 are left out, of a signal all that are too many. Where both ends fit, the channels come first.
    ///
    /// - Parameters:
    ///   - channels: the network's.
    ///   - isSignal: whether it is fed signals: [channels, time], [time, channels], or of one channel [time].
    /// - Throws: `.array` where the array has another shape.
    public init(_ array: NumberArray, channels: Int, isSignal: Bool = false) throws(ImageError) {
        let axes = isSignal ? 2 : 3
        var shape = array.shape
        while shape.count > axes, let one = shape.firstIndex(of: 1), one == 0 || isSignal { shape.remove(at: one) }
        if shape.count == axes - 1, channels == 1 { shape.insert(1, at: 0) }
        let isFirst = shape.first == channels, isLast = shape.last == channels
        guard shape.count == axes, isFirst || isLast else {
            throw .array(
                "the array is of shape \(array.shape), where the network takes "
                    + (isSignal
                        ? "[\(channels), time]: save one signal a file, of so many channels"
                        : "[\(channels), height, width]: save one photo a file, of so many channels"))
        }
        let sides = isFirst ? shape.dropFirst() : shape.dropLast(), area = sides.reduce(1, *)
        let values =
            isFirst
            ? array.values
            : [Float](unsafeUninitializedCapacity: array.values.count) { target, count in
                for channel in 0..<channels {
                    for place in 0..<area { target[channel * area + place] = array.values[place * channels + channel] }
                }
                count = array.values.count
            }
        self.init(
            width: sides.last!, height: isSignal ? 1 : sides.first!, channels: channels, values: values,
            isSignal: isSignal)
    }

    /// The channels that are shown where nobody chooses: the first three as red, green and blue, or the first in grey;
    /// of a signal all.
    public var usualChannels: [Int] { isSignal ? Array(0..<channels) : channels < 3 ? [0] : [0, 1, 2] }

    /// Some channels as a picture, each from its least number (0) to its greatest (255).
    ///
    /// - Parameter shown: three channels, for red, green and blue, or one, for grey.
    /// - Precondition: there are these channels.
    func picture(of shown: [Int]) -> Image {
        let area = width * height
        var pixels = [UInt8](repeating: 0, count: 3 * area)
        for colour in 0..<3 {
            let first = shown[min(colour, shown.count - 1)] * area, band = values[first..<first + area]
            let (least, greatest) = (band.min() ?? 0, band.max() ?? 0)
            guard greatest > least else { continue }
            for i in 0..<area {
                // Halves, as the difference of two floats need not be one.
                let level = (values[first + i] / 2 - least / 2) / (greatest / 2 - least / 2)
                pixels[3 * i + colour] = UInt8((255 * level).rounded())
            }
        }
        return Image(width: width, height: height, pixels: pixels)
    }
}

extension Image {
    /// A picture of numbers, which networks are fed in the place of its pixels.
    ///
    /// - Parameter shown: the channels that are shown, three (red, green, blue) or one, of a signal any number; nil:
    ///   `usualChannels`.
    /// - Throws: `.array` where the raster has not these channels.
    public init(showing raster: Raster, channels shown: [Int]? = nil) throws(ImageError) {
        let shown = shown ?? raster.usualChannels
        guard shown.count == 1 || shown.count == 3 || raster.isSignal && !shown.isEmpty,
            shown.allSatisfy((0..<raster.channels).contains)
        else {
            throw .array(
                "it has the channels 0 to \(raster.channels - 1), of which three can be shown, or one, and not "
                    + shown.map(String.init).joined(separator: ","))
        }
        self = raster.picture(of: shown)
        numbers = Numbers(raster: raster, shown: shown)
    }

    /// What a picture shows that is made of numbers.
    public struct Numbers: Sendable, Equatable {
        /// The numbers.
        public let raster: Raster
        /// Its channels that are red, green and blue, or the one that is shown in grey; of a signal those that are
        /// drawn.
        public let shown: [Int]
    }
}
