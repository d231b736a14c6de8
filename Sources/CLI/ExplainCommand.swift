import ActivationMaps
import Imaging
import Network
import Platform

/// `gradcam --image-path ...`: explains photos by one network, which is loaded once.
struct ExplainCommand {
    private let arguments: Arguments
    private let console: Console
    private let model: ModelFinder.Entry
    /// nil where nobody asks for it.
    private let digest: NetworkDigest?
    private let explainer: Explainer
    private let request: Explainer.Request
    /// As `--target-layer` takes it; `input` where no map is of a layer.
    private let layer: String
    /// The default layer's name, where another one was asked for.
    private let standard: String?
    /// What `--method all` leaves out, and why.
    private let leftOut: [(names: [String], reason: Wording)]

    /// Loads the network and looks up what is to be explained, before any photo is read.
    ///
    /// - Throws: `ModelFault`, `ModelError`, `ChoiceError`.
    init(_ arguments: Arguments, _ console: Console) throws {
        self.console = console
        model = try ModelFinder().find(arguments.model)
        let options = arguments.modelOptions, file = try Classifier.file(at: model.path, options: options)
        digest = arguments.json ? NetworkDigest(file) : nil
        let classifier = try Classifier(file, at: model.path, options: options)
        self.arguments = try arguments.resolved(by: classifier)
        leftOut = arguments.leftOut(by: classifier)
        request = try self.arguments.request(of: classifier)
        do throws(NetworkError) {
            explainer = try Explainer(classifier, request, self.arguments)
        } catch {
            throw ModelError.network(path: model.path, error)
        }
        let names = classifier.graph.layerNames
        layer =
            request.explainsLayers ? request.layers.map { names[$0.value] ?? $0.name }.joined(separator: ",") : "input"
        standard =
            arguments.layers.isEmpty ? nil : classifier.graph.defaultLayer.map { names[$0.value] ?? $0.name }
    }

    /// - Throws: `OutputFault` where the output folder cannot be written into.
    func run() throws(OutputFault) -> ExitCode {
        try prepareFolder()
        console.information(Messages.feeding(explainer.classifier))
        for warning in Messages.warnings(explainer.classifier) + remarks { console.warning(warning) }
        if let device = arguments.device {
            console.information(Messages.device)
            if device == .cuda { console.warning(Messages.noCUDA) }
        }
        for (names, reason) in leftOut { console.information(Messages.leftOut(names, reason)) }
        if !request.unminded.isEmpty { console.warning(Messages.unminded(request.unminded)) }
        Messages.scores(of: explainer.classifier.graph).forEach(console.information)
        let list = arguments.photoList
        if list.ownPictures > 0 { console.information(Messages.passedOver(list.ownPictures)) }
        if !list.otherPictures.isEmpty { console.information(Messages.passedOver(list.otherPictures)) }
        if let photo = list.photos.first, photo.name == nil, PictureMark.isOn(photo.path) {
            console.warning(Messages.ownPicture(photo.path))
        }
        let batch = Batch(
            photos: list.photos(of: arguments.shard), failures: list.failures(of: arguments.shard), console: console,
            json: arguments.json, quiet: arguments.quiet, isLast: cannotWrite)
        let explainers = explainers(for: batch.photos.count)
        let threads = self.threads / explainers.count
        let code = batch.run(
            explainers.map { explainer in { try explain($0, by: explainer, of: list, threads: threads) } })
        if SystemThread.wasRefused { console.warning(Messages.threadsRefused) }
        guard let path = alteredMapping() else { return code }
        console.error(Messages.altered(path))
        return .unusableModel
    }

    /// Many photos keep every thread busy with one of its own, from reading to writing, where there is memory for so
    /// many; a few share all threads for each.
    private func explainers(for photos: Int) -> [Explainer] {
        guard threads > 1, photos >= 4 * threads else { return [explainer] }
        let workers = explainer.copiesThatFit(request, most: threads)
        return (0..<workers).map { _ in explainer.copy(threads: threads / workers) }
    }

    private var threads: Int { arguments.threads ?? processorCount() }

    private var remarks: [String] { request.layers.compactMap(\.remark) }

    /// Whether a photo failed as all others will: the disk is full, or the output folder is not what it was.
    private func cannotWrite(_ error: any Error) -> Bool {
        switch error {
        case ImageError.file(_, .noSpace): true
        case ImageError.file(_, .unwritable): (try? System.checkWritable(arguments.outputDirectory)) == nil
        default: false
        }
    }

    private func prepareFolder() throws(OutputFault) {
        do throws(SystemError) {
            try System.makeFolder(arguments.outputDirectory)
            try System.checkWritable(arguments.outputDirectory)
        } catch {
            throw OutputFault(folder: arguments.outputDirectory, code: error.code)
        }
    }

    private func explain(_ photo: Photo, by explainer: Explainer, of list: PhotoList, threads: Int) throws -> Report {
        let clock = ContinuousClock(), start = clock.now
        let image = try Self.decode(photo.path, arguments)
        let decoded = clock.now
        let explanation = try explainer.explain(image, request)
        let explained = clock.now
        let graph = explainer.classifier.graph, scores = Report.Scores(graph.probability)
        let files = try PhotoFiles(
            arguments: arguments, photo: photo, image: image, explanation: explanation, scores: scores
        ).write(sparing: list, threads: threads)
        return Report(
            input: photo.path, model: model.name, identity: try digest?.identity(), layer: layer,
            methods: arguments.methods, output: graph.output.name,
            scores: scores,
            preprocessing: explainer.classifier.input.json, top: explanation.scores.prefix(5).map(Report.Class.init),
            classes: explanation.classes.map { Report.Class($0.score) },
            concepts: explanation.concepts.map(Report.Concept.init), files: files,
            timings: ([("decode", decoded - start)] + explanation.timings + [("write", clock.now - explained)])
                .map { ($0, Float($1 / .milliseconds(1))) },
            diagnosis: Diagnosis.lines(
                of: explanation, concepts: request.concepts ?? 0, image: image, layer: layer, standard: standard),
            remarks: remarks, notes: Diagnosis.notes(of: explanation))
    }

    /// The fault without the path, which the report of the failure begins with.
    private static func decode(_ path: String, _ arguments: Arguments) throws(ImageError) -> Image {
        do {
            return try Image(contentsOf: path, bitDepth: arguments.bitDepth, mostPixels: arguments.mostPixels)
        } catch {
            if case .file(_, let fault) = error { throw fault }
            throw error
        }
    }
}

/// The output folder cannot be made or written into; by `errno`.
struct OutputFault: Error, Equatable {
    let folder: String
    let code: Int32
}
