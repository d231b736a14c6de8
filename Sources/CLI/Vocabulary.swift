import ActivationMaps

enum Vocabulary {
    static let version = "0.1.0"
    /// Of the version.
    static let date = "2026-11-28"
    /// The names that `--method` takes.
    static let methods = Methods.all.map(\.name)
    /// And those that stand for several of them, as far as these have a map of the network.
    static let methodGroups = ["all": methods, "cheap": Methods.cheap.map(\.name)]
    static let methodWords = methods + methodGroups.keys.sorted()
    /// The names that `--metrics` takes, besides `all`.
    static let metrics = Metrics.all.map(\.name)
    static let metricWords = metrics + ["all"]
}
