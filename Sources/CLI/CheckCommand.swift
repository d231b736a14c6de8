import ActivationMaps
import CUDA
import Imaging
import Network
import Platform

/// `gradcam --check`: what is known of a model, and whether it can be explained.
struct CheckCommand {
    private let model: ModelFinder.Entry
    private let check: ModelCheck
    private let arguments: Arguments
    private let console: Console
    private let device: ComputingDevice

    /// - Throws: `ModelFault`, `ModelError`.
    init(_ arguments: Arguments, _ console: Console) throws {
        (self.arguments, self.console, device) = (arguments, console, try ComputingDevice(arguments))
        model = try ModelFinder().find(arguments.model)
        check = try ModelCheck(contentsOf: model.path, options: arguments.modelOptions, threads: arguments.threads)
    }

    func run() throws -> ExitCode {
        try console.result(text)
        if let card = device.card {
            try console.result(table([["card", Messages.card(card)]]))
        } else if case .unusable(let fault)? = device.departure {
            try console.result(table([["card", Messages.noCard(fault)]]))
        }
        for fault in check.faults { console.error("\(model.path): \(Messages.text(fault))") }
        guard let classifier = check.classifier, check.faults.isEmpty else { return .unusableModel }
        // A layer, a class or a method that is not there is told as a run would.
        _ = try arguments.resolved(by: classifier).request(of: classifier)
        for warning in Messages.warnings(classifier) { console.warning(warning) }
        if check.run?.isFinite == false { console.warning(Messages.noNumbers) }
        let agrees = device.card == nil ? true : try tryCard(classifier)
        let code = arguments.imagePaths.isEmpty ? .done : try tryWays(of: classifier)
        return agrees || !arguments.needsDevice ? code : .unusableModel
    }

    /// Prints how the card computes the network.
    ///
    /// - Returns: whether that agrees with the CPU, where it is known.
    private func tryCard(_ classifier: Classifier) throws -> Bool {
        // Of many colours: on one alone, mistaken places and orders would not show.
        let pattern = Image(width: 8, height: 8, pixels: (0..<3 * 64).map { UInt8($0 * 89 % 256) })
        let image =
            classifier.preprocessing.takesArraysAlone
            ? (0..<classifier.graph.inputShape.count).map { Float($0 * 89 % 256) / 255 }
            : classifier.preprocessing.tensor(from: pattern)
        do throws(NetworkError) {
            let trial = try CardTrial(
                classifier.graph, image: image, layer: check.layer?.value, precision: arguments.precision,
                threads: arguments.threads ?? processorCount())
            try? console.result(table([["on it", Messages.trial(trial)]]))
            guard !trial.agrees else { return true }
            if arguments.needsDevice {
                console.error("\(model.path): \(Messages.cardDiffers)")
            } else {
                console.warning(Messages.cardDiffers)
            }
            return false
        } catch {
            guard arguments.needsDevice else {
                console.warning(Messages.unusable(error))
                return true
            }
            throw ModelError.network(path: model.path, error)
        }
    }

    /// Prints what the network seems to want, judged by the photos that were given.
    private func tryWays(of classifier: Classifier) throws -> ExitCode {
        guard !classifier.graph.image.isInteger else {
            try console.result(Messages.wholeNumbers)
            return .done
        }
        guard !classifier.preprocessing.takesArraysAlone else {
            try console.result(Messages.arraysAsTheyAre)
            return .done
        }
        guard let trials = PreprocessingTrials(classifier, threads: arguments.threads ?? processorCount()) else {
            try console.result(Messages.tooFewClasses)
            return .done
        }
        var photos = try arguments.photos(for: classifier.preprocessing), failed = 0
        while trials.photos < Self.mostPhotos, let item = photos.next() {
            let image = Result { () throws in
                switch item {
                case .photo(let photo): try photo.image(arguments, for: classifier.preprocessing)
                case .failure(let failure): throw failure
                }
            }
            switch image {
            case .success(let image): try trials.add(image)
            case .failure(let error):
                console.error("\(item.path): \(Messages.text(of: error))")
                failed += 1
            }
        }
        if trials.photos > 0 { try console.result(Messages.trials(trials)) }
        return failed == 0 ? .done : .photoFailed
    }

    /// More photos hardly change what they tell.
    private static let mostPhotos = 64

    private var text: String {
        var rows = [
            ["made by", Messages.producer(check.model)],
            [
                "input",
                check.classifier.map { Messages.input($0.graph.image, as: $0.graph.inputShape) }
                    ?? Messages.values(check.model.graph.inputs),
            ],
            ["outputs", Messages.values(check.model.graph.outputs)],
        ]
        if let classifier = check.classifier {
            if classifier.graph.form.hasClasses { rows.append(["classes", Messages.classes(classifier)]) }
            rows += Messages.scores(of: classifier.graph).map { ["scores", $0] }
            rows += [
                ["preprocessing", Messages.fed(classifier.input)],
                ["layer", check.layer.map { Messages.layer($0, in: classifier.graph) } ?? Messages.noLayer],
            ]
        }
        rows += check.photoInputs.map { ["photo", Messages.photoInput($0, of: check.model)] }
        rows += check.offers.map { ["targets", Messages.offer($0)] }
        if let run = check.run { rows.append(["test run", Messages.testRun(run)]) }
        let operators = check.operators.map { ["", mark($0), Messages.listed($0.name), "\($0.count)"] }
        return [
            model.path.visible + ": "
                + (check.faults.isEmpty
                    ? check.needsReference ? Messages.comparable : Messages.explainable
                    : Messages.notExplainable(check.faults.count)),
            table(rows.map { $0.map(\.visible) }), operators.isEmpty ? "no operators" : "operators",
            table(operators, right: [3]),
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func mark(_ use: OperatorUse) -> String {
        if !use.isSupported { return check.faults.isEmpty ? Messages.notNeeded : Messages.unsupported }
        return check.faultyOperators.contains(use.name) ? Messages.notThisWay : Messages.supported
    }
}
