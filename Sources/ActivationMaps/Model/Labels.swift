/// Why a text holds no labels; `reason` says what to do.
struct LabelFault: Error, Equatable {
    let reason: String
}

/// Labels, one a class, in the order of the classes, as people have them:
///
/// - a JSON array or Python list, or one a line (see `LabelLines`);
/// - index to label, or label to index, as JSON or as a Python dictionary: Keras's `class_indices`, Ultralytics' `names`, Keras's
///   `imagenet_class_index.json`, whose values are pairs of WordNet's number and label;
/// - such a dictionary or list in a configuration: Hugging Face's `id2label` and `label2id`, timm's `label_names`, `labels`, `names`.
///
/// Indices count from 0, and each is there once.
func parseLabels(_ text: String) throws(LabelFault) -> [String] {
    let text = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    guard text.isLikeLiteral else { return try LabelLines(text).labels() }
    let literal: PythonLiteral
    do throws(PythonLiteral.Fault) { literal = try PythonLiteral(text) } catch {
        throw LabelFault(reason: "neither JSON nor a Python literal from line \(error.line) on; give valid JSON, or one label a line")
    }
    return try labels(of: literal)
}

/// - Parameters:
///   - path: the file that the text stands in, for the error.
///   - isOption: whether the caller's options named it.
func parseLabels(_ text: String, of path: String, isOption: Bool = false) throws(ModelError) -> [String] {
    do throws(LabelFault) { return try parseLabels(text) } catch {
        throw isOption ? .option(path: path, reason: "labels: \(error.reason)") : .description(path: path, reason: "labels: \(error.reason)")
    }
}

/// The labels of a list or dictionary, as `parseLabels` tells.
func labels(of literal: PythonLiteral) throws(LabelFault) -> [String] {
    for key in ["id2label", "label2id", "label_names", "labels", "names"] {
        if let inner = literal[key], inner.list != nil || inner.dictionary != nil { return try labels(of: inner) }
    }
    if let elements = literal.list {
        var labels: [String] = []
        for element in elements { labels.append(try label(of: element)) }
        return labels
    }
    var pairs: [(index: Int, label: String)] = []
    let entries = literal.dictionary ?? []
    if entries.allSatisfy({ $0.value.integer != nil }) {
        for entry in entries { pairs.append((entry.value.integer!, try label(of: entry.key))) }
    } else {
        for entry in entries {
            guard let index = entry.key.integer ?? entry.key.string.flatMap({ Int($0) }) else {
                throw LabelFault(reason: "'\(entry.key.string ?? "a key")' is no class index; expected {\"0\": \"cat\", ...}, {\"cat\": 0, ...}, or those as id2label")
            }
            pairs.append((index, try label(of: entry.value)))
        }
    }
    return try arranged(pairs)
}

/// The labels by their indices, each of 0..<n once.
func arranged(_ pairs: [(index: Int, label: String)]) throws(LabelFault) -> [String] {
    let sorted = pairs.sorted { $0.index < $1.index }
    func named(_ indices: some Sequence<Int>) -> String {
        let first = Array(indices.prefix(5))
        return (first.count == 1 ? "index " : "indices ") + first.prefix(4).map(String.init).joined(separator: ", ") + (first.count > 4 ? ", ..." : "")
    }
    if let least = sorted.first, least.index < 0 { throw LabelFault(reason: "\(named([least.index])) is below 0; indices count from 0") }
    let doubled = zip(sorted, sorted.dropFirst()).filter { $0.index == $1.index }.map(\.0.index)
    if !doubled.isEmpty { throw LabelFault(reason: "\(named(doubled)) more than once; give one label a class") }
    let present = Set(sorted.map(\.index))
    if let greatest = sorted.last?.index, greatest >= sorted.count {
        throw LabelFault(reason: "\(named((0..<greatest).lazy.filter { !present.contains($0) })) missing of 0 to \(greatest); indices count from 0, one label a class")
    }
    return sorted.map(\.label)
}

/// A text or whole number, or the second of a pair such as `["n01440764", "tench"]`.
private func label(of value: PythonLiteral) throws(LabelFault) -> String {
    if let text = value.string { return text }
    if let number = value.integer { return "\(number)" }
    if let pair = value.list, pair.count == 2, let text = pair[1].string { return text }
    throw LabelFault(reason: "a label is neither a text nor a pair of texts")
}

extension String {
    /// Whether it begins as a dictionary or a list of texts, numbers or lists; a line such as `[unknown]` does not.
    fileprivate var isLikeLiteral: Bool {
        let start = drop { $0.isWhitespace }
        guard start.first == "[" else { return start.first == "{" }
        return start.dropFirst().first { !$0.isWhitespace }.map { "\"'[({]-0123456789".contains($0) } ?? true
    }
}
