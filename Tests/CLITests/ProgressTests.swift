import Testing

@testable import CLI

@Suite struct ProgressTests {
    @Test(arguments: [
        (0, 4, 0.0, 80, "[------------------------------] 0/4"),
        (1, 4, 2.0, 80, "[#######-----------------------] 1/4  0.50 photos/s  0:06 left"),
        (4, 4, 2.0, 80, "[##############################] 4/4  2.00 photos/s  0:00 left"),
        (500, 100_000, 10.0, 80, "[------------------------------] 500/100000  50 photos/s  33:10 left"),
        (1, 100_000, 1.0, 80, "[------------------------------] 1/100000  1.00 photos/s  27:46:39 left"),
        (1, 4, 2.0, 30, "1/4  0.50 photos/s  0:06 left"),
        (1, 4, 2.0, 12, "1/4  0.50 p"),
    ])
    func lines(_ done: Int, _ total: Int, _ elapsed: Double, _ width: Int, _ line: String) {
        var tally = Tally(of: total)
        tally.done = done
        let text = Progress.line(tally, elapsed: elapsed, width: width)
        #expect(text == line)
        #expect(text.count < width)
    }

    @Test func whatIsSkippedDoesNotCountAsWork() {
        var tally = Tally(of: 100)
        (tally.skipped, tally.done, tally.failed) = (50, 9, 1)
        let line = Progress.line(tally, elapsed: 10, width: 90)
        #expect(line == "[##################------------] 60/100  1.00 photos/s  0:40 left  50 skipped  1 failed")
    }

    @Test func passesOfAPhoto() {
        let line = Progress.line("scorecam", 512, of: 2048, elapsed: 4, width: 80)
        #expect(line == "[#######-----------------------] scorecam 512/2048  0:12 left")
    }

    @Test func nothingIsLeftWhereTheNumberIsNotKnown() {
        var tally = Tally(of: nil)
        tally.done = 1234
        #expect(Progress.line(tally, elapsed: 10, width: 80) == "1234 photos  123 photos/s")
    }
}
