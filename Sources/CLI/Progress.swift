import Platform

/// The line that tells how far a run of several photos has come.
enum Progress {
    /// `elapsed` in seconds; the rate is that of photos that were explained, as others take no time. Fits into `width`
    /// columns: the bar gives way first.
    static func line(_ tally: Tally, elapsed: Double, width: Int) -> String {
        var line = tally.total.map { "\(tally.all)/\($0)" } ?? Messages.count(tally.all, "photo")
        let worked = tally.done + tally.failed
        if worked > 0, elapsed > 0 {
            let rate = Double(worked) / elapsed
            line += "  \(fixed(Float(rate), digits: rate < 10 ? 2 : 0)) photos/s"
            if let left = tally.left { line += "  \(clock(Double(left) / rate)) left" }
        }
        if tally.skipped > 0 { line += "  \(tally.skipped) skipped" }
        if tally.failed > 0 { line += "  \(tally.failed) failed" }
        return withBar(line, tally.all, of: tally.total, width: width)
    }

    /// How many images a method has run besides the photo, of how many.
    static func line(_ method: String, _ done: Int, of total: Int, elapsed: Double, width: Int) -> String {
        var line = "\(method) \(done)/\(total)"
        if done > 0, elapsed > 0 { line += "  \(clock(Double(total - done) * elapsed / Double(done))) left" }
        return withBar(line, done, of: total, width: width)
    }

    private static func withBar(_ line: String, _ done: Int, of total: Int?, width: Int) -> String {
        let cells = min(30, width - line.count - 4)
        guard cells >= 5, let total else { return String(line.prefix(max(0, width - 1))) }
        let full = total > 0 ? cells * done / total : cells
        return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: cells - full) + "] " + line
    }

    /// `m:ss`, or `h:mm:ss` from an hour on.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 35_999_999))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return whole < 3600
            ? "\(whole / 60):\(two(whole % 60))" : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}
