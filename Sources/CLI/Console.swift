import Platform

/// Both output streams. Words of errors and warnings are coloured on a terminal, unless NO_COLOR or TERM=dumb say
/// otherwise (https://no-color.org). Every line is written whole; the progress bar, where there is one, is wiped before a line and
/// drawn again after it.
final class Console {
    typealias Writer = (_ text: String, _ descriptor: Int32) throws(SystemError) -> Void

    private let quiet: Bool
    private let showsBar, showsColours: Bool
    private let write: Writer
    private var bar = ""
    private var lastDraw: ContinuousClock.Instant?

    init(
        quiet: Bool = false, showsProgress: Bool = true, isTerminal: Bool = System.isTerminal(2),
        isDumb: Bool = System.environment("TERM") == "dumb",
        wantsNoColours: Bool = System.environment("NO_COLOR")?.isEmpty == false,
        write: @escaping Writer = { text, descriptor throws(SystemError) in try System.write(text, to: descriptor) }
    ) {
        self.quiet = quiet
        showsBar = showsProgress && !quiet && isTerminal && !isDumb
        showsColours = isTerminal && !isDumb && !wantsNoColours
        self.write = write
    }

    /// A result, on standard output.
    func result(_ text: String) throws(SystemError) {
        wipe()
        try write(text + "\n", 1)
        draw()
    }

    /// An error, on standard error, even where all else is quiet.
    func error(_ text: String) { note(text, beginning: coloured("gradcam:", red)) }

    func warning(_ text: String) {
        if !quiet { note(text, beginning: "gradcam: " + coloured("warning:", yellow)) }
    }

    func information(_ text: String) {
        if !quiet { note(text) }
    }

    /// How far a run has come.
    func progress(_ tally: Tally, since start: ContinuousClock.Instant) {
        draw(isLast: tally.left == 0, since: start) { Progress.line(tally, elapsed: $0, width: $1) }
    }

    /// How far the passes of a photo have come.
    func progress(_ method: String, _ done: Int, of total: Int, since start: ContinuousClock.Instant) {
        draw(isLast: done == total, since: start) { Progress.line(method, done, of: total, elapsed: $0, width: $1) }
    }

    func endProgress() {
        wipe()
        bar = ""
    }

    /// Draws the bar anew, ten times a second at most.
    private func draw(
        isLast: Bool, since start: ContinuousClock.Instant, _ line: (_ elapsed: Double, _ width: Int) -> String
    ) {
        guard showsBar else { return }
        let now = ContinuousClock.now
        if let lastDraw, now - lastDraw < .milliseconds(100), !isLast { return }
        lastDraw = now
        let next = line((now - start) / .seconds(1), System.terminalWidth)
        guard next != bar else { return }
        wipe()
        bar = next
        draw()
    }

    /// Standard error may be closed; there is nobody left to tell.
    private func note(_ text: String, beginning: String = "") {
        wipe()
        try? write((beginning.isEmpty ? "" : beginning + " ") + text.visible + "\n", 2)
        draw()
    }

    private let red = 31, yellow = 33
    /// In bold.
    private func coloured(_ text: String, _ colour: Int) -> String {
        showsColours ? "\u{1B}[1;\(colour)m\(text)\u{1B}[0m" : text
    }

    private func wipe() { if !bar.isEmpty { try? write("\r\u{1B}[K", 2) } }
    private func draw() { if !bar.isEmpty { try? write(bar, 2) } }
}
