import ActivationMaps

/// The lines of `--list-metrics`.
enum MetricList {
    static var text: String {
        let header = ["metric", "passes", "made of", "tells", "settings", "paper"]
        let rows = Metrics.all.map {
            [$0.name, $0.cost.passes, $0.cost.madeOf, $0.info.summary, $0.info.settings, $0.info.paper]
        }
        let ofMarks = GroundTruth.metrics.map {
            [$0.name, "none", "the map, --boxes or --masks", $0.summary, $0.settings, $0.paper]
        }
        let controls = Judgement.controls.map(\.name).joined(separator: " and ")
        return table([header] + rows + ofMarks)
            + "\n\nEvery method is judged beside the controls, \(controls), which show nothing of what the network looks for."
    }
}
