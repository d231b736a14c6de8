/// The text of `--help`, at most 80 columns wide.
enum Help {
    private static let introduction = """
        Usage: gradcam --image-path PATH [--image-path PATH ...] [options]
               gradcam PATH [PATH ...] [options]

        Shows which parts of a photo made an image classifier (an ONNX file) decide as
        it did: class activation maps, guided backpropagation, and both combined.

        Examples:
          gradcam --image-path dog.jpg
              the top class: gradcam_cam.jpg, gradcam_gb.jpg and gradcam_cam_gb.jpg
          gradcam pet.jpg --model resnet50 --method gradcam++ --target-category tabby
              the parts that speak for one class, by its label
          gradcam photos/ --method cheap --outputs cam -o out --json > out.jsonl
              every photo of a folder in one process, with a report to read by machine
        """

    private static let streams = """
        Results go to standard output; progress, warnings and errors to standard error.
        Exit code: 0 all done; 1 a photo failed (the others are done); 2 wrong command
        line; 3 the model cannot be used; 4 the run could not go on (a full disk); 130
        interrupted.
        """

    static let text: String = {
        let sections = Flag.sections.map { section in
            ([section.title + ":"] + section.flags.map(entry)).joined(separator: "\n")
        }
        return ([introduction] + sections + [streams]).joined(separator: "\n\n")
    }()

    private static let column = 26, width = 80

    private static func entry(_ flag: Flag) -> String {
        let head = "  " + (flag.short.map { $0 + ", " } ?? "") + flag.name + (flag.placeholder.map { " " + $0 } ?? "")
        let indent = String(repeating: " ", count: column)
        let lines = wrapped(flag.help, width: width - column)
        let body = lines.joined(separator: "\n" + indent)
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
