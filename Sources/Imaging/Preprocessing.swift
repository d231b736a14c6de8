/// How a photo becomes a network's input.
///
/// Values are (pixel / 255 - mean) / std, laid out channel by channel, rows top-down.
public struct Preprocessing: Sendable, Equatable {
    /// A width and a height, in pixels.
    public struct PixelSize: Sendable, Equatable {
        public var width, height: Int

        /// Both at least 1.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// How a photo is brought to the size `scaled`, always by `Image.resized`. Its middle is then fed, where it is
    /// larger than the input, or it is padded, where it is smaller.
    public enum Resize: String, Sendable, CaseIterable {
        /// To this width and height, whatever the photo's aspect; padded with black.
        case squash
        /// Until it covers this size (torchvision's Resize and CenterCrop); padded with black.
        case crop
        /// Until it fits into this size; padded with the mean colour.
        case letterbox
    }

    /// How pixels between pixels are made.
    public enum Interpolation: String, Sendable, CaseIterable {
        /// Pillow's filters of these names, whose support grows with the reduction (antialiasing).
        case bilinear, bicubic
        /// Pillow's NEAREST: one pixel of the photo each.
        case nearest
        case lanczos, box, hamming
        /// OpenCV's INTER_LINEAR on 8-bit pixels, without antialiasing.
        case opencv
    }

    /// Where a library rounds otherwise than torchvision, or than this program.
    public struct Rounding: Sendable, Equatable {
        /// A middle starts at half of the rest rounded down (Hugging Face's processors), not to even; a photo that is
        /// smaller lies accordingly.
        public var cropsDown = false
        /// A letterbox is padded with the pixel nearest to the mean colour (timm), not with that colour itself.
        public var roundsPadding = false

        /// As torchvision rounds, unless told.
        public init(cropsDown: Bool = false, roundsPadding: Bool = false) {
            (self.cropsDown, self.roundsPadding) = (cropsDown, roundsPadding)
        }
    }

    /// In which order channels are fed.
    public enum ChannelOrder: String, Sendable, CaseIterable { case rgb, bgr }

    /// One value a channel in the order fed, for pixels of 0...1; a list that is too short repeats its last value.
    public var mean: [Float], std: [Float]
    /// The network's input in pixels, at least 1.
    public var width: Int, height: Int
    /// How a photo is brought to `scaled`.
    public var resize: Resize
    /// What a photo is scaled to before its middle is fed, at least 1; nil: the input's own size.
    public var scaled: PixelSize?
    /// Where a middle starts, and what a letterbox is padded with.
    public var rounding: Rounding
    /// How pixels between pixels are made.
    public var interpolation: Interpolation
    /// In which order channels are fed.
    public var channelOrder: ChannelOrder
    /// 3, or 1: luma as ITU-R BT.601 weighs it (Pillow's mode "L"). Of another number only arrays can be fed.
    public var channels: Int
    /// What an array's numbers are normalised by, in the place of `mean` and `std`; one a channel, or one for all.
    public var arrayMean: [Float] = [0], arrayStd: [Float] = [1]
    /// Whether the network is fed signals, rows of numbers: then `height` is 1.
    public var takesSignals = false
    /// Whether every signal is fed at its own length, whatever `width` says.
    public var takesAnyLength = false
    /// Whether this is how an array is fed, see `feeding`.
    public internal(set) var isOfArray = false

    /// Defaults: what torchvision's ImageNet classifiers expect.
    public init(
        mean: [Float] = [0.485, 0.456, 0.406], std: [Float] = [0.229, 0.224, 0.225], width: Int = 224,
        height: Int = 224,
        resize: Resize = .squash, scaled: PixelSize? = nil, rounding: Rounding = .init(),
        interpolation: Interpolation = .bilinear,
        channelOrder: ChannelOrder = .rgb, channels: Int = 3
    ) {
        self.mean = mean
        self.std = std
        self.width = width
        self.height = height
        self.resize = resize
        self.scaled = scaled
        self.rounding = rounding
        self.interpolation = interpolation
        self.channelOrder = channelOrder
        self.channels = channels
    }

    /// The network's input: channels x height x width.
    /// - Precondition: the network can be fed it, see `fault(of:)`.
    public func tensor(from image: Image) -> [Float] {
        if let numbers = image.numbers { return feeding(image).tensor(from: numbers.raster) }
        let fit = Fit(of: image.width, image.height, to: self)
        let part = image.resized(
            width: fit.scaledWidth, height: fit.scaledHeight, by: interpolation, columns: fit.columns, rows: fit.rows,
            grey: channels == 1)
        let area = width * height
        var tensor = [Float](repeating: 0, count: channels * area)
        for channel in 0..<channels {
            let levels = (0...255).map {
                normalised(Float($0) / 255, channel: channel)
            }
            if part.width * part.height < area, resize != .letterbox || rounding.roundsPadding {
                let pixel =
                    resize == .letterbox ? (255 * value(of: mean, channel, else: 0)).rounded(.toNearestOrEven) : 0
                for i in channel * area..<(channel + 1) * area { tensor[i] = levels[Int(min(max(pixel, 0), 255))] }
            }
            let colour = channelOrder == .bgr && channels == 3 ? 2 - channel : min(channel, 2)
            for y in 0..<part.height {
                let to = (channel * height + y + fit.top) * width + fit.left
                for x in 0..<part.width { tensor[to + x] = levels[Int(part.pixels[3 * (y * part.width + x) + colour])] }
            }
        }
        return tensor
    }

    /// What a pixel of 0..1 becomes in a channel as fed.
    public func normalised(_ pixel: Float, channel: Int) -> Float {
        (pixel - value(of: mean, channel, else: 0)) / value(of: std, channel, else: 1)
    }

    /// The pixel of 0..1 that became a number.
    public func pixel(_ number: Float, channel: Int) -> Float {
        number * value(of: std, channel, else: 1) + value(of: mean, channel, else: 0)
    }

    /// Which rectangle of a photo the network's input shows.
    public func placement(of photoWidth: Int, height photoHeight: Int) -> Placement {
        let fit = Fit(of: photoWidth, photoHeight, to: self)
        let across = Double(photoWidth) / Double(fit.scaledWidth), down = Double(photoHeight) / Double(fit.scaledHeight)
        return Placement(
            photoWidth: photoWidth, photoHeight: photoHeight,
            x: Double(fit.columns.lowerBound - fit.left) * across, y: Double(fit.rows.lowerBound - fit.top) * down,
            width: Double(width) * across, height: Double(height) * down)
    }

    private func value(of list: [Float], _ channel: Int, else missing: Float) -> Float {
        list.indices.contains(channel) ? list[channel] : list.last ?? missing
    }
}

/// A photo scaled for a network: the scaled size, the part of it that is fed, and where that part lies in the input.
struct Fit {
    var scaledWidth: Int, scaledHeight: Int
    var columns: Range<Int>, rows: Range<Int>
    var left = 0, top = 0

    init(of width: Int, _ height: Int, to input: Preprocessing) {
        let target = input.scaled ?? .init(width: input.width, height: input.height)
        (scaledWidth, scaledHeight) = (target.width, target.height)
        let wide = width * target.height > height * target.width // wider than the target, by aspect
        switch input.resize {
        case .squash: break
        case .crop where target.width == target.height:
            // torchvision's Resize truncates the longer side.
            if wide {
                scaledWidth = target.height * width / height
            } else {
                scaledHeight = target.width * height / width
            }
        case .crop where wide: scaledWidth = max(target.width, Fit.scaled(width, by: target.height, over: height))
        case .crop: scaledHeight = max(target.height, Fit.scaled(height, by: target.width, over: width))
        case .letterbox where wide: scaledHeight = max(1, Fit.scaled(height, by: target.width, over: width))
        case .letterbox: scaledWidth = max(1, Fit.scaled(width, by: target.height, over: height))
        }
        columns = Fit.centre(min(input.width, scaledWidth), of: scaledWidth, input.rounding)
        rows = Fit.centre(min(input.height, scaledHeight), of: scaledHeight, input.rounding)
        let odd = input.rounding.cropsDown ? 1 : 0
        left = (input.width - columns.count + odd) / 2
        top = (input.height - rows.count + odd) / 2
    }

    /// timm's ResizeKeepRatio: rounded to even.
    private static func scaled(_ side: Int, by target: Int, over other: Int) -> Int {
        Int((Double(side) / (Double(other) / Double(target))).rounded(.toNearestOrEven))
    }

    /// Half of the rest is cut off before it: torchvision's CenterCrop rounds to even.
    private static func centre(_ kept: Int, of size: Int, _ rounding: Preprocessing.Rounding) -> Range<Int> {
        let start = rounding.cropsDown ? (size - kept) / 2 : Int((Double(size - kept) / 2).rounded(.toNearestOrEven))
        return start..<start + kept
    }
}

extension Image {
    /// Replaces every pixel by its luma, in all three channels, as Pillow's `convert("L")` computes it (ITU-R BT.601,
    /// 16-bit fixed point).
    mutating func reduceToLuma() {
        pixels.withUnsafeMutableBufferPointer { pixels in
            for i in stride(from: 0, to: pixels.count, by: 3) {
                let sum =
                    19595 * UInt32(pixels[i]) + 38470 * UInt32(pixels[i + 1]) + 7471 * UInt32(pixels[i + 2]) + 0x8000
                for channel in 0..<3 { pixels[i + channel] = UInt8(sum >> 16) }
            }
        }
    }
}
