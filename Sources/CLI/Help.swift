/// The texts of `-h` and `--help`, at most 80 columns wide.
enum Help {
    static let purpose =
        "shows which parts of a photo made an image classifier (an ONNX file) decide as it did: class activation maps, "
        + "guided backpropagation, and both combined"

    static let usage = ["--image-path PATH [--image-path PATH ...] [options]", "PATH [PATH ...] [options]"]

    static let examples = [
        ("--image-path dog.jpg", "the top class: gradcam_cam.jpg, gradcam_gb.jpg and gradcam_cam_gb.jpg"),
        (
            "pet.jpg --model catdog --method gradcam++ --target-category cat",
            "the parts that speak for one class, by its label"
        ),
        (
            "photos/ --method cheap --outputs cam -o out --json > out.jsonl",
            "every photo of a folder in one process, and a line of JSON a photo"
        ),
    ]

    static let streams =
        "Results go to standard output; progress, warnings and errors to standard error."

    static let exitCodes = [
        ("0", "all done"), ("1", "a photo failed (the others are done)"), ("2", "wrong command line"),
        ("3", "the model cannot be used"), ("4", "the run could not go on (a full disk)"), ("130", "interrupted"),
    ]

    /// Of `--help`.
    static let text: String = {
        let introduction =
            usage.enumerated().map { ($0 == 0 ? "Usage: gradcam " : "       gradcam ") + $1 } + [""]
            + wrapped(purpose.prefix(1).uppercased() + purpose.dropFirst() + ".", width: width) + ["", "Examples:"]
            + examples.flatMap { ["  gradcam " + $0, "      " + $1] }
        let sections = Flag.sections.map { section in
            ([section.title + ":"] + section.flags.map { entry(heading($0), $0.help, column: 26) })
                .joined(separator: "\n")
        }
        let codes = "Exit code: " + exitCodes.map { $0 + " " + $1 }.joined(separator: "; ") + "."
        let ending = wrapped(streams, width: width) + wrapped(codes, width: width)
        return ([introduction.joined(separator: "\n")] + sections + [ending.joined(separator: "\n")])
            .joined(separator: "\n\n")
    }()

    /// What `-h` tells of the flags that are used the most, a line each.
    static let most = [
        ("--model", "an ONNX file, or a name of --list-models"),
        ("--method", "several, cheap or all; see --list-methods"),
        ("--target-category", "the class to explain (default: the best)"),
        ("--top-k", "the N best classes"),
        ("--target-layer", "whose map to take; see --list-layers"),
        ("--output-dir", "where files go (default: .)"),
        ("--outputs", "cam, gb, cam_gb, compare, concepts, none"),
        ("--save-map", "also the map itself as .npy"),
        ("--metrics", "how far to trust the maps; --list-metrics"),
        ("--report", "also a page to look at all of it in a browser"),
        ("--resume", "go on where an earlier run was stopped"),
        ("--json", "a line of JSON a photo, for machines"),
        ("--quiet", "only errors"),
        ("--check", "whether the model can be explained"),
    ]

    /// Of `-h`: no more lines than the smallest terminal has, 24.
    static let brief: String = {
        let rows = most.compactMap { row in
            Flag.named(row.0).map { entry(heading($0), row.1, column: 37) }
        }
        return
            ([
                "Usage: gradcam " + usage[1],
                "PATH: a photo (JPEG, PNG, .npy), a folder, a tar, or - for standard input", "",
            ]
            + rows + [
                "", "Such as:  gradcam dog.jpg --model catdog --method gradcam++ -o maps",
                "All flags: gradcam --help, or man gradcam",
            ]).joined(separator: "\n")
    }()

    private static let width = 80

    /// A flag as it is written, with its short name and its value.
    private static func heading(_ flag: Flag) -> String {
        flag.names.joined(separator: ", ") + (flag.placeholder.map { " " + $0 } ?? "")
    }

    private static func entry(_ heading: String, _ help: String, column: Int) -> String {
        let head = "  " + heading, indent = String(repeating: " ", count: column)
        let body = wrapped(help, width: width - column).joined(separator: "\n" + indent)
        return head.count + 2 > column
            ? head + "\n" + indent + body : head + String(repeating: " ", count: column - head.count) + body
    }

    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
