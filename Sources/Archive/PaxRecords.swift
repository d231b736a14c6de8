/// What the extended headers of POSIX's pax format say of the members behind them.
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
struct PaxRecords {
    private(set) var path: [UInt8]?
    private(set) var size: Int?
    /// Whether the data are GNU tar's map of a sparse file and the pieces of it that are not zeros.
    private(set) var isSparse = false

    /// Reads records `LENGTH KEY=VALUE\n`, of which later ones win and an empty value takes back what an earlier one
    /// said.
    ///
    /// - Returns: whether all of them are well formed.
    mutating func read(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // LENGTH counts itself; what holds the records has no more than seven digits.
            guard let space = rest.prefix(8).firstIndex(of: UInt8(ascii: " ")),
                let length = Self.decimal(rest[..<space]), length <= rest.count
            else { return false }
            let end = rest.startIndex + length
            guard end > space + 1, rest[end - 1] == UInt8(ascii: "\n"),
                let equals = rest[space..<end].firstIndex(of: UInt8(ascii: "="))
            else { return false }
            guard take(rest[(space + 1)..<equals], rest[(equals + 1)..<(end - 1)]) else { return false }
            rest = rest[end...]
        }
        return true
    }

    private mutating func take(_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
        switch String(decoding: key, as: UTF8.self) {
        case "path": path = value.isEmpty ? nil : Array(value)
        case "size":
            size = Self.decimal(value)
            return size != nil || value.isEmpty
        case let key where key.hasPrefix("GNU.sparse."): isSparse = true
        default: break
        }
        return true
    }

    /// nil where it is no number of 0 to 2^63 - 1.
    private static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
