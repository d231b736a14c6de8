import ActivationMaps
import Network

/// `gradcam --check`: what is known of a model, and whether it can be explained.
struct CheckCommand {
    private let model: ModelFinder.Entry
    private let check: ModelCheck
    private let console: Console

    /// - Throws: `ModelFault`, `ModelError`.
    init(_ arguments: Arguments, _ console: Console) throws {
        self.console = console
        model = try ModelFinder().find(arguments.model)
        check = try ModelCheck(contentsOf: model.path, options: arguments.modelOptions, threads: arguments.threads)
    }

    func run() throws(SystemError) -> ExitCode {
        try console.result(text)
        for fault in check.faults { console.error("\(model.path): \(fault)") }
        return check.faults.isEmpty ? .done : .unusableModel
    }

    private var text: String {
        var rows = [
            ["made by", Messages.producer(check.model)],
            ["input", check.classifier.map { Messages.input($0.graph.image, as: $0.graph.inputShape) } ?? Messages.values(check.model.graph.inputs)],
            ["outputs", Messages.values(check.model.graph.outputs)],
        ]
        if let classifier = check.classifier {
            rows += [
                ["classes", Messages.classes(classifier)],
                ["preprocessing", Messages.preprocessing(classifier)],
                ["layer", check.layer.map { Messages.layer($0, in: classifier.graph) } ?? Messages.noLayer],
            ]
        }
        if let run = check.run { rows.append(["test run", Messages.testRun(run)]) }
        let operators = check.operators.map { ["", mark($0), $0.name, "\($0.count)"] }
        return [
            Messages.visible(model.path) + ": " + (check.faults.isEmpty ? Messages.explainable : Messages.notExplainable(check.faults.count)),
            table(rows.map { $0.map(Messages.visible) }), operators.isEmpty ? "no operators" : "operators", table(operators, right: [3]),
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func mark(_ use: OperatorUse) -> String {
        if !use.isSupported { return check.faults.isEmpty ? Messages.notNeeded : Messages.unsupported }
        return check.faultyOperators.contains(use.name) ? Messages.notThisWay : Messages.supported
    }
}
