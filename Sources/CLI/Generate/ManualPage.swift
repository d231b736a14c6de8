/// `gradcam(1)`, in the macros of man(7).
enum ManualPage {
    static var text: String {
        let title =
            ".TH GRADCAM 1 \(Vocabulary.date) \"gradcam \(Vocabulary.version)\" \"User Commands\""
        return ([".\\\" Written by gradcam --generate man.", title] + head + options + tail).joined(separator: "\n")
    }

    private static var head: [String] {
        [".SH NAME", "gradcam \\- " + escaped("shows what in a photo made an image classifier decide"), ".SH SYNOPSIS"]
            + Help.usage.enumerated().flatMap { ($0 == 0 ? [] : [".br"]) + [".B gradcam"] + lines($1) }
            + [".SH DESCRIPTION"]
            + lines(
                "The program \(Help.purpose). One photo, a folder, a tar or a list of them is explained in one run.")
            + [".PP"] + lines(Help.streams)
            + [".PP"]
            + lines(
                "A value follows its flag after a space or an equals sign; short flags are not joined; two dashes end "
                    + "the flags. A flag with one value that is given twice keeps the last one; values between commas "
                    + "add up.")
    }

    private static var options: [String] {
        [".SH OPTIONS"]
            + Flag.sections.flatMap { section in
                [".SS \"\(escaped(section.title))\""] + section.flags.flatMap(entry)
            }
    }

    private static func entry(_ flag: Flag) -> [String] {
        let names = flag.names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
        let value = flag.placeholder.map { " \\fI\(escaped($0))\\fR" } ?? ""
        return [".TP", names + value] + lines(flag.help + words(of: flag))
    }

    /// The values that a flag's help does not tell.
    private static func words(of flag: Flag) -> String {
        guard case .words(let words) = flag.form else { return "" }
        let told = Set(flag.help.split { !($0.isLetter || $0 == "_" || $0 == "+") }.map(String.init))
        return told.isSuperset(of: words) ? "" : ". One or more of: " + words.joined(separator: ", ")
    }

    private static var tail: [String] {
        [".SH FILES"] + entries(files) + [".SH ENVIRONMENT"] + entries(environment)
            + [".SH \"EXIT STATUS\""] + entries(exitCodes) + [".SH EXAMPLES"]
            + Help.examples.enumerated().flatMap { index, example in
                (index == 0 ? [] : [".PP"])
                    + lines(example.1.prefix(1).uppercased() + example.1.dropFirst() + ":")
                    + typed(["gradcam " + example.0])
            }
            + [".PP"] + lines("A file of flags, for --config or GRADCAM_CONFIG:")
            + typed(["# one flag a line", "--model catdog", "--target-category=\"German shepherd\"", "--json"])
            + [".SH \"SEE ALSO\""] + lines(seeAlso)
    }

    private static let files = [
        (
            "{method}_cam.jpg, {method}_gb.jpg, {method}_cam_gb.jpg",
            "of one photo; of several {photo}_ stands before it"
        ),
        ("{method}_cam.npy", "the map itself (--save-map)"),
        (
            "manifest.json, manifest.jsonl",
            "in the output folder of several photos: how they were made, and which are done (--resume)"
        ),
        ("Models/, share/gradcam/Models/", "where --model finds names: here, and beside or above the program"),
    ]

    static let environment = [
        ("GRADCAM_CONFIG", "the file of flags that --config takes where it is not given"),
        ("GRADCAM_MODELS", "folders of models, between colons, that are looked into first"),
        (
            "GRADCAM_KERNELS",
            "for tests: the innermost loops to compute by, in the place of the fastest that the processor has: sse2, "
                + "avx2, avx512 or amx; openblas: the fastest, but products by OpenBLAS; amx-emulated: what amx "
                + "computes, in plain C. --verbose tells which run"
        ),
        (
            "GRADCAM_CUDA_PATH",
            "folders with NVIDIA's libraries, between colons, that --device cuda and --use-cuda look into first"
        ),
        ("CUDA_VISIBLE_DEVICES", "which of several NVIDIA GPUs computes, by number"),
        (
            "XDG_CACHE_HOME",
            "kernels that were compiled for an NVIDIA GPU are kept in gradcam in this folder, else in ~/.cache/gradcam"
        ),
        ("NO_COLOR", "where it is not empty, no word of a message is coloured on a terminal"),
        ("TERM", "dumb: neither colours nor a progress bar"),
        (
            "SLURM_*, JOB_COMPLETION_INDEX, PARALLEL_SEQ",
            "the share of the photos, where --shard auto asks for it"
        ),
    ]

    /// The help's, and what else they stand for.
    private static let exitCodes = Help.exitCodes.map { code, meaning in
        switch code {
        case "2": (code, meaning + ", or a card that --device cuda asks for is not there")
        case "3": (code, meaning + ", or --check --device cuda finds a card that differs from the CPU")
        default: (code, meaning)
        }
    }

    private static let seeAlso =
        "gradcam --list-methods, --list-metrics, --list-models and --list-layers print what flags take. The pages in docs/ "
        + "of the source tell more: cli.md of flags, files and reports, models.md of networks, methods.md and metrics.md of "
        + "what is computed."

    /// Lines as they are typed, neither filled nor hyphenated.
    private static func typed(_ lines: [String]) -> [String] {
        [".nf"] + lines.map(escaped) + [".fi"]
    }

    private static func entries(_ rows: [(String, String)]) -> [String] {
        rows.flatMap { [".TP", "\\fB\(escaped($0))\\fR"] + lines($1) }
    }

    /// Source of at most 78 columns.
    private static func lines(_ text: String) -> [String] {
        Help.wrapped(escaped(text), width: 78).map { $0.hasPrefix(".") ? "\\&" + $0 : $0 }
    }

    /// What would be a macro or a typographer's character stays what it is.
    private static func escaped(_ text: some StringProtocol) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case "'": escaped += "\\(aq"
            case "\"": escaped += "\\(dq"
            case "`": escaped += "\\(ga"
            case "^": escaped += "\\(ha"
            case "~": escaped += "\\(ti"
            default: escaped.append(character)
            }
        }
    }
}
