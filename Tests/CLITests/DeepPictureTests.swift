import TestSupport
import Testing

/// An X-ray of 12 bits in a PNG of 16.
@Suite struct DeepPictureTests {
    private let files = Case("i1-12-bit-in-16-bit-png")

    @Test(arguments: [["--bit-depth", "12"], ["--bit-depth", "auto"]]) func scalesByTheBitsUsed(_ words: [String])
        throws
    {
        let run = try CaseRun(model: Case.plainModel, photo: files.path("xray12.png"), words)
        #expect(run.difference("logit", from: try files.numbers("right_scores.txt")) < 1e-4)
        #expect(!run.finished.errors.contains("16 bits"))
    }

    @Test func tellsUnusedBits() throws {
        let run = try CaseRun(model: Case.plainModel, photo: files.path("xray12.png"))
        #expect(run.finished.errors.contains("use 12 of 16 bits") && run.finished.errors.contains("--bit-depth 12"))
        #expect(!run.finished.errors.contains("damaged"))
    }
}
