import ActivationMaps
import Imaging

/// Explains photos and writes their files: what every worker does with those that it takes.
struct PhotoJob {
    let arguments: Arguments
    let request: Explainer.Request
    let model: ModelFinder.Entry
    /// nil where no report is written for machines.
    let digest: NetworkDigest?
    /// Of the network: the output whose numbers the scores are, and what it is fed.
    let output: String, feeding: InputSpecification
    /// As `--target-layer` takes it; `input` where no map is of a layer.
    let layer: String
    /// The default layer's name, where another one was asked for.
    let standard: String?
    /// What the user should know about the layers.
    let remarks: [String]
    let files: OutputFiles
    /// nil where nothing is recorded.
    let record: RunRecord?
    /// What a table tells of photos; nil where none is given: the request holds for all.
    let classes: PhotoClasses?
    /// nil where maps are not compared with anything that people marked.
    let marked: MarkedPhotos?

    /// What came of some photos, which share their passes.
    ///
    /// - Parameters:
    ///   - threads: so many files are written at a time.
    ///   - observer: of the passes of a photo by itself.
    func run(
        _ photos: [Photo], by explainer: Explainer, threads: Int, observer: PassObserver? = nil
    ) -> [Outcome] {
        let inputs = photos.map { record?.input(of: $0) }
        var outcomes = zip(photos, inputs).map { settled($0, from: $1) }
        var decoded: [(index: Int, image: Image, targets: Explainer.Targets, duration: Duration)] = [], pixels = 0
        func explain() {
            let explanations = explainer.explain(
                decoded.map(\.image), request, of: decoded.map(\.targets),
                observer: decoded.count == 1 ? observer : nil)
            for (photo, explanation) in zip(decoded, explanations) {
                outcomes[photo.index] = Outcome {
                    try finish(
                        photos[photo.index], from: inputs[photo.index], photo.image, explanation.get(),
                        decoding: photo.duration,
                        note: Messages.array(photo.image, explainer.classifier.preprocessing),
                        Report.Scores(explainer.classifier.graph.probability), threads: threads)
                }
            }
            (decoded, pixels) = ([], 0)
        }
        for index in photos.indices where outcomes[index] == nil {
            let start = ContinuousClock.now
            do {
                let targets = try classes?.targets(of: photos[index]) ?? request.targets
                let image = try photos[index].image(arguments, for: explainer.classifier.preprocessing)
                decoded.append((index, image, targets, ContinuousClock.now - start))
                pixels += (image.numbers?.raster.values.count ?? 0) / 3 + image.width * image.height
            } catch {
                outcomes[index] = .failed(error)
            }
            // Of large photos decoding takes more than a pass gains.
            if pixels > Self.mostPixels { explain() }
        }
        if !decoded.isEmpty { explain() }
        return outcomes.map { $0! }
    }

    /// Of the photos that share a pass.
    private static let mostPixels = 16_000_000

    /// What comes of a photo that is not read.
    private func settled(_ photo: Photo, from input: JournalRecord.File?) -> Outcome? {
        if let record = record?.finished(photo, from: input) {
            return .skipped(report: arguments.isDryRun ? nil : record.report(in: arguments.outputDirectory))
        }
        do throws(MissingClass) { _ = try classes?.targets(of: photo) } catch { return .failed(error) }
        if files.areThere(of: photo) { return .skipped(report: nil) }
        return arguments.isDryRun ? .planned(PhotoPlan(input: photo.path, files: files.names(of: photo))) : nil
    }

    /// Writes a photo's files, and tells of them.
    private func finish(
        _ photo: Photo, from input: JournalRecord.File?, _ image: Image, _ explanation: Explanation, decoding: Duration,
        note: String?, _ scores: Report.Scores,
        threads: Int
    ) throws -> Outcome {
        let before = ContinuousClock.now, judgements = try judgements(explanation, of: photo)
        let start = ContinuousClock.now
        let photoFiles = PhotoFiles(
            arguments: arguments, photo: photo, image: image,
            drawn: arguments.writesPictures ? image.drawn : image, explanation: explanation, scores: scores,
            regions: regions(explanation))
        var members = arguments.outputTar == nil ? [] : try photoFiles.members(threads: threads)
        let written =
            arguments.outputTar == nil
            ? try photoFiles.write(sparing: files, threads: threads) : members.map(\.path)
        let timings = explanation.timings.map {
            ($0.stage, $0.duration + ($0.stage == "metrics" ? start - before : .zero))
        }
        let stages = [("decode", decoding)] + timings + [("write", ContinuousClock.now - start)]
        let report = Report(
            input: photo.path, model: model.name, identity: try digest?.identity(), layer: layer,
            methods: arguments.methods, output: output, scores: scores, preprocessing: feeding.json(of: image),
            inputs: arguments.inputs,
            top: explanation.scores.prefix(5).map(Report.Class.init),
            classes: explanation.explained.compactMap { $0.score.map(Report.Class.init) },
            targets: explanation.explained.map(Report.Target.init),
            concepts: explanation.concepts.map(Report.Concept.init), files: written, maps: photoFiles.savedMaps,
            regions: photoFiles.regionsWithFiles, metrics: metrics(judgements), judgements: judgements,
            timings: stages.map { ($0, Float($1 / .milliseconds(1))) },
            diagnosis: Diagnosis.lines(
                of: explanation, concepts: request.concepts ?? 0, image: image, layer: layer, standard: standard,
                writesPictures: arguments.writesPictures),
            remarks: remarks,
            notes: [note].compactMap { $0 }
                + Diagnosis.notes(of: explanation))
        try record?.add(photo, from: input, report)
        if arguments.outputTar != nil {
            members.append(
                .init(path: photo.nameInTar + ".gradcam.json", bytes: Array((report.json.text + "\n").utf8)))
        }
        return .done(report, members)
    }
}

extension Outcome {
    /// What `body` gives, or its fault.
    fileprivate init(_ body: () throws -> Outcome) {
        do { self = try body() } catch { self = .failed(error) }
    }
}
