extension StringProtocol {
    /// Fit to stand in a line on a terminal: line breaks, control characters and those that turn the direction of text
    /// are shown by their codes.
    package var visible: String {
        var text = ""
        text.reserveCapacity(utf8.count)
        for scalar in unicodeScalars { text += scalar.isHarmless ? String(scalar) : scalar.escaped(asASCII: true) }
        return text
    }

    /// The same in at most `most` characters (Unicode scalars), at least 9: what is longer loses its middle.
    ///
    /// - Parameter first: how many are kept of the beginning; nil: half of them.
    package func elided(to most: Int = 80, keeping first: Int? = nil) -> String {
        let scalars = unicodeScalars
        guard utf8.count > most || !scalars.allSatisfy(\.isHarmless) else { return String(self) }
        // What is shown comes of as many scalars at most.
        let head = String(String.UnicodeScalarView(scalars.prefix(most))).visible.unicodeScalars
        let isWhole = scalars.index(scalars.startIndex, offsetBy: most + 1, limitedBy: scalars.endIndex) == nil
        if isWhole, head.count <= most { return String(head) }
        let tail = String(String.UnicodeScalarView(scalars.suffix(most))).visible.unicodeScalars
        let end = most - 3 - (first ?? (most - 2) / 2)
        return String(head.prefix(most - 3 - end)) + "..." + String(tail.suffix(end))
    }
}

extension Unicode.Scalar {
    fileprivate var isHarmless: Bool {
        if isASCII { return value >= 0x20 && value != 0x7F }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return false
        default: return !properties.isBidiControl
        }
    }
}
