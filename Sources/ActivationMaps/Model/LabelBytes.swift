/// A part of a line of labels in UTF-8.
extension ArraySlice<UInt8> {
    /// Without white space at its ends, those of no break and of ideographs too.
    var trimmed: Self {
        var text = drop(while: \.isSpace)
        while let last = text.last {
            if last.isSpace {
                text.removeLast()
            } else if let space = Self.wideSpaces.first(where: { text.suffix($0.count).elementsEqual($0) }) {
                text.removeLast(space.count)
            } else {
                break
            }
        }
        while let space = Self.wideSpaces.first(where: text.starts) {
            text = text.dropFirst(space.count).drop(while: \.isSpace)
        }
        return text
    }

    private static let wideSpaces: [[UInt8]] = [Array("\u{A0}".utf8), Array("\u{3000}".utf8)]

    /// A whole number from 0 on, of digits alone.
    var number: Int? {
        guard (1...18).contains(count), allSatisfy(\.isDigit) else { return nil }
        return reduce(0) { 10 * $0 + Int($1 - 0x30) }
    }

    /// In lower case and without the ending of a plural (`s`), to compare.
    var singular: Self {
        let text = last == UInt8(ascii: "s") ? dropLast() : self
        return text.contains { (0x41...0x5A).contains($0) }
            ? text.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }[...] : text
    }

    /// What stands between single or double quotes where it is one text in them; a doubled quote inside stands for one.
    /// Else nil.
    var unquoted: Self? {
        guard count > 1, let quote = first, quote == last, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
        else { return nil }
        let inner = dropFirst().dropLast()
        guard inner.contains(quote) else { return inner }
        var text: [UInt8] = [], isSecond = false
        for byte in inner {
            guard byte == quote || !isSecond else { return nil }
            if byte != quote || isSecond { text.append(byte) }
            isSecond = byte == quote && !isSecond
        }
        return isSecond ? nil : text[...]
    }

    var unquotedOrSelf: Self { unquoted ?? self }

    /// Without quotes.
    var text: String { String(decoding: unquotedOrSelf, as: UTF8.self) }

    /// The fields of a line, trimmed and in their quotes. A separator inside quotes that open a field is none (RFC
    /// 4180).
    func fields(_ separator: UInt8) -> [Self] {
        var fields: [Self] = [], start = startIndex, quote: UInt8?, isBlank = true
        for place in indices {
            let byte = self[place]
            if byte == quote {
                quote = nil
                // The second of two opens again.
                if place + 1 < endIndex, self[place + 1] == byte { isBlank = true }
            } else if quote == nil {
                if byte == separator {
                    fields.append(self[start..<place].trimmed)
                    (start, isBlank) = (place + 1, true)
                } else if !byte.isSpace {
                    if isBlank, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { quote = byte }
                    isBlank = false
                }
            }
        }
        return fields + [self[start...].trimmed]
    }
}

extension UInt8 {
    var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isSeparator: Bool { self == UInt8(ascii: ",") || self == UInt8(ascii: ";") || self == UInt8(ascii: ":") }
    var isDigit: Bool { (0x30...0x39).contains(self) }
}
