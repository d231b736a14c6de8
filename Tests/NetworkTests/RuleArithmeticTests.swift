import Foundation
import Testing
import TestSupport

/// What a file tells is computed with as `Extent`, whose arithmetic is checked; the plain numbers that are taken out of
/// one for a kernel are not computed with where nodes are read.
@Suite struct RuleArithmeticTests {
    static let folders = ["Operators", "Graph", "Graph/Lowering"]

    /// Arithmetic beside a plain number of a rule, and integers' folds that would not wrap.
    static let forbidden = [
        #"(\.value\b|\.shape\[[^\]]*\])\)* *[-+*/%]"#,
        #"[-+*/%]=? *\(*[A-Za-z_][\w.\[\]]*(\.value\b|\.shape\[)"#,
        #"IntegerUse\.(pairs|each) \{[^}]*[^&] ?[-+*]=? "#,
    ]

    private static func findings(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { line in
            let code = line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
            return forbidden.contains { code.range(of: $0, options: .regularExpression) != nil }
        }
    }

    @Test func rulesComputeWithExtents() throws {
        let network = Shared.repository + "/Sources/Network/"
        var files: [String] = []
        for path in Self.folders {
            let names = try? FileManager.default.contentsOfDirectory(atPath: network + path)
            files += names.map { $0.filter { $0.hasSuffix(".swift") }.sorted().map { "\(path)/\($0)" } } ?? [path]
        }
        #expect(files.count > 50)
        for file in files {
            let text = try String(contentsOfFile: network + file, encoding: .utf8)
            for line in Self.findings(text) { Issue.record("\(file):\(line): compute with Extent") }
        }
    }

    @Test(arguments: [
        "let a = x.value * 2", "let a = 2 * x.value", "let a = count + sizes[axis].value", "n -= k.value",
        "let a = input.shape[axis] * size", "let a = b.shape[0] * c.shape[1]", "(try n / 2).value + 1",
        "IntegerUse.pairs { $0 + $1 }",
    ])
    func findsArithmetic(_ line: String) { #expect(Self.findings(line) == [line]) }

    @Test(arguments: [
        "let a = x.value", "f(x.value, y.value)", "(outer, inner) = (a.value, b.value)", "min(a.value, 3)",
        "let a = try (x * y).value", "guard a.value == b.count else { }", "IntegerUse.pairs { $0 &+ $1 }",
        "func f(_ a: Int) -> Int { a }", "return -1 // x.value * 2",
    ])
    func allowsTheRest(_ line: String) { #expect(Self.findings(line) == []) }
}
