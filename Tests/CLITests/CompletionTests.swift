import Foundation
import TestSupport
import Testing

@testable import CLI

/// What shells complete, by the shells that are installed here. A case is a line up to the cursor, and what it may go on
/// with.
@Suite struct CompletionTests {
    private struct Case: Sendable, CustomTestStringConvertible {
        let line: String, offers: [String]
        init(_ line: String, _ offers: String...) { (self.line, self.offers) = (line, offers) }
        var testDescription: String { line }
    }

    private static let cases = [
        Case("gradcam --meth", "--method"), Case("gradcam -m ne", "net.onnx"), Case("gradcam --colormap v", "viridis"),
        Case("gradcam --method gradcam+", "gradcam++"), Case("gradcam --method gradcam,lay", "gradcam,layercam"),
        Case("gradcam --metrics road,insertion,road"), Case("gradcam --outputs cam_", "cam_gb"),
        Case("gradcam --boxes b", "boxes.csv"), Case("gradcam --masks ma", "masks"), Case("gradcam --top-k "),
        Case("gradcam --generate complete-z", "complete-zsh"), Case("gradcam ph", "photo.JPG"),
        Case("gradcam --model net.onnx --target-layer layer4.1.relu_", "layer4.1.relu_1"),
        Case("gradcam --model ~/net.onnx --target-layer layer4.1.relu_", "layer4.1.relu_1"),
        Case("gradcam --model cat", "catdog"),
    ]

    /// A folder of files to complete, with the program called by its name.
    private let folder: TemporaryFolder

    init() throws {
        folder = TemporaryFolder()
        folder.write(CLITests.bytes(smallModel), to: "net.onnx")
        for name in ["photo.JPG", "boxes.csv", "boxes.txt", "masks/a.png", "program/x"] { folder.write([], to: name) }
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/program/gradcam", withDestinationPath: program)
        folder.write(Array((BashCompletion.text + "\n").utf8), to: "bash")
        folder.write(Array((ZshCompletion.text + "\n").utf8), to: "functions/_gradcam")
        folder.write(Array((FishCompletion.text + "\n").utf8), to: "fish")
    }

    /// Runs a shell's script in the folder; nil where that shell is not installed.
    private func shell(_ name: String, _ words: [String], _ script: String, _ lines: [String]) throws -> [String]? {
        let path = "\(folder.path)/program:/usr/bin:/bin:/usr/local/bin"
        let isThere = try run("/usr/bin/env", ["PATH=\(path)", "bash", "-c", "command -v \(name)"]).status == 0
        guard isThere else {
            print("skipped: completions of \(name), which is not installed")
            return nil
        }
        let file = folder.write(Array(script.utf8), to: "script")
        let finished = try run(
            "/usr/bin/env",
            [
                "-C", folder.path, "PATH=\(path)", "HOME=\(folder.path)", "TERM=xterm", "LC_ALL=C",
                "GRADCAM_MODELS=\(Shared.repository)/Models", "timeout", "60", name,
            ] + words + [file] + lines)
        #expect(finished.errors == "")
        return finished.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Words as readline splits them, with the package bash-completion and without it.
    @Test(arguments: [false, true]) func bashOffers(_ hasPackage: Bool) throws {
        let package = "/usr/share/bash-completion/bash_completion"
        guard !hasPackage || FileManager.default.fileExists(atPath: package) else { return }
        let script = """
            \(hasPackage ? ". " + package : "")
            . ./bash
            [[ $(complete -p gradcam) == *_gradcam* ]] || exit 1
            for line in "$@"; do
                read -ra COMP_WORDS <<<"$line"
                [[ $line == *' ' ]] && COMP_WORDS+=('')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
                _gradcam gradcam
                echo "${COMPREPLY[*]}"
            done
            COMP_WORDS=(gradcam --method = gradcam,lay) COMP_CWORD=3 COMPREPLY=()
            _gradcam gradcam
            echo "${COMPREPLY[*]}"
            COMP_WORDS=(gradcam -- --m) COMP_CWORD=2 COMPREPLY=()
            _gradcam gradcam
            echo "${COMPREPLY[*]}"
            COMP_WORDS=(gradcam -) COMP_CWORD=1 COMPREPLY=()
            _gradcam gradcam
            echo "${COMPREPLY[*]}"
            """
        guard let found = try shell("bash", ["--norc"], script, Self.cases.map(\.line)) else { return }
        for (line, offers) in zip(Self.cases, found) {
            #expect(offers == line.offers.joined(separator: " "), "\(line)")
        }
        #expect(found[Self.cases.count] == "gradcam,layercam" && found[Self.cases.count + 1] == "")
        #expect(found[Self.cases.count + 2].split(separator: " ").map(String.init) == Flag.all.flatMap(\.names))
    }

    /// A terminal's zsh, which puts in what is the only choice.
    @Test func zshPutsIn() throws {
        let script = """
            zmodload zsh/zpty
            zpty z zsh -f -i
            zpty -w z 'PS1=; fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -D; show() { zle \
            complete-word; print -r -- "$BUFFER" >line; BUFFER= }; zle -N show; bindkey "^T" show; : >ready'
            repeat 200; do [[ -e ready ]] && break; sleep 0.05; done
            for line in "$@"; do
                : >line
                zpty -w -n z "$line"$'\\C-t'
                repeat 100; do [[ -s line ]] && break; sleep 0.05; done
                echo "$(<line)"
            done
            zpty -d z
            """
        guard let found = try shell("zsh", ["-f"], script, Self.cases.map(\.line)) else { return }
        for (line, buffer) in zip(Self.cases, found) {
            let typed = line.line.split(separator: " ").last!, offer = line.offers.first
            let whole = offer.map { line.line.dropLast(typed.count) + $0 } ?? line.line
            // A space, a slash or a comma may follow, and an equals sign a flag.
            #expect(buffer.hasPrefix(whole) && buffer.count <= whole.count + 1, "\(line): \(buffer)")
        }
    }

    @Test func fishOffers() throws {
        let script = """
            source ./fish
            for line in $argv
                set -l found (complete -C $line | string replace -r '\\t.*' '')
                echo "$found"
            end
            """
        guard let found = try shell("fish", ["--no-config"], script, Self.cases.map(\.line)) else { return }
        for (line, text) in zip(Self.cases, found) {
            // Files of other endings follow those of the right one.
            #expect(
                text.split(separator: " ").first.map(String.init).map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
                    == line.offers.first, "\(line): \(text)")
        }
    }
}

/// What the table says of values is what reading them says.
@Suite struct FlagFormTests {
    @Test func valuesOfAClosedSetAreThoseThatAreRead() {
        for flag in Flag.all where flag.placeholder != nil {
            var arguments = Arguments()
            var read: [String]?
            do throws(ValueFault) { try flag.set(&arguments, "\u{1}nonsense") } catch {
                if case .notOneOf(let words, _) = error { read = words }
            }
            let offered: [String]? =
                switch flag.form {
                case .word(let words), .optionalWord(let words), .words(let words): words
                default: nil
                }
            #expect(offered == read, "\(flag.name)")
        }
    }

    /// A flag of files or folders says so.
    @Test func placeholdersSayWhatFormsDo() {
        for flag in Flag.all {
            let form = flag.placeholder ?? ""
            let isPath = ["FILE", "DIR", "PATH", "FOLDER"].contains { form.contains($0) }
            let offersPaths =
                switch flag.form {
                case .file, .folder, .photo, .model, .input: true
                case .free, .word, .optionalWord, .words, .layers: false
                }
            #expect(isPath == offersPaths, "\(flag.name)")
        }
    }
}
