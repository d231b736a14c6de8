import ActivationMaps
import Imaging

/// Explains a photo and writes its files: what every worker does with each of its photos.
struct PhotoJob {
    let arguments: Arguments
    let request: Explainer.Request
    let model: ModelFinder.Entry
    /// nil where no report is written for machines.
    let digest: NetworkDigest?
    /// As `--target-layer` takes it; `input` where no map is of a layer.
    let layer: String
    /// The default layer's name, where another one was asked for.
    let standard: String?
    /// What the user should know about the layers.
    let remarks: [String]
    let files: OutputFiles
    /// nil where nothing is recorded.
    let record: RunRecord?

    /// - Parameter threads: so many files are written at a time.
    func run(_ photo: Photo, by explainer: Explainer, threads: Int) -> Outcome {
        do {
            if let record = record?.finished(photo) { return .skipped(report: record.report) }
            if files.areThere(of: photo) { return .skipped(report: nil) }
            if arguments.isDryRun { return .planned(Plan(input: photo.path, files: files.names(of: photo))) }
            return try explain(photo, by: explainer, threads: threads)
        } catch {
            return .failed(error)
        }
    }

    private func explain(_ photo: Photo, by explainer: Explainer, threads: Int) throws -> Outcome {
        let clock = ContinuousClock(), start = clock.now
        let image = try photo.image(arguments)
        let decoded = clock.now
        let explanation = try explainer.explain(image, request)
        let explained = clock.now
        let graph = explainer.classifier.graph, scores = Report.Scores(graph.probability)
        let photoFiles = PhotoFiles(
            arguments: arguments, photo: photo, image: image, explanation: explanation, scores: scores)
        let members = arguments.outputTar == nil ? [] : try photoFiles.members(threads: threads)
        let written =
            arguments.outputTar == nil
            ? try photoFiles.write(sparing: files, threads: threads) : members.map(\.path)
        let report = Report(
            input: photo.path, model: model.name, identity: try digest?.identity(), layer: layer,
            methods: arguments.methods, output: graph.output.name, scores: scores,
            preprocessing: explainer.classifier.input.json, top: explanation.scores.prefix(5).map(Report.Class.init),
            classes: explanation.classes.map { Report.Class($0.score) },
            concepts: explanation.concepts.map(Report.Concept.init), files: written,
            maps: photoFiles.savedMaps,
            timings: ([("decode", decoded - start)] + explanation.timings + [("write", clock.now - explained)])
                .map { ($0, Float($1 / .milliseconds(1))) },
            diagnosis: Diagnosis.lines(
                of: explanation, concepts: request.concepts ?? 0, image: image, layer: layer, standard: standard,
                writesPictures: arguments.writesPictures),
            remarks: remarks, notes: Diagnosis.notes(of: explanation))
        try record?.add(photo, report)
        return .done(report, members)
    }
}
