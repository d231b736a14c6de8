import ActivationMaps

/// Metrics of maps.
extension Flag.Section {
    static let trust = Flag.Section(
        title: "Trust",
        flags: [
            Flag(
                name: "--metrics", placeholder: "NAME[,NAME]", form: .words(Vocabulary.metricWords),
                help:
                    "judge every map, and those of the controls randomcam and sobel beside it; or all; see "
                    + "--list-metrics"
            ) { arguments, text throws(ValueFault) in
                for part in Values.list(text) {
                    let name = try Values.name(of: Vocabulary.metricWords)(part)
                    for name in name == "all" ? Vocabulary.metrics : [name]
                    where !arguments.metrics.contains(name) { arguments.metrics.append(name) }
                }
            },
            .value(
                "--boxes", "FILE",
                "compare maps with boxes: a CSV of photo,class,x0,y0,x1,y1 in the photo's pixels, or COCO's JSON",
                \.boxes, Values.text, form: .file(["csv", "json"])),
            .value(
                "--masks", "DIR", "compare maps with masks: PNGs of the photos' names, inside where not black",
                \.masks, Values.text, form: .folder),
            .value(
                "--table", "FILE", "write averages over all photos by method: .csv, .md or .json", \.table,
                Values.tableFile, form: .file(Values.words(of: AverageTable.Format.self))),
            Flag(
                name: "--average", placeholder: "FILE", form: .file(["jsonl", "json"]),
                help:
                    "print the averages of reports that --json printed, of several shares too; - for standard input"
            ) { arguments, text throws(ValueFault) in
                (arguments.action, arguments.reports) = (.average, try Values.text(text))
            },
            .toggle("--list-metrics", "print the metrics: what each tells of a map, what it takes, and its paper") {
                $0.action = .listMetrics
            },
        ])
}
