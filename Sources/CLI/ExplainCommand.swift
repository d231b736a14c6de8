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
    private let device: ComputingDevice
    private let request: Explainer.Request
    /// As `--target-layer` takes it; `input` where no map is of a layer.
    private let layer: String
    /// The default layer's name, where another one was asked for.
    private let standard: String?
    /// What a table tells of photos; nil where none is given.
    private let classes: PhotoClasses?
    /// What is read, besides what is in folders.
    private let inputs: InputFiles
    /// What people marked; nil where nothing is given.
    private let marked: MarkedPhotos?
    /// What `--method all` leaves out, and why.
    private let leftOut: [(names: [String], reason: Wording)]

    /// Loads the network and looks up what is to be explained, before any photo is read.
    ///
    /// - Throws: `ArgumentFault`, `ModelFault`, `ModelError`, `ChoiceError`.
    init(_ arguments: Arguments, _ console: Console) throws {
        self.console = console
        device = try ComputingDevice(arguments)
        model = try ModelFinder().find(arguments.model)
        inputs = InputFiles(arguments.inputPaths + [model.path])
        let options = arguments.modelOptions, file = try Classifier.file(at: model.path, options: options)
        digest =
            arguments.json || arguments.outputTar != nil || arguments.gallery != nil || arguments.records
            ? NetworkDigest(file) : nil
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
            explainer = try Explainer(classifier, request, self.arguments, on: device)
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
        let hasFolder = try hasFolder()
        try arguments.checkResults(apartFrom: inputs)
        try arguments.checkNamedResults()
        let tar = arguments.isDryRun ? nil : try arguments.outputTar.map { try OutputTar($0) }
        console.information(Messages.feeding(explainer.classifier, arguments.inputs))
        for warning in Messages.warnings(explainer.classifier) + remarks { console.warning(warning) }
        if arguments.device != nil {
            console.information(device.usesCard ? Messages.usesCard : Messages.usesCPU)
            if case .unusable(let fault)? = device.departure { console.warning(Messages.unusable(fault)) }
            if arguments.isVerbose, let card = device.card { console.information(Messages.card(card)) }
        }
        if arguments.isVerbose || arguments.precision != nil {
            console.information(Messages.precision(explainer.precision, kernels: explainer.kernelName))
        }
        marked?.remarks.forEach(console.information)
        marked?.warnings.forEach(console.warning)
        for (names, reason) in leftOut { console.information(Messages.leftOut(names, reason)) }
        if !request.unminded.isEmpty { console.warning(Messages.unminded(request.unminded)) }
        Messages.scores(of: explainer.classifier.graph).forEach(console.information)
        let record = hasFolder ? try record() : nil
        if arguments.tellsShare { console.information(Messages.share(arguments.share)) }
        var photos = try arguments.photos(for: explainer.classifier.preprocessing)
        let count = photos.count
        if photos.isLong { console.information(Messages.manyPhotos) }
        if count != nil { Messages.passedOver(in: photos).forEach(console.information) }
        if let path = photos.single, PictureMark.isOn(path) { console.warning(Messages.ownPicture(path)) }
        let explainers = explainers(for: count ?? .max), threads = max(1, self.threads / explainers.count)
        let areAveraged =
            arguments.judges && !arguments.isDryRun
            && (arguments.table != nil || arguments.gallery != nil || !arguments.quiet)
        let averages = areAveraged ? FolderAverages(marked: marked) : nil
        let job = job(record, photos: count), observer = count == 1 ? observer : nil
        let batch = Batch(
            console: console, json: arguments.json, quiet: arguments.quiet || arguments.outputTar == "-",
            isVerbose: arguments.isVerbose, isDryRun: arguments.isDryRun,
            size: try photosPerPass(count, explainers.count), tar: tar,
            averages: averages, gallery: try gallery(), concernsAll: cannotWrite,
            news: { device.news().map { Messages.replaced($0, explainer.precision, asked: arguments.precision) } })
        let code = batch.run(
            { photos.next() }, count: count,
            explainers.map { explainer in { job.run($0, by: explainer, threads: threads, observer: observer) } })
        if count == nil { Messages.passedOver(in: photos).forEach(console.information) }
        if let fault = record?.fault { console.warning(Messages.noRecord(fault)) }
        if let replacement = device.news() {
            console.warning(Messages.replaced(replacement, explainer.precision, asked: arguments.precision))
        }
        if SystemThread.wasRefused { console.warning(Messages.threadsRefused) }
        if let averages, code != .unfinished {
            if try !averages.tell(console, arguments, isOfSeveral: count != 1) { return .unfinished }
        }
        guard let path = alteredMapping() else { return code }
        console.error(Messages.altered(path))
        return .unusableModel
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

    /// The page of the run, begun; nil where none is asked for.
    private func gallery() throws -> GalleryFile? {
        guard let path = arguments.galleryFile, !arguments.isDryRun else { return nil }
        let run = Self.galleryRun(
            arguments, model: model.name, try digest?.identity(), explainer.classifier, layer: layer, remarks: remarks)
        return try GalleryFile(
            path, run: run, isSigned: arguments.isSigned, isSignal: explainer.classifier.graph.image.isSignal)
    }

    /// - Parameter photos: how many there are; nil where that is not known.
    private func job(_ record: RunRecord?, photos: Int?) -> PhotoJob {
        PhotoJob(
            arguments: arguments, request: request, model: model, digest: digest,
            output: explainer.classifier.graph.output.name, feeding: explainer.classifier.input,
            layer: layer,
            standard: standard, remarks: remarks,
            files: OutputFiles(arguments, request, classes, sparing: inputs, model: model.path),
            record: record, classes: classes, marked: marked, meter: PrecisionMeter(arguments),
            gallery: arguments.gallery.map { _ in .init(photos: photos) })
    }

    /// How many photos each of so many workers takes at a time.
    private func photosPerPass(_ photos: Int?, _ workers: Int) throws -> Int {
        // Of a tar every photo's files are held until they are told.
        if arguments.isDryRun || arguments.outputTar != nil || photos.map({ $0 < 2 * workers }) ?? false { return 1 }
        do throws(NetworkError) {
            let most = try explainer.photosThatFit(request, copies: workers, wanted: arguments.batch)
            // Rather than that some workers take all.
            guard arguments.batch == nil, let photos else { return most }
            return min(most, max(1, photos / (2 * workers)))
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
    /// many. Of fewer than four a thread several threads share one, as many for each. Of a card there are two workers at
    /// least: one brings it photos and writes files while it computes for the other.
    private func explainers(for photos: Int) -> [Explainer] {
        let shares = (1...threads).last { threads.isMultiple(of: $0) && photos / 4 >= $0 } ?? 1
        let most = device.usesCard ? min(max(threads, 2), photos / 4, 8) : shares
        guard most > 1 else { return [explainer] }
        let workers = explainer.copiesThatFit(request, most: most)
        return (0..<workers).map { _ in explainer.copy(threads: max(1, threads / workers)) }
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

    /// Makes the output folder where something is to be written into it; whether that is possible.
    ///
    /// - Throws: where it is not, and the run cannot do without.
    private func hasFolder() throws(OutputFault) -> Bool {
        let isUsed = arguments.writesFiles || arguments.records
        guard isUsed, arguments.outputTar == nil, !arguments.isDryRun else { return true }
        do throws(SystemError) {
            try System.makeFolder(arguments.outputDirectory)
            try System.checkWritable(arguments.outputDirectory)
            return true
        } catch {
            let fault = OutputFault(folder: arguments.outputDirectory, code: error.code)
            guard !arguments.needsFolder else { throw fault }
            console.warning(Messages.noRecord(fault))
            return false
        }
    }
}

/// The output folder cannot be made or written into; by `errno`.
struct OutputFault: Error, Equatable {
    let folder: String
    let code: Int32
}
