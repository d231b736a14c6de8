/// Bytes as text (RFC 4648, section 4).
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { text in
            for (place, start) in stride(from: 0, to: bytes.count, by: 3).enumerated() {
                let left = bytes.count - start
                let (second, third) = (left > 1 ? bytes[start + 1] : 0, left > 2 ? bytes[start + 2] : 0)
                let group = Int(bytes[start]) << 16 | Int(second) << 8 | Int(third)
                text[4 * place] = digits[group >> 18]
                text[4 * place + 1] = digits[group >> 12 & 63]
                text[4 * place + 2] = left > 1 ? digits[group >> 6 & 63] : UInt8(ascii: "=")
                text[4 * place + 3] = left > 2 ? digits[group & 63] : UInt8(ascii: "=")
            }
            return count
        }
    }
}
