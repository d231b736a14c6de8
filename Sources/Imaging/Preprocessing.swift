/// How a photo becomes a network's input.
///
/// Values are (pixel / 255 - mean) / std, laid out channel by channel, rows top-down.
public struct Preprocessing: Sendable, Equatable {
    /// How a photo is brought to the network's size, always by `Image.resized`.
    public enum Resize: String, Sendable, CaseIterable {
        /// To the input's width and height, whatever the photo's aspect.
        case squash
        /// Until it covers the input, then its centre (torchvision's Resize and CenterCrop).
        case crop
        /// Until it fits into the input, the rest filled with the mean colour.
        case letterbox
    }

    public enum ChannelOrder: String, Sendable, CaseIterable { case rgb, bgr }

    /// One value a channel in the order fed, for pixels of 0...1; a list that is too short repeats its last value.
    public var mean: [Float], std: [Float]
    /// The network's input in pixels, at least 1.
    public var width: Int, height: Int
    public var resize: Resize
    public var channelOrder: ChannelOrder
    /// 3, or 1: luma as ITU-R BT.601 weighs it (Pillow's mode "L").
    public var channels: Int

    /// Defaults: what torchvision's ImageNet classifiers expect.
    public init(mean: [Float] = [0.485, 0.456, 0.406], std: [Float] = [0.229, 0.224, 0.225], width: Int = 224, height: Int = 224,
                resize: Resize = .squash, channelOrder: ChannelOrder = .rgb, channels: Int = 3) {
        self.mean = mean
        self.std = std
        self.width = width
        self.height = height
        self.resize = resize
        self.channelOrder = channelOrder
        self.channels = channels
    }

    /// The network's input: channels x height x width.
    public func tensor(from image: Image) -> [Float] {
        let fit = Fit(of: image.width, image.height, to: self)
        let grey = channels == 1 ? image.luma : image
        let part = grey.resized(width: fit.scaledWidth, height: fit.scaledHeight, columns: fit.columns, rows: fit.rows)
        var tensor = [Float](repeating: 0, count: channels * width * height)
        for channel in 0..<channels {
            let levels = (0...255).map { (Float($0) / 255 - value(of: mean, channel, else: 0)) / value(of: std, channel, else: 1) }
            let colour = channelOrder == .bgr && channels == 3 ? 2 - channel : min(channel, 2)
            for y in 0..<part.height {
                let to = (channel * height + y + fit.top) * width + fit.left
                for x in 0..<part.width { tensor[to + x] = levels[Int(part.pixels[3 * (y * part.width + x) + colour])] }
            }
        }
        return tensor
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
private struct Fit {
    var scaledWidth: Int, scaledHeight: Int
    var columns: Range<Int>, rows: Range<Int>
    var left = 0, top = 0

    init(of width: Int, _ height: Int, to input: Preprocessing) {
        (scaledWidth, scaledHeight) = (input.width, input.height)
        let wide = width * input.height > height * input.width  // wider than the input, by aspect
        switch input.resize {
        case .squash: break
        // torchvision's Resize truncates the longer side.
        case .crop where wide: scaledWidth = max(input.width, input.height * width / height)
        case .crop: scaledHeight = max(input.height, input.width * height / width)
        case .letterbox where wide: scaledHeight = max(1, Int((Double(input.width * height) / Double(width)).rounded()))
        case .letterbox: scaledWidth = max(1, Int((Double(input.height * width) / Double(height)).rounded()))
        }
        columns = Fit.centre(min(input.width, scaledWidth), of: scaledWidth)
        rows = Fit.centre(min(input.height, scaledHeight), of: scaledHeight)
        left = (input.width - columns.count) / 2
        top = (input.height - rows.count) / 2
    }

    /// torchvision's CenterCrop: half of the rest, rounded to even.
    private static func centre(_ kept: Int, of size: Int) -> Range<Int> {
        let start = Int((Double(size - kept) / 2).rounded(.toNearestOrEven))
        return start..<start + kept
    }
}

extension Image {
    /// Luma in all three channels, as Pillow's `convert("L")` computes it (ITU-R BT.601, 16-bit fixed point).
    var luma: Image {
        Image(width: width, height: height) { target in
            for i in stride(from: 0, to: pixels.count, by: 3) {
                let sum = 19595 * UInt32(pixels[i]) + 38470 * UInt32(pixels[i + 1]) + 7471 * UInt32(pixels[i + 2]) + 0x8000
                target[i] = UInt8(sum >> 16)
                target[i + 1] = target[i]
                target[i + 2] = target[i]
            }
        }
    }
}
