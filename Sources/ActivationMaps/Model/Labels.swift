import Network

/// Why a text holds no labels; `reason` says what to do.
struct LabelFault: Error, Equatable {
    let reason: Wording
}

/// Labels, one a class, in the order of the classes, as people have them:
///
/// - a JSON array or Python list, or lines (see `LabelLines`);
/// - index to label, or label to index, as JSON or as a Python dictionary: Keras's `class_indices`, Ultralytics'
///   `names`, Keras's `imagenet_class_index.json`, whose values are pairs of WordNet's number and label;
/// - such a dictionary or list in a configuration: Hugging Face's `id2label` and `label2id`, timm's `label_names`,
///   `labels`, `names`;
/// - the names in a file of YAML (see `LabelYAML`).
///
/// Indices count from 0, and each is there once. A line break or tab inside a label is read as a space; any other
/// control character is a fault.
func parseLabels(_ text: String) throws(LabelFault) -> [String] {
    let bytes = utf8(of: Array(text.utf8))
    guard bytes.count(where: \.dividesLabels) <= mostDividers else {
        throw LabelFault(reason: "more than \(mostDividers) lines or commas; no network has that many classes")
    }
    if let place = bytes.firstControl {
        let line = 1 + bytes[..<place].count { $0 == UInt8(ascii: "\n") }
        throw LabelFault(
            reason: "line \(line) holds a control character; give text in UTF-8, or in UTF-16 with a byte order mark")
    }
    guard text.isLikeLiteral else {
        let lines = LabelLines(bytes)
        let labels = if let yaml = LabelYAML(lines.lines) { try yaml.labels() } else { try lines.labels() }
        return try labels.map { label throws(LabelFault) in try oneLine(label) }
    }
    let literal: PythonLiteral
    do throws(PythonLiteral.Fault) { literal = try PythonLiteral(String(decoding: bytes, as: UTF8.self)) } catch {
        throw LabelFault(
            reason: "neither JSON nor a Python literal from line \(error.line) on; give valid JSON, or one label a line"
        )
    }
    return try labels(of: literal)
}

/// - Parameters:
///   - path: the file that the text stands in, for the error.
///   - isOption: whether the caller's options named it.
func parseLabels(_ text: String, of path: String, isOption: Bool = false) throws(ModelError) -> [String] {
    do throws(LabelFault) { return try parseLabels(text) } catch {
        throw isOption
            ? .option(path: path, reason: "labels: \(error.reason)")
            : .description(path: path, reason: "labels: \(error.reason)")
    }
}

/// The labels of a list or dictionary, as `parseLabels` tells.
///
/// - Parameter key: the one that it stands under. `id2label` and `label2id` say what is the index; else whole numbers
///   on both sides are index to label where the keys run from 0 in order, or alone are 0..<n, and label to index
///   (folders named by numbers, in Keras's order) where the values do.
func labels(of literal: PythonLiteral, under key: String? = nil) throws(LabelFault) -> [String] {
    for key in ["id2label", "label2id", "label_names", "labels", "names"] {
        if let inner = literal[key], inner.list != nil || inner.dictionary != nil {
            return try labels(of: inner, under: key)
        }
    }
    if let elements = literal.list {
        var labels: [String] = []
        for element in elements { labels.append(try label(of: element)) }
        return labels
    }
    var pairs: [(index: Int, label: String)] = []
    let entries = literal.dictionary ?? []
    let isLabelToIndex = if let key, key.contains("2") { key == "label2id" } else { try seemsLabelToIndex(entries) }
    if isLabelToIndex {
        for entry in entries {
            guard let index = entry.value.index else {
                throw LabelFault(
                    reason: "'\(entry.key.string ?? "a label")' has no class index; expected {\"cat\": 0, ...}")
            }
            pairs.append((index, try label(of: entry.key)))
        }
    } else {
        for entry in entries {
            guard let index = entry.key.index else {
                throw LabelFault(
                    reason:
                        "'\(entry.key.string ?? "a key")' is no class index; expected {\"0\": \"cat\", ...}, "
                        + "{\"cat\": 0, ...}, or those as id2label"
                )
            }
            pairs.append((index, try label(of: entry.value)))
        }
    }
    return try arranged(pairs)
}

private func seemsLabelToIndex(_ entries: [PythonLiteral.Entry]) throws(LabelFault) -> Bool {
    guard entries.allSatisfy({ $0.value.integer != nil }) else { return false }
    let keys = entries.compactMap(\.key.index), values = entries.compactMap(\.value.integer), all = 0..<entries.count
    if keys.elementsEqual(all) { return false }
    if values.elementsEqual(all) || !keys.sorted().elementsEqual(all) { return true }
    guard !values.sorted().elementsEqual(all) else {
        throw LabelFault(
            reason:
                "both sides of the dictionary could be the class indices; put it under \"id2label\" (index to "
                + "label) or \"label2id\""
        )
    }
    return false
}

/// The labels by their indices, each of 0..<n once.
func arranged<Label>(_ pairs: [(index: Int, label: Label)]) throws(LabelFault) -> [Label] {
    let sorted = pairs.sorted { $0.index < $1.index }
    func named(_ indices: some Sequence<Int>) -> String {
        let first = Array(indices.prefix(5))
        return (first.count == 1 ? "index " : "indices ") + first.prefix(4).map(String.init).joined(separator: ", ")
            + (first.count > 4 ? ", ..." : "")
    }
    if let least = sorted.first, least.index < 0 {
        throw LabelFault(reason: "\(named([least.index])) is below 0; indices count from 0")
    }
    let doubled = zip(sorted, sorted.dropFirst()).filter { $0.index == $1.index }.map(\.0.index)
    if !doubled.isEmpty { throw LabelFault(reason: "\(named(doubled)) more than once; give one label a class") }
    let present = Set(sorted.map(\.index))
    if let greatest = sorted.last?.index, greatest >= sorted.count {
        throw LabelFault(
            reason:
                "\(named((0..<greatest).lazy.filter { !present.contains($0) })) missing of 0 to \(greatest); "
                + "indices count from 0, one label a class"
        )
    }
    return sorted.map(\.label)
}

/// A text or whole number, or the second of a pair such as `["n01440764", "tench"]`.
private func label(of value: PythonLiteral) throws(LabelFault) -> String {
    if let text = value.string { return try oneLine(text) }
    if let number = value.integer { return "\(number)" }
    if let pair = value.list, pair.count == 2, let text = pair[1].string { return try oneLine(text) }
    throw LabelFault(reason: "a label is neither a text nor a pair of texts")
}

/// A text of labels may have so many lines and commas.
private let mostDividers = 4_000_000
/// A label may have so many bytes.
private let longestLabel = 1000

/// The label with spaces for what ends lines; most labels are that already.
private func oneLine(_ label: String) throws(LabelFault) -> String {
    guard label.utf8.count <= longestLabel else {
        throw LabelFault(
            reason: "the label '\(label)' has \(label.utf8.count) bytes; give one of at most \(longestLabel)")
    }
    guard label.unicodeScalars.contains(where: \.isControlOrBreak) else { return label }
    let words = label.unicodeScalars.split { $0.isControlOrBreak && $0.properties.isWhitespace }
    guard !words.joined().contains(where: \.isControlOrBreak) else {
        let shown = String.UnicodeScalarView(label.unicodeScalars.map { $0.isControlOrBreak ? "?" : $0 })
        throw LabelFault(reason: "the label '\(String(shown))' holds a control character; leave it out")
    }
    return words.map { String($0) }.joined(separator: " ")
}

extension PythonLiteral {
    /// A whole number, as such or as a text.
    fileprivate var index: Int? { integer ?? string.flatMap { Int($0) } }
}

extension Unicode.Scalar {
    fileprivate var isControlOrBreak: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || (0x2028...0x2029).contains(value)
    }
}

extension UInt8 {
    fileprivate var dividesLabels: Bool { self == 0x0A || self == 0x0D || self == 0x09 || self == 0x2C || self == 0x3B }
}

extension [UInt8] {
    /// The first byte of a control character that is no white space.
    fileprivate var firstControl: Int? {
        indices.first { place in
            let byte = self[place]
            if byte < 0x80 { return byte < 0x20 && !byte.isSpace || byte == 0x7F }
            return byte == 0xC2 && place + 1 < count && self[place + 1] < 0xA0 && self[place + 1] != 0x85
        }
    }
}

extension String {
    /// Whether it begins as a dictionary or a list of texts, numbers or lists; a line such as `[unknown]` does not.
    fileprivate var isLikeLiteral: Bool {
        let start = drop { $0.isWhitespace }
        guard start.first == "[" else { return start.first == "{" }
        return start.dropFirst().first { !$0.isWhitespace }.map { "\"'[({]-0123456789".contains($0) } ?? true
    }
}
