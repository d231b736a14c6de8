/// What numbers a network's pixels are, before any normalisation that it brings along.
public enum InputRange: Sendable {
    /// 0..1.
    case unit
    /// 0..255, or whole numbers.
    case byte
    /// 0..255 less their mean.
    case centredByte
    /// -1..1.
    case symmetric
    /// Of mean 0 and deviation 1, or near it.
    case normalised
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
    /// What the network's pixels are, judged by the arithmetic right behind its input: by the x that becomes 0 (a mean over 2 is one of 0..255),
    /// by the difference in x that becomes 1, by a batch normalisation's statistics, and by whole numbers as the input's type.
    public func inputForm() -> InputForm {
        let beginning = Beginning(self)
        return InputForm(
            range: image.isInteger ? .byte : beginning.range, isReversed: beginning.isReversed, resized: beginning.resized)
    }
}

extension Beginning {
    var range: InputRange? {
        if let (mean, deviation) = statistics { return Self.range(mean, deviation) }
        guard !channels.isEmpty else { return nil }
        let mean = channels.map { abs($0.mean) }.max()!, deviation = channels.map(\.deviation).max()!
        if mean > 2 || deviation > 10 { return .byte }
        // Another normalisation of pixels that are normalised already spreads them less than 0..1 would be.
        return deviation > 1.5 ? .normalised : .unit
    }

    /// By the statistics of the pixels themselves; those of photographs have in 0..1 a mean of some 0.45 and a deviation of some 0.27.
    private static func range(_ mean: Double, _ deviation: Double) -> InputRange? {
        switch (abs(mean), deviation) {
        case (20..., _): .byte
        case (_, 10...): .centredByte
        case (0.08..<1, ..<0.5): .unit
        case (..<0.5, 0.3..<0.75): .symmetric
        case (..<1, 0.75..<3): .normalised
        default: nil
        }
    }

    /// ImageNet's means of red, green and blue differ enough to be told apart in either range.
    var isReversed: Bool? {
        guard channels.count == 3 else { return nil }
        let means = channels.map(\.mean), scale = means[1] > 2 ? 255.0 : 1
        func fits(_ known: [Double]) -> Bool { zip(means, known).allSatisfy { abs($0 / scale - $1) < 0.006 } }
        let imageNet = [0.485, 0.456, 0.406]
        return fits(imageNet) ? false : fits(imageNet.reversed()) ? true : nil
    }
}
