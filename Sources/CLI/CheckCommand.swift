import ActivationMaps
import Imaging
import Network

/// `gradcam --check`: what is known of a model, and whether it can be explained.
struct CheckCommand {
    private let model: ModelFinder.Entry
    private let check: ModelCheck
    private let arguments: Arguments
    private let console: Console

    /// - Throws: `ModelFault`, `ModelError`.
    init(_ arguments: Arguments, _ console: Console) throws {
        (self.arguments, self.console) = (arguments, console)
        model = try ModelFinder().find(arguments.model)
        check = try ModelCheck(contentsOf: model.path, options: arguments.modelOptions, threads: arguments.threads)
    }

    func run() throws -> ExitCode {
        try console.result(text)
        if let classifier = check.classifier, !arguments.imagePaths.isEmpty { try console.result(try trials(classifier)) }
        for warning in check.classifier.map(Messages.warnings) ?? [] where check.faults.isEmpty { console.warning(warning) }
        for fault in check.faults { console.error("\(model.path): \(fault)") }
        return check.faults.isEmpty ? .done : .unusableModel
    }

    /// What the network seems to want, judged by the photos that were given.
    private func trials(_ classifier: Classifier) throws -> String {
        let photos = try arguments.photoList.photos.prefix(Self.mostPhotos).map { try Image(contentsOf: $0.path) }
        guard !photos.isEmpty else { throw ArgumentFault.noPhoto }
        let trials = try PreprocessingTrial.all(of: classifier, photos: photos, threads: arguments.threads ?? processorCount())
        return trials.isEmpty ? Messages.tooFewClasses : Messages.trials(trials, photos: photos.count)
    }

    /// More photos hardly change what they tell.
    private static let mostPhotos = 64

    private var text: String {
        var rows = [
            ["made by", Messages.producer(check.model)],
            ["input", check.classifier.map { Messages.input($0.graph.image, as: $0.graph.inputShape) } ?? Messages.values(check.model.graph.inputs)],
            ["outputs", Messages.values(check.model.graph.outputs)],
        ]
        if let classifier = check.classifier {
            rows += [
                ["classes", Messages.classes(classifier)],
            ]
            rows += Messages.scores(of: classifier.graph).map { ["scores", $0] }
            rows += [
                ["preprocessing", Messages.fed(classifier.input)],
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
