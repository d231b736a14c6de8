import Platform

/// The same numbers for the same seed. SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014.
package struct SeededGenerator: RandomNumberGenerator {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    package init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

    /// One of many generators by one seed: its own seed is that seed's number `stream`, counted from 0.
    package init(seed: Int, stream: Int) {
        self.init(seed: seed)
        state &+= Self.step &* UInt64(bitPattern: Int64(stream))
        state = next()
    }

    package mutating func next() -> UInt64 {
        state &+= Self.step
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of the standard normal distribution, of 48 random bits. Box and Muller, "A note on the generation of
    /// random normal deviates", 1958.
    package mutating func gaussian() -> Float {
        let bits = next(), scale: Float = 0x1p-24
        let distance = Float((bits >> 40) + 1) * scale, angle = Float(bits & 0xFF_FFFF) * scale
        return (-2 * logf(distance)).squareRoot() * cosf(2 * .pi * angle)
    }
}
