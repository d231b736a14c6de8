extension TarHeader {
    /// The header of a file, with an extended header before it where one is needed.
    ///
    /// - Parameter modified: seconds since 1970.
    static func blocks(path: [UInt8], size: Int, modified: UInt32) -> [UInt8] {
        let fits = path.allSatisfy { $0 < 0x80 } ? split(path) : nil
        var records: [UInt8] = []
        if fits == nil { records += record("path", path) }
        if size > mostOctal { records += record("size", Array(String(size).utf8)) }
        let (prefix, name) = fits ?? ([], path.prefix(Field.name.count))
        let header = block(prefix, name, size: size > mostOctal ? 0 : size, modified: modified, type: "0")
        guard !records.isEmpty else { return header }
        // Where extended headers are not known it is a file of this name.
        return block([], Array("PaxHeader".utf8)[...], size: records.count, modified: modified, type: "x")
            + records + [UInt8](repeating: 0, count: -records.count & (blockSize - 1)) + header
    }

    /// The largest number of eleven octal digits: 8 GB.
    private static let mostOctal = 1 << 33 - 1

    /// A path in prefix and name, which a slash parts; nil where it does not fit.
    private static func split(_ path: [UInt8]) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        if path.count <= Field.name.count { return ([], path[...]) }
        let slash = path.indices.first { path[$0] == UInt8(ascii: "/") && path.count - $0 - 1 <= Field.name.count }
        guard let slash, 1...Field.prefix.count ~= slash, slash < path.count - 1 else { return nil }
        return (path[..<slash], path[(slash + 1)...])
    }

    private static func block(
        _ prefix: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, size: Int, modified: UInt32, type: Unicode.Scalar
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        func put(_ bytes: some Sequence<UInt8>, _ start: Int) {
            for (place, byte) in bytes.enumerated() { block[start + place] = byte }
        }
        func put(_ number: Int, _ field: Range<Int>) { put(octal(number, digits: field.count - 1), field.lowerBound) }
        put(name, Field.name.lowerBound)
        put(0o644, Field.mode)
        put(0, Field.user)
        put(0, Field.group)
        put(size, Field.size)
        put(Int(modified), Field.modified)
        block[Field.type] = UInt8(ascii: type)
        put("ustar\u{0}00".utf8, Field.magic.lowerBound)
        put(0, Field.majorDevice)
        put(0, Field.minorDevice)
        put(prefix, Field.prefix.lowerBound)
        put("        ".utf8, Field.checksum.lowerBound)
        // Six digits, NUL and a space.
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + [0], Field.checksum.lowerBound)
        return block
    }

    private static func octal(_ number: Int, digits: Int) -> [UInt8] {
        let text = String(number, radix: 8).utf8
        return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.count) + text
    }

    /// `LENGTH KEY=VALUE\n`, where LENGTH counts itself.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(key)=".utf8) + value + [UInt8(ascii: "\n")]
        var length = rest.count
        while length != rest.count + String(length).utf8.count { length = rest.count + String(length).utf8.count }
        return Array(String(length).utf8) + rest
    }
}
