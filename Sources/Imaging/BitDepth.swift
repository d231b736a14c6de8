/// How many bits the samples of a 16-bit picture have, counted from the lowest.
public enum BitDepth: Sendable, Equatable {
    /// As many as the picture's greatest sample uses, at least 8.
    case automatic
    /// 8 to 16; samples beyond them are white.
    case bits(Int)
}

/// What is remarkable in a 16-bit picture's samples.
public enum DepthRemark: Sendable, Equatable {
    /// The greatest sample uses this many bits, but all 16 were taken: the picture is dark.
    case unused(bits: Int)
    /// The chunk sBIT says this many, and the samples are no larger; they were taken.
    case significant(bits: Int)
    /// The greatest sample uses more bits than were asked for.
    case clipped(bits: Int, taken: Int)
}

/// The 8-bit pixels of 16-bit samples.
struct DeepSamples {
    let pixels: [UInt8]
    private(set) var remark: DepthRemark?

    /// - Parameter significant: what the chunk sBIT says, or 0.
    ///
    /// PNG wants samples of fewer bits scaled to 16, and sBIT to tell how many there were (W3C's PNG, 11.3.2.7 and
    /// 13.12). Of n bits, scaling leaves 0 or 1 in the lower 16 - n bits of any sample below 2^n. So a picture below
    /// 2^n with other lower bits was not scaled.
    init(_ samples: [UInt16], significant: Int, as depth: BitDepth?) {
        var all: UInt16 = 0, lowBytes: UInt16 = 0, unequalBytes: UInt16 = 0, unscaled = false
        let lowerBits: UInt16 = 8..<16 ~= significant ? 0xFFFF >> significant : 0
        for sample in samples {
            all |= sample
            lowBytes |= sample & 0xFF
            unequalBytes |= (sample >> 8) ^ (sample & 0xFF)
            if sample & lowerBits > 1 { unscaled = true }
        }
        let used = 16 - all.leadingZeroBitCount

        let taken: Int
        switch depth {
        case .automatic: taken = max(used, 8)
        case .bits(let bits):
            taken = min(max(bits, 8), 16)
            if used > taken { remark = .clipped(bits: used, taken: taken) }
        case nil where unscaled && used <= significant:
            taken = significant
            remark = .significant(bits: significant)
        case nil:
            taken = 16
            // 8-bit samples in the high byte, with 0 or themselves in the low one, are scaled and merely dark.
            if 1..<16 ~= used, lowBytes != 0, unequalBytes != 0 { remark = .unused(bits: used) }
        }
        let white = UInt16(truncatingIfNeeded: (1 << taken) - 1), shift = UInt16(taken - 8)
        pixels = samples.map { UInt8(truncatingIfNeeded: min($0, white) >> shift) }
    }
}
