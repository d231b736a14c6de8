import ActivationMaps
import Imaging
import Network

/// Parsers of flag values: text in, a value or a fault without words out.
typealias Parser<Value> = @Sendable (String) throws(ValueFault) -> Value

enum Values {
    static func text(_ text: String) throws(ValueFault) -> String {
        guard !text.isEmpty else { throw .empty }
        return text
    }

    static func integer(_ range: ClosedRange<Int>) -> Parser<Int> {
        { text throws(ValueFault) in
            guard let number = Int(text) else { throw isInteger(text) ? outside(range) : .notANumber }
            guard range.contains(number) else { throw outside(range) }
            return number
        }
    }

    static func number(_ range: ClosedRange<Float>) -> Parser<Float> {
        { text throws(ValueFault) in
            let number = try finite(text)
            guard range.contains(number) else {
                throw .outOfRange(low: "\(range.lowerBound)", high: "\(range.upperBound)")
            }
            return number
        }
    }

    /// - Parameter elsewhere: what other programs call a choice; its name here is told.
    static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _: Choice.Type, elsewhere: [String: Choice] = [:]
    ) -> Parser<Choice> where Choice.RawValue == String {
        { text throws(ValueFault) in
            let word = try Self.text(text).lowercased()
            if let choice = Choice(rawValue: word) { return choice }
            let names = words(of: Choice.self)
            throw .notOneOf(names, nearest: elsewhere[word]?.rawValue ?? nearest(to: text, in: names))
        }
    }

    /// A card's number, as PyTorch has it, is told to be the environment's.
    static func device(_ text: String) throws(ValueFault) -> Arguments.Device {
        if text.lowercased().hasPrefix("cuda:") { throw .numberedCard(String(text.dropFirst(5))) }
        return try choice(Arguments.Device.self, elsewhere: ["gpu": .cuda, "nvidia": .cuda])(text)
    }

    static func words<Choice: RawRepresentable & CaseIterable>(of _: Choice.Type) -> [String]
    where Choice.RawValue == String { Choice.allCases.map(\.rawValue) }

    static func name(of names: [String]) -> Parser<String> {
        { text throws(ValueFault) in
            let text = try Self.text(text).lowercased()
            guard names.contains(text) else { throw .notOneOf(names, nearest: nearest(to: text, in: names)) }
            return text
        }
    }

    /// The parts between commas: classes by index, or by (part of) the label.
    static func categories(_ text: String) throws(ValueFault) -> [Arguments.Category] {
        var categories: [Arguments.Category] = []
        for part in list(text) {
            categories.append(try category(part))
        }
        return categories
    }

    /// `NAME=FILE`, or `NAME=` and numbers between commas.
    static func input(_ text: String) throws(ValueFault) -> Arguments.Input {
        guard let sign = text.firstIndex(of: "="), sign > text.startIndex, text.index(after: sign) < text.endIndex
        else { throw .malformed(expected: "NAME=FILE or NAME=NUMBERS, such as age=41 or second=photo.png") }
        let value = String(text[text.index(after: sign)...])
        let numbers = list(value).compactMap { try? finite($0) }
        return .init(
            name: String(text[..<sign]), source: numbers.count == list(value).count ? .numbers(numbers) : .file(value))
    }

    /// A class by index, or by (part of) the label.
    static func category(_ text: String) throws(ValueFault) -> Arguments.Category {
        isInteger(text) ? .index(try integer(0...Int(Int32.max))(text)) : .label(try Self.text(text))
    }

    /// The number of a detector's box, or a rectangle, `X0,Y0,X1,Y1`.
    static func box(_ text: String) throws(ValueFault) -> Explainer.BoxChoice {
        let parts = list(text)
        if parts.count == 1 { return .index(try integer(0...Int(Int32.max))(parts[0])) }
        var corners: [Double] = []
        for part in parts { corners.append(Double(try finite(part))) }
        guard corners.count == 4, corners[0] < corners[2], corners[1] < corners[3] else {
            throw .malformed(expected: "a box's number, or X0,Y0,X1,Y1 with X0 < X1 and Y0 < Y1")
        }
        return .over(Rectangle(x0: corners[0], y0: corners[1], x1: corners[2], y1: corners[3]))
    }

    static func slice(_ text: String) throws(ValueFault) -> OutputSlice {
        guard let slice = OutputSlice(text) else {
            throw .malformed(expected: "an output's name and a part of it, such as 'scores[0,3]' or 'out[0,3,:,:].sum'")
        }
        return slice
    }

    /// Channels, counted from 0: of pictures three, or one, which is looked at when one is there.
    static func previewChannels(_ text: String) throws(ValueFault) -> [Int] {
        var channels: [Int] = []
        for part in list(text) { channels.append(try integer(0...Int(Int32.max))(part)) }
        return channels
    }

    /// A number a channel, or one that holds for all of them.
    static func channels(_ text: String) throws(ValueFault) -> [Float] {
        var numbers: [Float] = []
        for part in list(text) { numbers.append(try finite(part)) }
        return numbers.count == 1 ? [numbers[0], numbers[0], numbers[0]] : numbers
    }

    static func positiveChannels(_ text: String) throws(ValueFault) -> [Float] {
        let numbers = try channels(text)
        guard numbers.allSatisfy({ $0 > 0 }) else { throw .malformed(expected: "numbers above 0") }
        return numbers
    }

    /// `N` for a square, or `WxH`.
    static func size(_ text: String) throws(ValueFault) -> Arguments.Size {
        let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy(isInteger) else {
            throw .malformed(expected: "N or WxH, such as 224 or 320x240")
        }
        let side = integer(1...8192)
        return .init(width: try side(parts[0]), height: try side(parts[parts.count - 1]))
    }

    /// `N`, in bytes, or with a unit, such as `4GB` or `500M`: a power of 1000 each.
    static func bytes(_ text: String) throws(ValueFault) -> Int {
        let bytes = try amount(text, "B", "a number of bytes, with a unit or not, such as 4GB or 500MB")
        guard bytes >= 1e6, bytes < 0x1p60 else { throw .outOfRange(low: "1MB", high: "1000000TB") }
        return Int(bytes)
    }

    /// `N`, or with a unit, such as `256MP` or `1G`.
    static func pixels(_ text: String) throws(ValueFault) -> Int {
        let pixels = try amount(text, "P", "a number of pixels, with a unit or not, such as 256MP or 1GP")
        guard pixels >= 1, pixels <= 1e12 else { throw .outOfRange(low: "1", high: "1TP") }
        return Int(pixels)
    }

    /// `N`, or with a unit, such as `2G`: a power of 1000 each.
    static func count(_ text: String) throws(ValueFault) -> Int {
        let count = try amount(text, nil, "a number, with a unit or not, such as 500000 or 2G")
        guard count >= 1, count < 0x1p60 else { throw .outOfRange(low: "1", high: "1000000T") }
        return Int(count)
    }

    /// A number above 0, and behind it K, M, G or T, the unit's own letter, both or neither.
    private static func amount(_ text: String, _ unit: Character?, _ expected: String) throws(ValueFault) -> Double {
        let number = text.prefix { $0.isNumber || $0 == "." }
        let rest = text.dropFirst(number.count).uppercased().drop { $0 == " " }
        let isWithUnit = unit != nil && rest.last == unit
        let power = ["", "K", "M", "G", "T"].firstIndex(of: isWithUnit ? rest.dropLast() : rest)
        guard let power, let value = Double(number), value > 0 else { throw .malformed(expected: expected) }
        return value * [1, 1e3, 1e6, 1e9, 1e12][power]
    }

    /// A file whose extension tells the form of a table.
    static func tableFile(_ text: String) throws(ValueFault) -> String {
        guard AverageTable.format(of: text) != nil else {
            throw .malformed(expected: "a file that ends in .csv, .md or .json")
        }
        return text
    }

    /// A page, by its name: no photo is written over.
    static func page(_ text: String) throws(ValueFault) -> String {
        guard [".html", ".htm"].contains(where: text.lowercased().hasSuffix) else {
            throw .malformed(expected: "a file that ends in .html")
        }
        return text
    }

    /// `N`, or `auto`.
    static func bitDepth(_ text: String) throws(ValueFault) -> BitDepth {
        text.lowercased() == "auto" ? .automatic : .bits(try integer(8...16)(text))
    }

    /// `I/N`, such as `1/4`; `auto` or `auto/N`: as a batch system says.
    static func share(_ text: String) throws(ValueFault) -> Share {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isAutomatic = parts[0].lowercased() == "auto"
        let (index, count) = (Int(parts[0]), parts.count == 2 ? Int(parts[1]) : nil)
        guard isAutomatic || index != nil, parts.count == 1 ? isAutomatic : 1...1_000_000_000 ~= count ?? 0,
            isAutomatic || 1...(count ?? 1) ~= index ?? 0
        else { throw .malformed(expected: "I/N with I from 1 to N, such as 2/4, or auto") }
        guard let index, let count else {
            do throws(ShareFault) {
                return try Share.automatic(of: count, environment: System.environment)
            } catch { throw .share(error) }
        }
        return Share(index: index, count: count)
    }

    /// The parts between commas, without the spaces around them.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    private static func isInteger(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func finite(_ text: String) throws(ValueFault) -> Float {
        guard let number = Float(text), number.isFinite else { throw .notANumber }
        return number
    }

    private static func outside(_ range: ClosedRange<Int>) -> ValueFault {
        .outOfRange(low: "\(range.lowerBound)", high: "\(range.upperBound)")
    }
}
