import ActivationMaps

/// What is printed, and what is done instead of explaining.
extension Flag.Section {
    static let reports = Flag.Section(
        title: "Reports",
        flags: [
            .toggle("--json", short: "-j", "one JSON object a photo on standard output") { $0.json = true },
            .value(
                "--report", "FILE.html",
                "also write a page to look at the photos, their maps and what metrics say of them in a browser",
                \.gallery, Values.page, form: .file(["html"])),
            .toggle("--quiet", short: "-q", "only errors; nothing else but --json's objects") { $0.quiet = true },
            .toggle("--no-progress", "no progress bar") { $0.showsProgress = false },
            .toggle("--list-methods", "print the methods: what each is made of, needs and costs, and its paper") {
                $0.action = .listMethods
            },
            .toggle("--list-layers", "print the layers that --target-layer takes, with shape and stride") {
                $0.action = .listLayers
            },
            .toggle(
                "--check",
                "tell whether the model can be explained, and why not: inputs, operators, preprocessing, "
                    + "layer, a test run; with photos also how it is best fed"
            ) { $0.action = .check },
            .toggle("--list-models", "print the models that --model finds") { $0.action = .listModels },
        ])
}
