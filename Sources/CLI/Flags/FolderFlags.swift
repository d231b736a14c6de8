/// Runs over many photos.
extension Flag.Section {
    static let manyPhotos = Flag.Section(
        title: "Many photos",
        flags: [
            Flag(
                name: "--shard", placeholder: "I/N|auto[/N]",
                help:
                    "only the I-th of N shares of the photos, by their paths, for N processes side by side; auto: "
                    + "as Slurm, Kubernetes or GNU parallel say"
            ) { arguments, text throws(ValueFault) in
                (arguments.share, arguments.tellsShare) = (
                    try Values.share(text), text.lowercased().hasPrefix("auto")
                )
            },
            .toggle(
                "--resume",
                "pass over photos whose files are complete, newer than photo and network, and made with these "
                    + "settings"
            ) { $0.resumes = true },
            .value(
                "--output-tar", "FILE",
                "write everything into one tar instead, with a report a photo, named as WebDataset wants it; - for "
                    + "standard output",
                \.outputTar, Values.text, form: .file(["tar"])),
            .choice(
                "--overwrite", "never|older|always",
                "which files that are there are written anew; older: than the photo or the network (default: "
                    + "always)",
                \.overwriting),
            .toggle("--dry-run", "tell what would be explained and written, and do nothing") { $0.isDryRun = true },
            .toggle(
                "--keep-paths",
                "call files by the photos' whole paths, and find photos while they are asked for, as is done of "
                    + "more than 100000"
            ) { $0.keepsPaths = true },
            .toggle("--verbose", "one line a photo on standard error: what came of it, and how long it took") {
                $0.isVerbose = true
            },
        ])
}
