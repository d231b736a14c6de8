import Network

/// Labels written in lines; blank lines are left out.
///
/// One label a line, in quotes or not, or all of them on one line (between tabs, semicolons or commas; one label that
/// contains a comma is put in quotes). What stands before the labels is left out only where every line has it: hyphens
/// (`- tench`), indices, and WordNet's numbers (`n01440764 tench`, as in `synset.txt`). A first line that names columns
/// (`index,label`) makes it a table (commas, semicolons or tabs).
///
/// Numbers before the labels (`0 tench`, `0: tench`, `0,tench`) or after a separator (`tench,0`) are
/// - part of the labels where these are alike without them (`0 stars`, `1 star`, `2 stars`: fewer than nine in ten
///   differ);
/// - indices where they run from 0 or 1 in order, or are 0..<n in any order: each label goes to its own;
/// - a fault where they look like indices with gaps or doubles: more than half of both the lines and 1...greatest
///   differ, on three lines or with a 0, and not all that is left are numbers again (`4:3`);
/// - part of the labels otherwise (`2012 Ford`), and where the line is in quotes.
struct LabelLines {
    typealias Line = ArraySlice<UInt8>

    /// Not trimmed: a table's first column may have no name.
    let lines: [Line]

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8]) { self.init(bytes.split { $0 == 0x0A || $0 == 0x0D }) }

    private init(_ lines: [Line]) { self.lines = lines.filter { !$0.trimmed.isEmpty } }

    func labels() throws(LabelFault) -> [String] {
        if let table = try tabled { return try indexed(table, isTable: true)!.map(\.text) }
        if lines.count == 1, let parts = Self.parts(of: lines[0]) { return try LabelLines(parts).labels() }
        var lines = lines.map(\.trimmed)
        lines = every(lines, Self.afterHyphen) ?? lines
        if let rests = try indexed(every(lines, Self.leadingNumber)) {
            lines = rests
        } else if let rests = try indexed(every(lines, Self.trailingNumber)) {
            lines = rests
        }
        return (every(lines, Self.afterSynset) ?? lines).map(\.text)
    }

    private typealias Entry = (index: Int, label: Line)

    /// What each line comes to; nil where one comes to nothing.
    private func every<Part>(_ lines: [Line], _ part: (Line) -> Part?) -> [Part]? {
        var parts: [Part] = []
        parts.reserveCapacity(lines.count)
        for line in lines {
            guard let part = part(line) else { return nil }
            parts.append(part)
        }
        return parts
    }

    /// The labels by their indices; nil where the numbers are part of the labels.
    private func indexed(_ entries: [Entry]?, isTable: Bool = false) throws(LabelFault) -> [Line]? {
        guard let entries else { return nil }
        if !isTable, entries.count < 2 || 10 * Set(entries.map(\.label.singular)).count < 9 * entries.count {
            return nil
        }
        let numbers = entries.map(\.index), count = numbers.count, greatest = numbers.max() ?? 0
        if numbers.elementsEqual(0..<count) || numbers.elementsEqual(1..<count + 1) { return entries.map(\.label) }
        let different = Set(numbers).count
        let isOrder = different == count && greatest == count - 1
        let isLikeIndices =
            (count > 2 || numbers.contains(0)) && 2 * different > max(greatest, count)
            && entries.contains { $0.label.number == nil }
        guard isTable || isOrder || isLikeIndices else { return nil }
        do throws(LabelFault) { return try arranged(entries) } catch {
            throw isTable
                ? error
                : LabelFault(reason: error.reason + "; if the numbers are part of the labels, put each label in quotes")
        }
    }

    private static func afterHyphen(_ line: Line) -> Line? {
        let rest = line.dropFirst()
        return line.first == UInt8(ascii: "-") && rest.first?.isSpace == true ? rest.trimmed : nil
    }

    /// `0 tench`, `0: tench`, `"0","tench"`.
    private static func leadingNumber(_ line: Line) -> Entry? {
        let isQuoted = line.first == UInt8(ascii: "\"")
        let digits = line.dropFirst(isQuoted ? 1 : 0).prefix(while: \.isDigit)
        guard let number = digits.number else { return nil }
        var rest = line[digits.endIndex...]
        if isQuoted {
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            rest = rest.dropFirst()
        }
        return afterSeparator(rest).map { (number, $0) }
    }

    /// `tench,0`, `tench: 0`; a number after a mere space is part of the label (`grade 0`).
    private static func trailingNumber(_ line: Line) -> Entry? {
        guard let separator = line.lastIndex(where: { $0.isSeparator || $0 == UInt8(ascii: "\t") }) else { return nil }
        var digits = line[(separator + 1)...].trimmed
        if digits.count > 2, digits.first == UInt8(ascii: "\""), digits.last == digits.first {
            digits = digits.dropFirst().dropLast()
        }
        let label = line[..<separator].trimmed
        guard let number = digits.number, !label.isEmpty else { return nil }
        return (number, label)
    }

    private static func afterSynset(_ line: Line) -> Line? {
        let digits = line.dropFirst().prefix(while: \.isDigit)
        return line.first == UInt8(ascii: "n") && digits.count == 8 ? afterSeparator(line[digits.endIndex...]) : nil
    }

    /// What follows a comma, semicolon or colon, or white space.
    private static func afterSeparator(_ text: Line) -> Line? {
        var rest = text.drop(while: \.isSpace)
        if let first = rest.first, first.isSeparator { rest = rest.dropFirst().drop(while: \.isSpace) }
        return rest.startIndex > text.startIndex && !rest.isEmpty ? rest : nil
    }

    /// The labels of an only line, in square brackets or not; nil where it is one label, after an index or not.
    private static func parts(of line: Line) -> [Line]? {
        var line = line.trimmed
        guard line.unquoted == nil else { return nil }
        if line.first == UInt8(ascii: "["), line.last == UInt8(ascii: "]") { line = line.dropFirst().dropLast() }
        guard let separator = "\t;,".utf8.first(where: line.contains) else { return nil }
        let parts = line.fields(separator).filter { !$0.isEmpty }
        let isEntry = parts.count == 2 && (parts[0].number == nil) != (parts[1].number == nil)
        return parts.count > 1 && !isEntry ? parts : nil
    }
}

extension LabelLines {
    private static let indexNames: Set = [
        "", "index", "id", "idx", "class_id", "class_index", "class_idx", "label_id", "number", "class", "label",
        "category",
    ]
    private static let labelNames = [
        "label", "name", "class", "class_name", "label_name", "display_name", "category", "description",
    ]

    /// The rows of a table whose first line names a column of whole numbers and one of labels; nil where it is none.
    private var tabled: [Entry]? {
        get throws(LabelFault) {
            guard lines.count > 1, let separator = "\t;,".utf8.first(where: lines[0].contains) else { return nil }
            let names = lines[0].fields(separator).map {
                $0.text.lowercased().map { $0 == " " ? "_" : String($0) }.joined()
            }
            let label = { index in
                Self.labelNames.lazy.compactMap { name in names.indices.first { $0 != index && names[$0] == name } }
                    .first
            }
            for index in names.indices where Self.indexNames.contains(names[index]) {
                guard let label = label(index) else { continue }
                var entries: [Entry] = []
                for line in lines.dropFirst() {
                    let row = line.fields(separator)
                    guard row.count > index, let number = row[index].unquotedOrSelf.number else { break }
                    guard row.count == names.count else {
                        throw LabelFault(
                            reason:
                                "'\(line.trimmed.text)' has \(row.count) columns, the first line \(names.count); "
                                + "put a label that contains the separator in double quotes"
                        )
                    }
                    entries.append((number, row[label]))
                }
                if entries.count == lines.count - 1 { return entries }
            }
            return nil
        }
    }
}
