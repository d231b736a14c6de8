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

/// What 16-bit samples tell of their depth.
///
/// PNG wants samples of fewer bits scaled to 16, and sBIT to tell how many there were (W3C's PNG, 11.3.2.7 and
/// 13.12). Of n bits, scaling leaves 0 or 1 in the lower 16 - n bits of any sample below 2^n. So a picture below
/// 2^n with other lower bits was not scaled.
struct DepthSurvey {
    private let significant: Int, lowerBits: UInt16
    private var all: UInt16 = 0, lowBytes: UInt16 = 0, unequalBytes: UInt16 = 0, unscaled = false

    /// - Parameter significant: what the chunk sBIT says, or 0.
    init(significant: Int) {
        self.significant = significant
        lowerBits = 8..<16 ~= significant ? 0xFFFF >> significant : 0
    }

    mutating func add(_ samples: UnsafeBufferPointer<UInt16>) {
        for sample in samples {
            all |= sample
            lowBytes |= sample & 0xFF
            unequalBytes |= (sample >> 8) ^ (sample & 0xFF)
            if sample & lowerBits > 1 { unscaled = true }
        }
    }

    /// How many bits are taken, whatever the samples; nil where these decide.
    func taken(_ depth: BitDepth?) -> Int? {
        switch depth {
        case .automatic: nil
        case .bits(let bits): min(max(bits, 8), 16)
        case nil: lowerBits == 0 ? 16 : nil
        }
    }

    /// How many bits are taken, and what is remarkable, when all samples were added.
    func conclusion(_ depth: BitDepth?) -> (taken: Int, remark: DepthRemark?) {
        let used = 16 - all.leadingZeroBitCount
        switch depth {
        case .automatic: return (max(used, 8), nil)
        case .bits(let bits):
            let taken = min(max(bits, 8), 16)
            return (taken, used > taken ? .clipped(bits: used, taken: taken) : nil)
        case nil where unscaled && used <= significant:
            return (significant, .significant(bits: significant))
        case nil:
            // 8-bit samples in the high byte, with 0 or themselves in the low one, are scaled and merely dark.
            let isDark = 1..<16 ~= used && lowBytes != 0 && unequalBytes != 0
            return (16, isDark ? .unused(bits: used) : nil)
        }
    }
}
