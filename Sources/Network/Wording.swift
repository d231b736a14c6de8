/// What a caller may set or look at, and sentences refer to: a program for the command line has other names for it than
/// this library, whose own are the raw values.
public enum Setting: String, CaseIterable, Sendable {
    /// How the network is read.
    case inputSize, cropSize, output, labels, mean, std, memoryLimit
    /// What a network may ask for: see `Limits`.
    case elementLimit, nodeLimit, nestingLimit, operationLimit
    /// What is explained, and how.
    case layers, eigenSmooth
    /// Where all layers stand that can be explained.
    case allLayers = "Graph.layers"
    /// What tells every fault of a file.
    case check = "ModelCheck"
}

/// A sentence that may name settings: `"give the network a larger input (\(.inputSize))"`.
public struct Wording: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    fileprivate enum Part: Hashable, Sendable {
        case text(String)
        case setting(Setting)
    }
    private var parts: [Part]

    private init(_ parts: [Part]) { self.parts = parts }

    /// A sentence without settings.
    public init(_ text: String) { parts = [.text(text)] }

    /// A sentence without settings.
    public init(stringLiteral text: String) { self.init(text) }

    /// A sentence with values and settings in it.
    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    /// The sentence with the caller's own names for settings.
    public func text(naming name: (Setting) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .setting(let setting): name(setting)
            }
        }.joined()
    }

    /// The sentence with this library's names for settings.
    public var description: String { text(naming: \.rawValue) }

    /// One sentence after the other.
    public static func + (first: Wording, second: Wording) -> Wording { Wording(first.parts + second.parts) }

    /// The same with control characters shown: names out of a file may hold anything.
    var withoutControls: Wording {
        Wording(
            parts.map { part in
                guard case .text(let text) = part else { return part }
                return .text(
                    text.unicodeScalars.map {
                        $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
                    }.joined())
            })
    }

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
        /// Takes any other value's description.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            parts.append(.text(value.description))
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
