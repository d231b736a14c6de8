import Foundation
import Platform
import TestSupport
import Testing

@testable import CLI

/// The short help, the manual page, and what is installed with the program.
@Suite struct ManualTests {
    let folder = TemporaryFolder()

    @Test func theShortHelpFitsATerminal() throws {
        let result = try run(program, ["-h"])
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(result.status == 0 && lines.count <= 24)
        #expect(lines.filter { $0.count > 80 } == [])
        for (name, _) in Help.most { #expect(Flag.named(name) != nil && result.output.contains(name), "\(name)") }
    }

    @Test func theManualPageHasEverything() {
        let text = ManualPage.text.replacingOccurrences(of: "\\-", with: "-")
        for flag in Flag.all { #expect(text.contains("\\fB\(flag.name)\\fR"), "\(flag.name)") }
        let sections = [
            "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "FILES", "ENVIRONMENT", "\"EXIT STATUS\"", "EXAMPLES",
            "\"SEE ALSO\"",
        ]
        let found = text.split(separator: "\n").filter { $0.hasPrefix(".SH ") }.map { String($0.dropFirst(4)) }
        #expect(found == sections)
        #expect(ManualPage.text.split(separator: "\n").allSatisfy { $0.allSatisfy(\.isASCII) })
        for name in Vocabulary.methodWords { #expect(text.contains(name), "\(name)") }
    }

    @Test func mandocFindsNoFault() throws {
        guard FileManager.default.fileExists(atPath: "/usr/bin/mandoc") else {
            return print("skipped: \(#function): mandoc is not installed")
        }
        let page = folder.write(Array((ManualPage.text + "\n").utf8), to: "gradcam.1")
        let lint = try run("/usr/bin/mandoc", ["-Tlint", page])
        #expect(lint.status == 0 && lint.output == "" && lint.errors == "", "\(lint.output)")
        let shown = try run("/usr/bin/mandoc", ["-Tascii", "-Owidth=80", page]).output
        let plain = shown.replacing(/.\u{8}/, with: "").split(separator: "\n")
        #expect(plain.filter { $0.count > 80 } == [] && plain.contains { $0.contains("-m, --model NAME|FILE|FOLDER") })
    }

    @Test func makeInstallsAndUninstalls() throws {
        let root = folder.path
        func make(_ target: String) throws -> Finished {
            try run(
                "/usr/bin/env",
                [
                    "make", "-s", "-C", Shared.repository, "-o", "build", target, "PROGRAM=\(program)",
                    "DESTDIR=\(root)/stage", "PREFIX=/opt/g c",
                ])
        }
        let pages = [
            "share/man/man1/gradcam.1": ManualPage.text,
            "share/bash-completion/completions/gradcam": BashCompletion.text,
            "share/zsh/site-functions/_gradcam": ZshCompletion.text,
            "share/fish/vendor_completions.d/gradcam.fish": FishCompletion.text,
        ]
        let installed = try make("install")
        #expect(installed.status == 0, "\(installed.errors)")
        let place = root + "/stage/opt/g c/"
        for (path, text) in pages {
            #expect(String(decoding: bytes(place + path), as: UTF8.self) == text + "\n", "\(path)")
        }
        #expect(try run(place + "bin/gradcam", ["--version"]).status == 0)
        #expect(folder.files.contains("stage/opt/g c/share/gradcam/Models/catdog.onnx"))
        #expect(try make("uninstall").status == 0)
        #expect(folder.files == [])
        #expect(try make("uninstall").status == 0, "nothing is left to remove")
    }

    @Test(arguments: [
        (true, false, false, true), (false, false, false, false), (true, true, false, false),
        (true, false, true, false),
    ])
    func coloursAreForTerminals(_ isTerminal: Bool, _ isDumb: Bool, _ wantsNone: Bool, _ areShown: Bool) {
        var lines: [String] = []
        let console = Console(isTerminal: isTerminal, isDumb: isDumb, wantsNoColours: wantsNone) {
            text, _ throws(SystemError) in lines.append(text)
        }
        console.error("a\u{1B}b")
        console.warning("c")
        console.information("d")
        #expect(
            lines
                == (areShown
                    ? [
                        "\u{1B}[1;31mgradcam:\u{1B}[0m \("a\u{1B}b".visible)\n",
                        "gradcam: \u{1B}[1;33mwarning:\u{1B}[0m c\n",
                        "d\n",
                    ]
                    : ["gradcam: \("a\u{1B}b".visible)\n", "gradcam: warning: c\n", "d\n"]))
    }
}
