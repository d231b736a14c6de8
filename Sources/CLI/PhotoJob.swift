import ActivationMaps
import Imaging
import Network

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
    /// nil where no precision was asked for, or float32.
    let meter: PrecisionMeter?
    /// How large pictures are on the page of the run; nil where there is none.
    let gallery: GalleryPictures.Size?
    private let workingFolder = System.workingFolder

    /// What came of some photos, which share their passes.
    ///
    /// - Parameters:
    ///   - threads: so many files are written at a time.
    ///   - observer: of the passes of a photo by itself.
    func run(
        _ photos: [Photo], by explainer: Explainer, threads: Int, observer: PassObserver? = nil
    ) -> [Outcome] {
        let inputs = photos.map { record?.input(of: $0) }
        let preprocessing = explainer.classifier.preprocessing
        var outcomes = zip(photos, inputs).map { settled($0, from: $1, preprocessing) }
        var decoded: [Decoded] = [], pixels = 0
        func explain() {
            let explanations = explainer.explain(
                decoded.map(\.image), request, of: decoded.map(\.targets),
                observer: decoded.count == 1 ? observer : nil)
            for (photo, explanation) in zip(decoded, explanations) {
                outcomes[photo.index] = Outcome {
                    let explanation = try explanation.get()
                    return try finish(
                        photos[photo.index], from: inputs[photo.index], photo, explanation,
                        meter?.loss(of: photo.image, photo.targets, request, explanation, by: explainer),
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
                // Nothing is explained that cannot be compared.
                let marks = try marked?.marks(in: photos[index].path, width: image.width, height: image.height)
                decoded.append(
                    Decoded(
                        index: index, image: image, targets: targets, marks: marks,
                        duration: ContinuousClock.now - start))
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

    /// A photo that is ready to be explained.
    private struct Decoded {
        /// Among those that were taken together.
        let index: Int
        let image: Image, targets: Explainer.Targets, marks: PhotoMarks?
        /// What reading it took.
        let duration: Duration
    }

    /// Of the photos that share a pass.
    private static let mostPixels = 16_000_000

    /// What comes of a photo that is not read.
    private func settled(
        _ photo: Photo, from input: JournalRecord.File?, _ preprocessing: Preprocessing
    ) -> Outcome? {
        if let record = record?.finished(photo, from: input) {
            guard !arguments.isDryRun else { return .skipped(report: nil) }
            let report = record.report(in: arguments.outputDirectory)
            return .skipped(report: report, galleryPhoto(report, photo, preprocessing))
        }
        do throws(MissingClass) { _ = try classes?.targets(of: photo) } catch { return .failed(error) }
        if files.areThere(of: photo) { return .skipped(report: nil) }
        return arguments.isDryRun ? .planned(PhotoPlan(input: photo.path, files: files.names(of: photo))) : nil
    }

    /// Writes a photo's files, and tells of them.
    private func finish(
        _ photo: Photo, from input: JournalRecord.File?, _ decoded: Decoded, _ explanation: Explanation,
        _ loss: PrecisionMeter.Reading?, note: String?, _ scores: Report.Scores, threads: Int
    ) throws -> Outcome {
        let image = decoded.image
        let before = ContinuousClock.now, judgements = judgements(explanation, decoded.marks)
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
        let stages = [("decode", decoded.duration)] + timings + [("write", ContinuousClock.now - start)]
        let report = Report(
            input: photo.path, model: model.name, identity: try digest?.identity(), layer: layer,
            methods: arguments.methods, output: output, scores: scores, preprocessing: feeding.json(of: image),
            inputs: arguments.inputs, computations: explanation.computations, precisionLoss: loss?.loss,
            top: explanation.scores.prefix(5).map { Report.Class($0, scores) },
            classes: explanation.explainedClasses.map { Report.Class($0, scores) },
            targets: explanation.explained.map(Report.Target.init),
            concepts: explanation.concepts.map(Report.Concept.init), files: written, maps: photoFiles.savedMaps,
            regions: photoFiles.regionsWithFiles, metrics: metrics(judgements), judgements: judgements,
            timings: stages.map { ($0, Float($1 / .milliseconds(1))) },
            diagnosis: Diagnosis.lines(
                of: explanation, concepts: request.concepts ?? 0, image: image, layer: layer, standard: standard,
                writesJPEGs: arguments.writesPictures && arguments.format == .jpeg),
            remarks: remarks,
            notes: [note, loss.map(Messages.text)].compactMap { $0 }
                + Diagnosis.notes(of: explanation))
        try record?.add(photo, from: input, report)
        if arguments.outputTar != nil {
            members.append(
                .init(path: photo.nameInTar + ".gradcam.json", bytes: Array((report.json.text + "\n").utf8)))
        }
        return .done(report, members, try galleryPhoto(report, image, explanation))
    }
}

extension PhotoJob {
    /// What the page has of a photo; nil where there is none.
    private func galleryPhoto(
        _ report: Report, _ image: Image, _ explanation: Explanation
    ) throws(ImageError) -> GalleryPhoto? {
        guard let gallery else { return nil }
        return GalleryPhoto(
            report, try GalleryPictures(image, explanation, gallery, arguments), explanation,
            links: links(to: report.files))
    }

    /// The same of one that an earlier run explained, by its report as JSON.
    private func galleryPhoto(_ report: String, _ photo: Photo, _ preprocessing: Preprocessing) -> GalleryPhoto? {
        guard let gallery, let read = try? PythonLiteral(report) else { return nil }
        let names = arguments.fileNames
        // Whatever cannot be read is not shown.
        let pictures = (try? photo.image(arguments, for: preprocessing)).flatMap {
            try? GalleryPictures(kept: read, of: photo, $0, gallery, arguments.methods, names)
        }
        return GalleryPhoto(
            kept: report, pictures, links: links(to: read["files"]?.list?.compactMap(\.string) ?? []))
    }

    /// Files as they are seen from the page; none of a tar's members.
    private func links(to files: [String]) -> [String] {
        guard let page = arguments.galleryFile, arguments.outputTar == nil else { return [] }
        let folder = Paths.absolute(Paths.folder(page), from: workingFolder)
        return files.map { Paths.relative(Paths.absolute($0, from: workingFolder), to: folder) }
    }
}

extension Outcome {
    /// What `body` gives, or its fault.
    fileprivate init(_ body: () throws -> Outcome) {
        do { self = try body() } catch { self = .failed(error) }
    }
}
