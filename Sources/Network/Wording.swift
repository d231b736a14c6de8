import Platform

/// What a caller may set or look at, and sentences refer to: a program for the command line has other names for it than
/// this library, whose own are the raw values.
public enum Setting: String, CaseIterable, Sendable {
    /// How the network is read.
    case inputSize, cropSize, resize, interpolation, channelOrder, output, labels, mean, std, memoryLimit, inputs,
        imageInput
    /// What a network may ask for: see `Limits`.
    case elementLimit, nodeLimit, nestingLimit, operationLimit
    /// What is explained, and how.
    case device, precision, layers, methods, eigenSmooth, steps, slice, similarity
    /// Where all layers stand that can be explained.
    case allLayers = "Graph.layers"
    /// What tells every fault of a file.
    case check = "ModelCheck"
}

/// A sentence that may name settings: `"give the network a larger input (\(.inputSize))"`.
///
/// Whatever else stands in `\(...)` is a name or a number out of a file or from a user: its middle is left out beyond
/// 80 characters, or fewer where the sentence would else have more than 300, and control characters are shown by their
/// codes. A path that the user gave, `\(path: ...)`, is shown whole and not counted.
public struct Wording: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    fileprivate enum Part: Hashable, Sendable {
        case text(String)
        case name(String)
        case path(String)
        case setting(Setting)
    }
    private var parts: [Part]

    private init(_ parts: [Part]) { self.parts = parts }

    /// A sentence without settings, of this library's own words and short names alone.
    public init(_ text: String) { parts = [.text(text)] }

    /// A sentence without settings.
    public init(stringLiteral text: String) { self.init(text) }

    /// A sentence with values and settings in it.
    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    /// The characters of a sentence, and of a name in it.
    private static let longest = 300, longestName = 80

    /// The sentence with the caller's own names for settings.
    public func text(naming name: (Setting) -> String) -> String {
        for most in [Self.longestName, 40, 20, 12] {
            let pieces = parts.map { (part: Part) -> (text: String, isCounted: Bool) in
                switch part {
                case .text(let text): (text.visible, true)
                case .name(let name): (name.elided(to: most), true)
                case .path(let path): (path.visible, false)
                case .setting(let setting): (name(setting), true)
                }
            }
            let counted = pieces.reduce(0) { $0 + ($1.isCounted ? $1.text.unicodeScalars.count : 0) }
            if counted <= Self.longest { return pieces.map(\.text).joined() }
        }
        let paths = parts.prefix { if case .path = $0 { true } else { false } }
        let rest = Wording(Array(parts.dropFirst(paths.count)))
        return Wording(Array(paths)).text(naming: name)
            + rest.words(naming: name).elided(to: Self.longest, keeping: 200)
    }

    /// However long, with short names.
    private func words(naming name: (Setting) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text), .path(let text): text
            case .name(let name): name.elided(to: 12)
            case .setting(let setting): name(setting)
            }
        }.joined()
    }

    /// The sentence with this library's names for settings.
    public var description: String { text(naming: \.rawValue) }

    /// One sentence after the other.
    public static func + (first: Wording, second: Wording) -> Wording { Wording(first.parts + second.parts) }

    /// Takes what stands in `\(...)`: a setting stays one, a sentence's and an error's settings too.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        /// An empty sentence.
        public init(literalCapacity: Int, interpolationCount: Int) {}
        /// Takes text.
        public mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }
        /// Takes a setting.
        public mutating func appendInterpolation(_ setting: Setting) { parts.append(.setting(setting)) }
        /// Takes a sentence, with its settings.
        public mutating func appendInterpolation(_ wording: Wording) { parts += wording.parts }
        /// Takes an error's line, with its settings.
        public mutating func appendInterpolation(_ error: some WordedError) { parts += error.wording.parts }
        /// Takes a path that the user gave.
        public mutating func appendInterpolation(path: String) { parts.append(.path(path)) }
        /// Takes any other value's description.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            parts.append(.name(value.description.elided(to: Wording.longestName)))
        }
        /// Takes a list of numbers.
        public mutating func appendInterpolation(_ values: [some BinaryInteger]) {
            let shown = values.prefix(16).map(\.description).joined(separator: ", ")
            parts.append(.name("[" + shown + (values.count > 16 ? ", ..." : "") + "]"))
        }
        /// Takes names, the first four of them, each between the given quotes.
        public mutating func appendInterpolation(names: [String], quote: String = "'", separator: String = ", ") {
            for (index, name) in names.prefix(4).enumerated() {
                if index > 0 { appendLiteral(separator) }
                appendLiteral(quote)
                appendInterpolation(name)
                appendLiteral(quote)
            }
            if names.count > 4 { appendLiteral(separator + "...") }
        }
    }
}

/// An error that is told in one line: what is wrong, with which file or node, and what to do.
public protocol WordedError: Error, CustomStringConvertible {
    /// That line.
    var wording: Wording { get }
}

extension WordedError {
    /// The line with this library's names for settings.
    public var description: String { wording.description }
}
