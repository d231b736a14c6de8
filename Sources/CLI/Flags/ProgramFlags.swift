/// Defaults, and what the program tells of itself.
extension Flag.Section {
    static let program = Flag.Section(
        title: "The program",
        flags: [
            Flag(
                name: "--config", placeholder: "FILE", form: .file([]),
                help:
                    "defaults: a file of flags, one a line, over which the command line wins (default: what "
                    + "GRADCAM_CONFIG names)"
            ) { arguments, text throws(ValueFault) in arguments.config = .file(try Values.text(text)) },
            .toggle("--no-config", "no defaults from a file") { $0.config = .none },
            Flag(
                name: "--generate", placeholder: "KIND", form: .word(Values.words(of: Generated.self)),
                help:
                    "print the manual page, or what a shell completes flags by: "
                    + Values.words(of: Generated.self).joined(separator: ", ")
            ) { arguments, text throws(ValueFault) in
                arguments.action = .generate(try Values.choice(Generated.self)(text))
            },
            .toggle("-h", "print the flags that are used the most") { $0.action = .briefHelp },
            .toggle("--help", "print all flags") { $0.action = .help },
            .toggle("--version", short: "-V", "print the version") { $0.action = .version },
        ])
}
