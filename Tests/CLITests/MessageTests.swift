import Network
import Testing

@testable import CLI

@Suite struct MessageTests {
    @Test(arguments: [
        (ArgumentFault.unknownFlag("--methd", nearest: "--method"), "unknown flag --methd; did you mean --method?"),
        (.unknownFlag("--x", nearest: nil), "unknown flag --x; gradcam -h lists the usual flags, --help all"),
        (.missingValue(flag: "--top-k", placeholder: "N"), "--top-k needs a value: --top-k N"),
        (
            .badValue(flag: "--quality", value: "101", .outOfRange(low: "1", high: "100")),
            "--quality \"101\": out of range; give 1 to 100"
        ),
        (
            .badValue(flag: "--resize", value: "a\nb", .notOneOf(["squash", "crop"], nearest: nil)),
            "--resize \"a\\nb\": no such value; one of squash, crop"
        ),
        (
            .badValue(flag: "--device", value: "cuda:1", .numberedCard("1")),
            "--device \"cuda:1\": no such value; did you mean cuda? CUDA_VISIBLE_DEVICES=1 in the environment chooses "
                + "the card"
        ),
    ])
    func oneLineThatSaysWhatToDo(_ fault: ArgumentFault, _ text: String) {
        #expect(Messages.text(fault) == text)
    }

    @Test func helpFitsEightyColumnsAndListsEveryFlag() {
        let lines = Help.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].hasPrefix("Usage: gradcam"))
        #expect(lines.filter { $0.count > 80 } == [])
        for flag in Flag.all {
            #expect(lines.contains { $0.hasPrefix("  " + flag.name) || $0.contains(", " + flag.name) })
        }
    }

    @Test func flagsHaveDistinctNames() {
        #expect(Set(Flag.all.map(\.name)).count == Flag.all.count)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("kit", "Kit", 1), ("ab", "ba", 1),
        ("methdo", "method", 1), ("flaw", "lawn", 2),
    ])
    func distances(_ a: String, _ b: String, _ distance: Int) {
        #expect(editDistance(a, b) == distance)
        #expect(editDistance(b, a) == distance)
    }

    @Test(arguments: [
        ("scorcam", "scorecam" as String?), ("ScoreCAM", "scorecam"), ("gradcam+", "gradcam"), ("score", "scorecam"),
        ("grad", nil), ("zzz", nil), ("", nil),
    ])
    func nearestName(_ word: String, _ name: String?) {
        #expect(nearest(to: word, in: ["gradcam", "gradcam++", "scorecam"]) == name)
    }
}
