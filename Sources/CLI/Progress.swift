/// The line that tells how far a run of several photos has come.
enum Progress {
    /// `elapsed` in seconds. Fits into `width` columns: the bar gives way first.
    static func line(done: Int, of total: Int, elapsed: Double, width: Int) -> String {
        var line = "\(done)/\(total)"
        if done > 0, elapsed > 0 {
            let rate = Double(done) / elapsed
            line +=
                "  \(fixed(Float(rate), digits: rate < 10 ? 2 : 0)) photos/s  \(clock(Double(total - done) / rate)) "
                + "left"
        }
        let cells = min(30, width - line.count - 4)
        guard cells >= 5 else { return String(line.prefix(max(0, width - 1))) }
        let full = total > 0 ? cells * done / total : cells
        return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: cells - full) + "] " + line
    }

    /// `m:ss`, or `h:mm:ss` from an hour on.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 359_999))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return whole < 3600
            ? "\(whole / 60):\(two(whole % 60))" : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}
