import Network

/// The names of the classes in a file of YAML, such as Ultralytics' `data.yaml`:
///
///     nc: 2
///     names: [cat, "dog"]      or {0: cat, 1: dog}, over several lines too
///     names:                   or lines `- cat`
///       0: cat
///       1: dog
///
/// Other keys are passed over; anything else under the key (an alias, a text over several lines) is a fault.
/// https://docs.ultralytics.com/datasets/classify, https://yaml.org/spec/1.2.2
struct LabelYAML {
    typealias Line = LabelLines.Line

    private static let keys = ["names", "id2label", "class_names", "label_names", "classes", "labels"]

    private let count: Int?
    private let key: String
    /// What follows the key on its line and stands below it.
    private let value: Line, below: ArraySlice<Line>

    /// Nil where the lines are none of such a file: none is one of the keys with a list or nothing after it, none the
    /// number of classes.
    ///
    /// - Parameter lines: without blank ones.
    init?(_ lines: [Line]) {
        var found: (key: String, place: Int, value: Line)?, count: Int?
        for (place, line) in lines.enumerated() where "nicl".utf8.contains(line.first!) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon - line.startIndex < 12 else { continue }
            let key = String(decoding: line[..<colon].trimmed, as: UTF8.self), value = line[(colon + 1)...].uncommented
            if key == "nc", let number = value.number { count = number }
            if found == nil, Self.keys.contains(key), value.first.map("[{".utf8.contains) ?? true {
                found = (key, place, value)
            }
        }
        guard found != nil || count != nil else { return nil }
        self.count = count
        (key, value) = (found?.key ?? "", found?.value ?? [])
        below = found.map { lines[($0.place + 1)...] } ?? []
    }

    func labels() throws(LabelFault) -> [String] {
        guard !key.isEmpty else { throw fault("it has no names of classes") }
        let labels = value.isEmpty ? try block() : try flow()
        if let count, count != labels.count {
            throw LabelFault(reason: "nc is \(count), but \(key) has \(labels.count)")
        }
        return labels
    }

    private func fault(_ what: Wording) -> LabelFault {
        LabelFault(
            reason:
                "this looks like YAML, and \(what); what is read are names: [cat, dog], or below names: lines '- "
                + "cat' or '  0: cat'"
        )
    }

    /// The lines below the key.
    private func block() throws(LabelFault) -> [String] {
        var items: [String] = [], entries: [(index: Int, label: String)] = []
        for line in below {
            let text = line.uncommented
            if text.isEmpty { continue }
            let isItem = text.first == UInt8(ascii: "-") && text.dropFirst().first?.isSpace == true
            guard isItem || line.first!.isSpace else { break }
            if isItem { items.append(try scalar(text.dropFirst().trimmed)) } else { entries.append(try entry(text)) }
        }
        guard items.isEmpty || entries.isEmpty else { throw fault("\(key) has both items and indices") }
        guard !(items.isEmpty && entries.isEmpty) else { throw fault("\(key) is empty") }
        return items.isEmpty ? try arranged(entries) : items
    }

    /// A list or dictionary in brackets.
    private func flow() throws(LabelFault) -> [String] {
        let isList = value.first == UInt8(ascii: "["), end = UInt8(ascii: isList ? "]" : "}")
        var text = Array(value)
        for line in below {
            if text.last == end { break }
            text += [0x20] + line.uncommented
        }
        guard text.last == end else { throw fault("the bracket of \(key) is not closed") }
        var fields = text[1..<(text.count - 1)].fields(UInt8(ascii: ","))
        if fields.last?.isEmpty == true { fields.removeLast() }
        if isList { return try fields.map { field throws(LabelFault) in try scalar(field) } }
        return try arranged(fields.map { field throws(LabelFault) in try entry(field) })
    }

    /// `0: cat`.
    private func entry(_ text: Line) throws(LabelFault) -> (index: Int, label: String) {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
            let index = text[..<colon].trimmed.unquotedOrSelf.number
        else {
            throw fault("'\(text.text)' is no index and name")
        }
        return (index, try scalar(text[(colon + 1)...].trimmed))
    }

    /// A text in quotes or not.
    private func scalar(_ text: Line) throws(LabelFault) -> String {
        let isPlain = text.first.map { !"\"'[]{}&*!|>%@`,".utf8.contains($0) } ?? false
        if isPlain { return String(decoding: text, as: UTF8.self) }
        if text.first == UInt8(ascii: "'"), let inner = text.unquoted { return String(decoding: inner, as: UTF8.self) }
        if text.first == UInt8(ascii: "\""),
            let inner = (try? PythonLiteral(String(decoding: text, as: UTF8.self)))?.string
        {
            return inner
        }
        throw fault("'\(String(decoding: text, as: UTF8.self))' is no name in one line")
    }
}

extension ArraySlice<UInt8> {
    /// Trimmed, without a comment: from a `#` on that follows white space outside quotes.
    fileprivate var uncommented: Self {
        guard contains(UInt8(ascii: "#")) else { return trimmed }
        var quote: UInt8?, before: UInt8 = 0x20
        for place in indices {
            let byte = self[place]
            if byte == quote {
                quote = nil
            } else if quote == nil {
                if byte == UInt8(ascii: "#"), before.isSpace { return self[..<place].trimmed }
                // The second of two quotes opens again.
                if "\"'".utf8.contains(byte), before == byte || before.isSpace || ",[{:".utf8.contains(before) {
                    quote = byte
                }
            }
            before = byte
        }
        return trimmed
    }
}
