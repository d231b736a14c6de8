/// Labels written in lines.
///
/// One label a line, in quotes or not. What stands before the labels is left out only where every line has it: numbers that run from 0 or from 1 in
/// order (`0 tench`, `0: tench`, `0,tench`; also behind the label, `tench,0`), and WordNet's numbers (`n01440764 tench`, as in `synset.txt`).
/// A first line that names columns (`index,label`) makes it a table (commas, semicolons or tabs).
struct LabelLines {
    private let lines: [Substring]

    init(_ text: String) {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        self.lines = lines
    }

    func labels() throws(LabelFault) -> [String] {
        if let pairs = tabled { return isCounted(pairs.map(\.index)) ? pairs.map(\.label) : try arranged(pairs) }
        var lines = lines.map(\.trimmed)
        lines = counted(lines.map(Self.leadingNumber)) ?? counted(lines.map(Self.trailingNumber)) ?? lines
        let named = lines.compactMap(Self.afterSynset)
        if named.count == lines.count { lines = named }
        return lines.map(\.unquoted)
    }

    /// The rests of the lines where their numbers run in order. Labels of which many are alike without their numbers (`0 stars`, `1 stars`) need them.
    private func counted(_ parts: [(number: Int, rest: Substring)?]) -> [Substring]? {
        let parts = parts.compactMap(\.self)
        guard parts.count == lines.count, parts.count > 1, isCounted(parts.map(\.number)) else { return nil }
        return 10 * Set(parts.map(\.rest)).count >= 9 * parts.count ? parts.map(\.rest) : nil
    }

    private func isCounted(_ numbers: [Int]) -> Bool {
        numbers.elementsEqual(0..<numbers.count) || numbers.elementsEqual(1..<numbers.count + 1)
    }

    /// `0 tench`, `0: tench`, `"0","tench"`.
    private static func leadingNumber(_ line: Substring) -> (Int, Substring)? {
        let quotes = line.first == "\"" ? 1 : 0
        let digits = line.dropFirst(quotes).prefix { $0.isASCII && $0.isWholeNumber }
        var rest = line[digits.endIndex...]
        if quotes == 1 {
            guard rest.first == "\"" else { return nil }
            rest = rest.dropFirst()
        }
        guard let number = Int(digits), let behind = afterSeparator(rest) else { return nil }
        return (number, behind)
    }

    /// `tench,0`; a number behind a mere space is part of the label (`grade 0`).
    private static func trailingNumber(_ line: Substring) -> (Int, Substring)? {
        guard let separator = line.lastIndex(where: { ",;\t".contains($0) }) else { return nil }
        let digits = line[line.index(after: separator)...].trimmed.unquoted, label = line[..<separator].trimmed
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits), !label.isEmpty else { return nil }
        return (number, label)
    }

    private static func afterSynset(_ line: Substring) -> Substring? {
        let digits = line.dropFirst().prefix { $0.isASCII && $0.isWholeNumber }
        return line.first == "n" && digits.count == 8 ? afterSeparator(line[digits.endIndex...]) : nil
    }

    /// What follows a comma, semicolon or colon, or white space.
    private static func afterSeparator(_ text: Substring) -> Substring? {
        var rest = text.drop(while: \.isWhitespace)
        if let first = rest.first, ",;:".contains(first) { rest = rest.dropFirst().drop(while: \.isWhitespace) }
        return rest.startIndex > text.startIndex && !rest.isEmpty ? rest : nil
    }
}

extension LabelLines {
    private static let indexNames: Set = ["", "index", "id", "idx", "class_id", "class_index", "class_idx", "label_id", "number", "class", "label", "category"]
    private static let labelNames = ["label", "name", "class", "class_name", "label_name", "display_name", "category", "description"]

    /// The rows of a table whose first line names a column of whole numbers and one of labels; nil where it is none.
    private var tabled: [(index: Int, label: String)]? {
        guard lines.count > 1, let separator = "\t;,".first(where: lines[0].contains) else { return nil }
        let rows = lines.map { Self.fields($0, separator) }
        let names = rows[0].map { $0.lowercased().map { $0 == " " ? "_" : String($0) }.joined() }
        guard rows.allSatisfy({ $0.count == names.count }) else { return nil }
        let index = names.indices.first { column in
            Self.indexNames.contains(names[column]) && rows.dropFirst().allSatisfy { row in Int(row[column]).map { $0 >= 0 } ?? false }
        }
        guard let index, let label = Self.labelNames.lazy.compactMap({ name in names.indices.first { $0 != index && names[$0] == name } }).first else { return nil }
        return rows.dropFirst().map { (Int($0[index])!, $0[label]) }
    }

    /// The fields of a line, where a separator inside double quotes is none (RFC 4180).
    private static func fields(_ line: Substring, _ separator: Character) -> [String] {
        var fields: [Substring] = [], start = line.startIndex, isQuoted = false
        for place in line.indices {
            if line[place] == "\"" { isQuoted.toggle() }
            if line[place] == separator, !isQuoted {
                fields.append(line[start..<place])
                start = line.index(after: place)
            }
        }
        return (fields + [line[start...]]).map(\.trimmed.unquoted)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// Without the quotes where it is one text in single or double quotes; a doubled quote inside stands for one.
    fileprivate var unquoted: String {
        guard count > 1, let quote = first, quote == last, quote == "\"" || quote == "'" else { return String(self) }
        let parts = dropFirst().dropLast().split(separator: String(repeating: quote, count: 2), omittingEmptySubsequences: false)
        return parts.contains { $0.contains(quote) } ? String(self) : parts.joined(separator: String(quote))
    }
}
