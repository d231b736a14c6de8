/// Rows of cells between commas (RFC 4180), read while they are asked for: a cell in double quotes may hold commas,
/// line feeds and doubled quotes. A file without commas in its first line may have semicolons or tabs instead. Lines
/// end in LF, CR or both; blank ones are passed over.
struct CSV {
    private let bytes: ByteStream
    private var separator: UInt8?

    init(_ bytes: ByteStream) { self.bytes = bytes }

    /// The next row, without the spaces around its cells, and its line; nil at the end.
    ///
    /// - Throws: where a quote is not closed, or the file cannot be read.
    mutating func next() throws(TableFault) -> (line: Int, cells: [String])? {
        while bytes.peek != nil {
            let line = bytes.line, cells = try row()
            if cells != [""] { return (line, cells) }
        }
        try bytes.check()
        return nil
    }

    private static let mostBytes = 1_000_000

    private mutating func row() throws(TableFault) -> [String] {
        var cells: [String] = [], cell: [UInt8] = [], start = bytes.line
        func end() throws(TableFault) {
            guard !cell.contains(0), let text = String(validating: cell, as: UTF8.self) else {
                throw TableFault(path: bytes.path, .notText)
            }
            cells.append(text.trimmed)
            cell = []
        }
        while let byte = bytes.next() {
            guard cell.count <= Self.mostBytes, cells.count < Self.mostBytes else {
                throw TableFault(
                    path: bytes.path, .malformed(line: start, expected: "cells of at most a million bytes"))
            }
            switch byte {
            case UInt8(ascii: "\""):
                start = bytes.line
                while true {
                    guard let inner = bytes.next() else {
                        throw TableFault(path: bytes.path, .malformed(line: start, expected: "a closing quote"))
                    }
                    if inner != UInt8(ascii: "\""), cell.count <= Self.mostBytes {
                        cell.append(inner)
                    } else if bytes.peek == UInt8(ascii: "\"") {
                        cell.append(bytes.next()!)
                    } else {
                        break
                    }
                }
            case UInt8(ascii: "\r") where bytes.peek == UInt8(ascii: "\n"): break
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                try end()
                return cells
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"):
                // The first that is met holds for the file.
                if separator == nil { separator = byte }
                if byte == separator { try end() } else { cell.append(byte) }
            default: cell.append(byte)
            }
        }
        try end()
        return cells
    }
}

extension String {
    /// Without the white space around it.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
