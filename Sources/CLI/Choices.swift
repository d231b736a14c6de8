import ActivationMaps
import Archive
import Imaging
import Network
import Platform

extension Arguments {
    /// The photos that the paths stand for.
    ///
    /// - Parameter preprocessing: the network's, which tells what is a photo in folders and tars.
    /// - Throws: where a run resumes whose photos have no date.
    func photos(for preprocessing: Preprocessing) throws(ArgumentFault) -> PhotoStream {
        let kind: PictureNames.Kind = preprocessing.takesArraysAlone ? .array : .picture
        let standardInput = standardInput(kind)
        if case .tar = standardInput, resumes { throw .conflict("--resume", "a tar on standard input") }
        let areDated =
            if case .photo = standardInput { false } else {
                !imagePaths.contains { (try? FileStatus(of: $0).kind) == .pipe }
            }
        if resumes, !areDated { throw .conflict("--resume", "a photo that comes through a pipe") }
        let isPhoto: (String) -> Bool =
            kind == .array
            ? { NumberArray.isArray(contentsOf: $0) } : { (path: String) in Image.isPhoto(contentsOf: path) }
        let finder = PhotoFinder(
            imagePaths, notUTF8: wrongPaths, resultFolder: outputDirectory, outputTar: outputTar,
            standardInput: standardInput, share: share,
            mostBytes: mostBytes(of: kind), kind: kind, isPhoto: isPhoto)
        return PhotoStream(
            imagePaths, finder, share: share, keepsPaths: keepsPaths, isOwnPicture: PictureMark.isOn)
    }

    /// Of a photo.
    private func mostBytes(of kind: PictureNames.Kind) -> Int {
        kind == .array ? NumberArray.mostBytes(of: 3 * mostPixels) : Image.mostBytes(of: mostPixels)
    }

    private func standardInput(_ kind: PictureNames.Kind) -> PhotoFinder.StandardInput {
        // A tar's first line ends no sooner than its first header.
        let beginning =
            imagePaths.contains("-") && !endsPathsInNUL ? System.beginning(of: 0, most: 512, isText: true) : []
        if TarReader.isTar(beginning) || Compression(beginning) != nil {
            return .tar(
                TarPhotos(
                    beginning: beginning, prefix: imagePaths.count > 1 ? "stdin" : nil,
                    mostBytes: mostBytes(of: kind), kind: kind))
        }
        if PhotoPipe.isPhoto(beginning) { return .photo(PhotoPipe(path: "-", beginning: beginning)) }
        return .list(PathLines(descriptor: 0, endsInNUL: endsPathsInNUL, beginning: beginning))
    }

    /// Takes the memory that threads need before they compute, and as many threads as there is memory for.
    ///
    /// - Throws: `SystemShortage` where there is none for a single one.
    mutating func reserveThreads(_ console: Console) throws(SystemShortage) {
        let wanted = threads ?? min(processorCount(), OpenBLAS.mostThreads), granted = OpenBLAS.reserve(threads: wanted)
        guard granted > 0 else { throw SystemShortage() }
        if granted < wanted { console.warning(Messages.fewerThreads(granted, of: wanted)) }
        threads = granted
    }

    /// What the command line says over what the model says of itself.
    var modelOptions: ModelOptions {
        var options = ModelOptions()
        (options.labels, options.mean, options.std) = (labels, mean, std)
        (options.channelOrder, options.resize, options.output) = (channelOrder, resize, output)
        options.inputSize = inputSize.map { ($0.width, $0.height) }
        options.cropSize = cropSize.map { ($0.width, $0.height) }
        options.interpolation = interpolation
        options.imageInput = imageInput
        for input in inputs {
            options.inputs[input.name] =
                switch input.source {
                case .numbers(let numbers): .numbers(numbers)
                case .file(let path): .file(path)
                }
        }
        options.limits = limits
        if let name = slices.lazy.compactMap(\.name).first { options.output = name }
        if !slices.isEmpty { options.use = .slice }
        if similarTo != nil { options.use = .similarity }
        if targetMask != nil { options.use = .pixels }
        if !targetBoxes.isEmpty { options.use = .boxes }
        return options
    }

    /// What to explain of every photo: layers and classes looked up once, only what the asked-for files need.
    func request(of classifier: Classifier) throws -> Explainer.Request {
        var request = Explainer.Request()
        request.targets = try targets(of: classifier)
        if similarTo == nil { request.targets = try classifier.check(request.targets) }
        if shown.contains(.concepts), !classifier.graph.form.hasClasses { throw ChoiceError.noClasses }
        request.methods = shown.contains(.map) ? methods.compactMap(Methods.named) : []
        request.guided = shown.contains(.gradient)
        request.concepts = shown.contains(.concepts) ? concepts ?? 5 : nil
        // A layer that was named is looked up in any case, lest a wrong name go unnoticed.
        if request.explainsLayers || !layers.isEmpty { request.layers = try classifier.layers(named: layers) }
        (request.augSmooth, request.eigenSmooth) = (augSmooth && shown.contains(.map), eigenSmooth)
        (request.fusion, request.isSigned) = (fusion, isSigned)
        request.options = options
        request.metrics = metrics.compactMap(Metrics.named)
        request.judges = judges
        return request
    }
}

extension Arguments {
    /// What of an explanation is written or reported.
    var shown: Output.Parts {
        var shown: Output.Parts = saveMap != nil || judges || tellsBox || tellsMask || gallery != nil ? .map : []
        if concepts != nil { shown.insert(.concepts) }
        for output in outputs { shown.formUnion(output.shows) }
        return shown
    }

    /// - Throws: where maps are to be saved on a grid that they have not.
    func checkGrid(of request: Explainer.Request) throws(ArgumentFault) {
        guard saveMap == .layer, request.layers.count > 1, request.methods.contains(where: \.explainsLayers) else {
            return
        }
        if fusion != .mean {
            throw .conflict("--save-map layer of several layers", "--layer-fusion \(fusion.rawValue)")
        }
        let grids = request.layers.map { "\($0.width) x \($0.height)" }
        if Set(grids).count > 1 { throw .severalGrids(grids) }
    }
}

extension Explainer.Request {
    /// Options that were chosen, and that none of the methods minds; none where no map is made.
    var unminded: Set<MethodOptions.Kind> {
        methods.isEmpty ? [] : options.chosen.subtracting(methods.reduce([]) { $0.union($1.minds) })
    }
}

extension Arguments {
    /// The same with parts of `--target-category` that are one label joined, groups of methods as far as these have a
    /// map of the network, and what was asked for twice left out.
    ///
    /// - Throws: `.method` where one was named that has none.
    func resolved(by classifier: Classifier) throws(ChoiceError) -> Arguments {
        var all: [Category] = []
        for list in categories {
            var rest = list[...]
            while let first = rest.first {
                let length = classifier.labelLength(in: rest.map(\.text))
                let category = length > 1 ? .label(rest.prefix(length).map(\.text).joined(separator: ", ")) : first
                if !all.contains(category) { all.append(category) }
                rest = rest.dropFirst(length)
            }
        }
        let places =
            layers.isEmpty ? [classifier.graph.defaultLayer].compactMap { $0 } : try classifier.layers(named: layers)
        var resolved = self
        resolved.categories = all.isEmpty ? [] : [all]
        resolved.methods = []
        for word in methods {
            let group = Vocabulary.methodGroups[word]
            for name in group ?? [word] where !resolved.methods.contains(name) {
                guard let obstacle = Methods.named(name).flatMap({ self.obstacle($0, classifier.graph, places) }) else {
                    resolved.methods.append(name)
                    continue
                }
                if group == nil { throw .method(name, obstacle) }
            }
        }
        return resolved
    }

    /// Why a method has no map of a network with these flags.
    private func obstacle(_ method: any Method, _ graph: Graph, _ layers: [Layer]) -> Wording? {
        if let reason = method.obstacle(graph, layers) { return reason }
        if method.needsLogit, !explainsLogits || graph.form != .classes { return TargetFault.advice }
        return eigenSmooth && !method.sumsChannels
            ? "its map is no sum over the channels of a layer, which \(.eigenSmooth) could replace; leave one of both out"
            : nil
    }

    /// The methods of the groups asked for that have no map of a network, and why; those of one reason together.
    func leftOut(by classifier: Classifier) -> [(names: [String], reason: Wording)] {
        let graph = classifier.graph
        let places = (try? classifier.layers(named: layers)) ?? []
        var left: [(names: [String], reason: Wording)] = []
        for method in Methods.all
        where methods.contains(where: { Vocabulary.methodGroups[$0]?.contains(method.name) ?? false }) {
            guard let reason = obstacle(method, graph, places) else { continue }
            if let place = left.firstIndex(where: { $0.reason == reason }) {
                left[place].names.append(method.name)
            } else {
                left.append(([method.name], reason))
            }
        }
        return left
    }

    /// How many images the network will see, roughly: one photo is not worth preparing for, a folder or Score-CAM's
    /// masks are; 1000 stands for many.
    fileprivate func expectedImages(_ needs: Needs) -> Int {
        let isOne = PhotoStream.isOne(imagePaths)
        return isOne && needs.images < 8 ? 1 + needs.images : 1000
    }
}

extension Arguments.Category {
    fileprivate var text: String {
        switch self {
        case .index(let index): "\(index)"
        case .label(let label): label
        }
    }
}

extension Explainer {
    /// The explainer for a classifier, as the command line wants it, of what there is memory for: where weights that
    /// are prepared for many images do not fit, they are made for each pass anew.
    convenience init(
        _ classifier: Classifier, _ request: Request, _ arguments: Arguments, on device: ComputingDevice
    ) throws(NetworkError) {
        let threads = arguments.threads ?? processorCount()
        let needs = request.needs(of: classifier.graph)
        func session(expecting images: Int) throws(NetworkError) -> any Session {
            var options = LoadOptions(threads: threads, expectedImages: images, batch: arguments.batchSize)
            options.precision = arguments.precision
            let session = try device.load(classifier.graph, options).session(threads: threads)
            try session.check(needs.recording, images: 1, streams: needs.images > 0, runs: 1)
            return session
        }
        let fitting: any Session
        do throws(NetworkError) {
            fitting = try session(expecting: arguments.expectedImages(needs))
        } catch {
            guard case .memory = error else { throw error }
            fitting = try session(expecting: 1)
        }
        self.init(classifier, session: fitting)
    }
}

/// The system has no memory for the program to begin with.
struct SystemShortage: Error {}
