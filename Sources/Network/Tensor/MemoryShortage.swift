import Platform

/// Memory that is not there, or not allowed.
public struct MemoryShortage: WordedError {
    /// What it is for.
    public let purpose: Wording
    /// What it takes, and what the process holds already.
    public let bytes, held: Int
    /// What the process may hold; nil where that would do, but the system has no more.
    public let limit: Int?

    /// What is missing, and what to do.
    public var wording: Wording {
        guard let limit else {
            let rest = held > bytes / 100 ? " (\(Self.text(held, .up)) are in use)" : ""
            return purpose
                + " would take \(Self.text(bytes, .up)) of memory, and the system gives no more\(rest): give a "
                + "smaller input, or let the process have more (ulimit -v, its control group)"
        }
        let (all, overflows) = bytes.addingReportingOverflow(held)
        // The sum is what has to be allowed; where little is in use it says nothing new.
        let rest = held > bytes / 100 && !overflows ? ", with what is in use" : ""
        return purpose + " would take \(Self.text(overflows ? bytes : all, .up)) of memory\(rest), and "
            + "\(Self.text(limit, .down)) are allowed: give a smaller input, or allow more (\(.memoryLimit))"
    }

    /// The same with more said of the purpose.
    package func adding(_ words: Wording) -> MemoryShortage {
        MemoryShortage(purpose: purpose + words, bytes: bytes, held: held, limit: limit)
    }

    /// Bytes in a unit that leaves them two figures at least, in so many tenths as make their number smaller or larger.
    static func text(_ bytes: Int, _ rounding: FloatingPointRoundingRule) -> String {
        let units = ["bytes", "KB", "MB", "GB", "TB", "PB", "EB"]
        var (number, unit) = (Double(bytes), 0)
        while number >= 1000, unit < units.count - 1 { (number, unit) = (number / 1000, unit + 1) }
        let tenths = Int((number * 10).rounded(rounding))
        return (unit == 0 || tenths >= 100 ? "\(Int(number.rounded(rounding)))" : "\(tenths / 10).\(tenths % 10)") + " "
            + units[unit]
    }
}
