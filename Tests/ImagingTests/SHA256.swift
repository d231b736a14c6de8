/// FIPS 180-4's SHA-256, in hexadecimal.
func sha256(_ message: [UInt8]) -> String {
    var bytes = message + [0x80]
    bytes += [UInt8](repeating: 0, count: (120 - bytes.count % 64) % 64)
    bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: (message.count * 8) >> (8 * $0)) }

    var hash = roots(of: 8) { $0.squareRoot() }
    let constants = roots(of: 64) { cubeRoot($0) }
    var w = [UInt32](repeating: 0, count: 64)
    for block in stride(from: 0, to: bytes.count, by: 64) {
        for i in 0..<16 { w[i] = (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[block + 4 * i + $1]) } }
        for i in 16..<64 {
            let low = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3,
                high = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10
            w[i] = w[i - 16] &+ low &+ w[i - 7] &+ high
        }
        var (a, b, c, d, e, f, g, h) = (hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7])
        for i in 0..<64 {
            let one = h &+ (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) &+ ((e & f) ^ (~e & g)) &+ constants[i] &+ w[i]
            let two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ one, c, b, a, one &+ two)
        }
        for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { hash[i] &+= value }
    }
    return hash.map { word in
        let digits = String(word, radix: 16); return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
}

private func turn(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }

/// The first 32 bits of the fractions of the first primes' roots.
private func roots(of count: Int, _ root: (Double) -> Double) -> [UInt32] {
    let primes = (2..<400).filter { n in !(2..<n).contains(where: { n % $0 == 0 }) }
    return primes.prefix(count).map { prime in
        let value = root(Double(prime))
        return UInt32((value - value.rounded(.down)) * 4_294_967_296)
    }
}

/// By Newton's method.
private func cubeRoot(_ x: Double) -> Double {
    var root = x
    for _ in 0..<60 {
        let square = root * root
        root -= (square * root - x) / (3 * square)
    }
    return root
}
