/// What numbers a network's pixels are, before any normalisation that it brings along.
public enum InputRange: Sendable, Equatable {
    /// 0..1.
    case unit
    /// 0..255, or whole numbers.
    case byte
    /// 0..255 less their mean: that of each channel, or nil for ImageNet's.
    case centredByte([Double]?)
    /// -1..1.
    case symmetric
}

/// What a network's own beginning tells of the pixels that it wants.
public struct InputForm: Sendable {
    /// nil where it does not tell.
    public let range: InputRange?
    /// Whether blue comes first, told by the means that are subtracted; nil where they do not tell.
    public let isReversed: Bool?
    /// The size that the network resizes its pixels to; nil where it does not.
    public let resized: (width: Int, height: Int)?
}

extension Graph {
    /// What the network's pixels are, judged by the arithmetic right after its input: by the x that becomes 0, by the
    /// difference in x that becomes 1, by a batch normalisation's statistics, and by whole numbers as the input's type.
    /// Where channels, or layers that read the pixels, differ, it is not told.
    ///
    /// - Throws: where there is no memory to find out.
    public func inputForm() throws(MemoryShortage) -> InputForm {
        let beginning = try Beginning(self)
        let range: InputRange? = !image.isInteger ? beginning.range : image.type == .int8 ? .centredByte([128]) : .byte
        return InputForm(range: range, isReversed: beginning.isReversed, resized: beginning.resized)
    }
}

extension Beginning {
    var range: InputRange? {
        // A layer beside that reads the pixels themselves contradicts what arithmetic says of them.
        guard !isReadPlain else { return nil }
        let ranges =
            functions.map(Self.range(of:))
            + statistics.map { Self.common($0.map { Self.range(mean: $0.mean, deviation: $0.deviation) }) }
        return Self.common(ranges)
    }

    private static func common(_ ranges: [InputRange?]) -> InputRange? {
        guard let first = ranges.first, ranges.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    private static func range(of channels: [Affine]) -> InputRange? {
        let kinds = channels.map { range(zero: $0.mean, one: $0.deviation) }
        if case .centredByte? = kinds[0], kinds.allSatisfy({ if case .centredByte? = $0 { true } else { false } }) {
            return .centredByte(channels.map { -$0.mean })
        }
        return common(kinds)
    }

    /// - Parameters:
    ///   - zero: the x that becomes 0: the mean that is subtracted, in the range of the pixels.
    ///   - one: the difference in x that becomes 1: the deviation that divides.
    private static func range(zero: Double, one: Double) -> InputRange? {
        switch (zero, one) {
        // A mean is added again.
        case (-200 ..< -20, 10...1000): .centredByte(nil)
        // Means over 2 are those of 0..255, divided by a deviation or (Caffe) not; division by 255 alone has none.
        case (2..<260, 0.5...1000), (-2..<2, 10...1000): .byte
        case (0.05..<0.95, 0.05...1.5): .unit
        case (-0.2..<0.05, 0.25..<0.75) where zero != 0: .symmetric
        // A learned factor, or another normalisation of pixels that are normalised already.
        default: nil
        }
    }

    /// By the statistics of the pixels themselves; those of photographs have in 0..1 a mean of some 0.45 and a
    /// deviation of some 0.27.
    private static func range(mean: Double, deviation: Double) -> InputRange? {
        switch (mean, deviation) {
        case (20..<250, 10..<128): .byte
        case (-60..<20, 20..<128): .centredByte(nil)
        case (0.08..<0.95, 0.05..<0.35): .unit
        case (-0.5..<0.5, 0.3..<0.75): .symmetric
        default: nil
        }
    }

    /// ImageNet's means of red, green and blue differ enough to be told apart in either range.
    var isReversed: Bool? {
        let imageNet = [0.485, 0.456, 0.406]
        let told = functions.map { channels -> Bool? in
            let means = channels.map(\.mean)
            guard means.count == 3 else { return nil }
            func fits(_ known: [Double]) -> Bool {
                zip(means, known).allSatisfy { abs($0 / (means[1] > 2 ? 255 : 1) - $1) < 0.006 }
            }
            return fits(imageNet) ? false : fits(imageNet.reversed()) ? true : nil
        }
        return told.allSatisfy { $0 == told[0] } ? told.first ?? nil : nil
    }
}
