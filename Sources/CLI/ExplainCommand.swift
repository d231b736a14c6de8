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
    /// What a table tells of photos; nil where none is given.
    private let classes: PhotoClasses?
    /// What people marked; nil where nothing is given.
    private let marked: MarkedPhotos?
    /// What `--method all` leaves out, and why.
    private let leftOut: [(names: [String], reason: Wording)]

    /// Loads the network and looks up what is to be explained, before any photo is read.
    ///
    /// - Throws: `ModelFault`, `ModelError`, `ChoiceError`.
    init(_ arguments: Arguments, _ console: Console) throws {
        self.console = console
        model = try ModelFinder().find(arguments.model)
        let options = arguments.modelOptions, file = try Classifier.file(at: model.path, options: options)
        digest = arguments.json || arguments.outputTar != nil || arguments.records ? NetworkDigest(file) : nil
        let classifier = try Classifier(file, at: model.path, options: options)
        classes = try PhotoClasses(arguments, classifier)
        var resolved = try arguments.resolved(by: classifier)
        resolved.mostClasses = classes?.most ?? 1
        self.arguments = resolved
        leftOut = arguments.leftOut(by: classifier)
        var request = try self.arguments.request(of: classifier)
        try self.arguments.checkGrid(of: request)
        try self.arguments.checkCopies(of: classifier)
        marked = try MarkedPhotos(arguments, classifier)
        do throws(NetworkError) {
            explainer = try Explainer(classifier, request, self.arguments)
        } catch {
            throw ModelError.network(path: model.path, error)
        }
        if let path = arguments.similarTo {
            request.targets = .similarity(try explainer.reference(path, self.arguments), to: Paths.name(path))
            try classifier.check(request.targets)
        }
        self.request = request
        let names = classifier.graph.layerNames
        layer =
            request.explainsLayers ? request.layers.map { names[$0.value] ?? $0.name }.joined(separator: ",") : "input"
        standard =
            arguments.layers.isEmpty ? nil : classifier.graph.defaultLayer.map { names[$0.value] ?? $0.name }
    }

    /// - Throws: `OutputFault` where the output folder cannot be written into, `ImageError` where the output tar
    ///   cannot.
    func run() throws -> ExitCode {
        if arguments.writesFiles || arguments.records, arguments.outputTar == nil, !arguments.isDryRun {
            try prepareFolder()
        }
        try arguments.checkTable(apartFrom: inputs)
        if let path = arguments.outputTar { try sparePhotos(path) }
        let tar = arguments.isDryRun ? nil : try arguments.outputTar.map { try OutputTar($0) }
        console.information(Messages.feeding(explainer.classifier, arguments.inputs))
        for warning in Messages.warnings(explainer.classifier) + remarks { console.warning(warning) }
        if let device = arguments.device {
            console.information(Messages.device)
            if device == .cuda { console.warning(Messages.noCUDA) }
        }
        marked?.remarks.forEach(console.information)
        marked?.warnings.forEach(console.warning)
        for (names, reason) in leftOut { console.information(Messages.leftOut(names, reason)) }
        if !request.unminded.isEmpty { console.warning(Messages.unminded(request.unminded)) }
        Messages.scores(of: explainer.classifier.graph).forEach(console.information)
        let record = try record()
        if arguments.resumes, record == nil { console.warning(Messages.nothingToResume) }
        if arguments.tellsShare { console.information(Messages.share(arguments.share)) }
        var photos = try arguments.photos(for: explainer.classifier.preprocessing)
        let count = photos.count
        if photos.isLong { console.information(Messages.manyPhotos) }
        if count != nil { Messages.passedOver(in: photos).forEach(console.information) }
        if let path = photos.single, PictureMark.isOn(path) { console.warning(Messages.ownPicture(path)) }
        let explainers = explainers(for: count ?? .max), threads = self.threads / explainers.count
        let areAveraged = arguments.judges && !arguments.isDryRun && (arguments.table != nil || !arguments.quiet)
        let averages = areAveraged ? FolderAverages() : nil
        let job = job(record), observer = count == 1 ? observer : nil
        let batch = Batch(
            console: console, json: arguments.json, quiet: arguments.quiet || arguments.outputTar == "-",
            isVerbose: arguments.isVerbose, isDryRun: arguments.isDryRun,
            size: try photosPerPass(count, explainers.count), tar: tar,
            averages: averages, concernsAll: cannotWrite)
        let code = batch.run(
            { photos.next() }, count: count,
            explainers.map { explainer in { job.run($0, by: explainer, threads: threads, observer: observer) } })
        if count == nil { Messages.passedOver(in: photos).forEach(console.information) }
        if SystemThread.wasRefused { console.warning(Messages.threadsRefused) }
        if let averages, code != .unfinished {
            let isWritten = try averages.tell(
                console, arguments, isOfSeveral: count != 1, marks: marked != nil)
            if !isWritten { return .unfinished }
        }
        guard let path = alteredMapping() else { return code }
        console.error(Messages.altered(path))
        return .unusableModel
    }

    /// - Throws: where the output tar is one of the photos, or a file that is no tar.
    private func sparePhotos(_ path: String) throws(OverwriteFault) {
        let isGiven = arguments.imagePaths.contains { System.isSame($0, path) }
        let isOther = (try? FileStatus(of: path)).map { $0.kind == .file && $0.size > 0 && !TarPhotos.isTar(path) }
        // What stands for standard output would be replaced itself.
        if isGiven || isOther ?? false || System.isOpen(path, as: 1) { throw OverwriteFault(path: path) }
    }

    /// What the run reads, besides what is in folders.
    private var inputs: [String] {
        let files = [
            arguments.boxes, arguments.classTable, arguments.targetMask, arguments.similarTo, arguments.labels,
            model.path,
        ]
        let further = arguments.inputs.map { if case .file(let path) = $0.source { path } else { nil as String? } }
        return (files + further).compactMap { $0 } + arguments.imagePaths
    }

    /// What is recorded in the output folder; nil where nothing is.
    ///
    /// - Throws: `RecordFault` where a run cannot resume.
    private func record() throws -> RunRecord? {
        guard arguments.records, let digest else { return nil }
        let classifier = explainer.classifier
        let manifest = try RunManifest(
            model: model.name, digest.identity(), classifier, layer: layer, request, arguments,
            marks: marked?.identity)
        do throws(RecordFault) {
            return try RunRecord(manifest, model: model.path, arguments)
        } catch {
            guard !arguments.resumes else { throw error }
            if !arguments.isDryRun { console.warning(Messages.noRecord(error)) }
            return nil
        }
    }

    private func job(_ record: RunRecord?) -> PhotoJob {
        PhotoJob(
            arguments: arguments, request: request, model: model, digest: digest,
            output: explainer.classifier.graph.output.name, feeding: explainer.classifier.input,
            layer: layer,
            standard: standard, remarks: remarks, files: OutputFiles(arguments, request, classes, model: model.path),
            record: record, classes: classes, marked: marked)
    }

    /// How many photos each of so many workers takes at a time.
    private func photosPerPass(_ photos: Int?, _ workers: Int) throws -> Int {
        // Of a tar every photo's files are held until they are told.
        if arguments.isDryRun || arguments.outputTar != nil || photos.map({ $0 < 2 * workers }) ?? false { return 1 }
        do throws(NetworkError) {
            return try explainer.photosThatFit(request, copies: workers, wanted: arguments.batch)
        } catch {
            throw ModelError.network(path: model.path, error)
        }
    }

    /// Draws how far the passes of a single photo have come.
    private var observer: PassObserver {
        let start = ContinuousClock.now
        return { [console] method, done, total in console.progress(method, done, of: total, since: start) }
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
        // Files that others have open may be closed again.
        case let fault as RecordFault: fault.kind != .system(EMFILE) && fault.kind != .system(ENFILE)
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
}

/// The output folder cannot be made or written into; by `errno`.
struct OutputFault: Error, Equatable {
    let folder: String
    let code: Int32
}
