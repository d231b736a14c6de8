import Platform
import Testing

@Suite struct VisibleTests {
    @Test(arguments: [
        ("", ""), ("cat.jpg", "cat.jpg"), ("a\nb\u{1B}[31m", "a\\nb\\u{1B}[31m"), ("é\u{85}", "é\\u{0085}"),
        ("a\u{202E}b", "a\\u{202E}b"), ("a\u{2028}b", "a\\u{2028}b"), ("👩‍👩‍👧", "👩‍👩‍👧"), ("猫", "猫"),
    ])
    func showsWhatWouldMoveTheLine(_ text: String, _ shown: String) { #expect(text.visible == shown) }

    @Test(arguments: [
        ("abcdefghi", 9, "abcdefghi"), ("abcdefghij", 9, "abc...hij"), ("abcdefghijk", 10, "abcd...ijk"),
        ("\n\n\n\n\n\n", 9, "\\n\\...n\\n"), ("猫猫猫猫猫猫猫猫猫", 9, "猫猫猫猫猫猫猫猫猫"),
    ])
    func leavesTheMiddleOut(_ text: String, _ most: Int, _ shown: String) { #expect(text.elided(to: most) == shown) }

    @Test func keepsMoreOfTheBeginning() {
        let text = String(repeating: "a", count: 500) + "z"
        #expect(text.elided(to: 300, keeping: 200) == String(text.prefix(200)) + "..." + String(text.suffix(97)))
    }
}
