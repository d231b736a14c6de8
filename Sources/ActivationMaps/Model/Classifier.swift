import Imaging
import Network
import ONNX

/// What a user may set over what a model says of itself; nil: as the model says.
public struct ModelOptions: Sendable {
    /// A file of labels, in any form that `parseLabels` reads.
    public var labels: String?
    /// One number or one a channel, in the order of the channels as fed, for pixels of 0..1, or both of them for pixels of
    /// 0..255. Of an array (`Raster`) as they are.
    public var mean, std: [Float]?
    /// What a photo is scaled to: what is fed, where no `cropSize` is given.
    public var inputSize: (width: Int, height: Int)?
    /// The middle of the scaled photo that is fed.
    public var cropSize: (width: Int, height: Int)?
    /// The order in which channels are fed.
    public var channelOrder: Preprocessing.ChannelOrder?
    /// How a photo is brought to what is scaled.
    public var resize: Preprocessing.Resize?
    /// How pixels between pixels are made.
    public var interpolation: Preprocessing.Interpolation?
    /// The output that is explained; nil: the likeliest one.
    public var output: String?
    /// What the inputs besides the photo are fed, by their names.
    public var inputs: [String: InputSource] = [:]
    /// The input that takes the photo; nil: the only one that can.
    public var imageInput: String?
    /// What it is wanted for.
    public var use = OutputUse.scores
    /// What the network may ask for.
    public var limits = Limits()

    /// Nothing is set.
    public init() {}
}

/// An image classifier read from an ONNX file: its network, labels and preprocessing.
public struct Classifier: Sendable {
    /// The ONNX file.
    public let path: String
    /// The network, for the size that is fed.
    public let graph: Graph
    /// What the network is fed, and who said so.
    public let input: InputSpecification
    /// One a class; nil where nobody tells them.
    public let labels: [String]?
    /// Who told them; nil where nobody did.
    public let labelsOrigin: String?
    /// Sentences on labels that were passed over.
    public let remarks: [Wording]
    /// What the inputs besides the photo are fed, by their names: constants of the graph.
    public let further: [String: FurtherInput]
    /// What was set over what the model says.
    let options: ModelOptions

    /// How a photo becomes the network's input.
    public var preprocessing: Preprocessing { input.preprocessing }

    /// Reads a model.
    ///
    /// Preprocessing and labels come, the first that tells winning, from `options`, the ONNX metadata keys
    /// `preprocessing` and `labels`, the side-car `NAME.json` beside `NAME.onnx`, Ultralytics' metadata, ONNX's image
    /// metadata, the configuration files of Hugging Face, timm and OpenMMLab beside the file, the arithmetic at the
    /// network's own beginning, and what torchvision's classifiers want. Labels also come from `NAME.labels.txt`, a
    /// table after the scores, and for 1000 classes from ImageNet.
    ///
    /// - Throws: `ModelError` where the file, its network or its descriptions cannot be used.
    public init(contentsOf path: String, options: ModelOptions = .init()) throws(ModelError) {
        try self.init(Self.file(at: path, options: options), at: path, options: options)
    }

    /// Reads a model's file alone.
    package static func file(at path: String, options: ModelOptions) throws(ModelError) -> Model {
        do throws(ONNXError) {
            return try Model(contentsOf: path, most: options.limits.memory.bytes)
        } catch {
            throw .file(error)
        }
    }

    /// Takes a model that was read from `path`.
    package init(_ model: Model, at path: String, options: ModelOptions) throws(ModelError) {
        let told = try Self.descriptions(of: model, at: path)
        let image: ImageInput
        do throws(NetworkError) {
            image = try ImageInput(model, named: options.imageInput, given: Set(options.inputs.keys))
        } catch {
            throw Self.fault(error, path)
        }
        let choices = try ModelDescription(options, over: told, channels: image.channels, path)
        let descriptions = [choices] + told
        let furtherInputs = try FurtherInputs(options.inputs, of: model, at: path)
        let fixed = image.fixedSize
        if image.isSignal { try Self.checkSignal(options, path) }
        if let fixed, let chosen = options.cropSize ?? options.inputSize,
            fixed != chosen, !(image.isSignal && fixed.width == chosen.width)
        {
            let made: Wording = image.isSignal ? "\(fixed.width) samples" : "\(fixed.width)x\(fixed.height)"
            let wanted: Wording = image.isSignal ? "\(chosen.width)" : "\(chosen.width)x\(chosen.height)"
            let setting: Setting = options.cropSize == nil ? .inputSize : .cropSize
            throw .option(
                path: path,
                reason:
                    "the network's input is fixed at \(made), but \(setting) asks for \(wanted); "
                    + (setting == .inputSize && !image.isSignal
                        ? "to scale photos to that and feed the middle, add \(.cropSize) "
                            + "\(fixed.width)x\(fixed.height); else "
                        : "")
                    + "leave it out, or export the network with a dynamic size")
        }
        let size = descriptions.lazy.compactMap { description in description.size.map { ($0, description.origin) } }
            .first
        let own = try Self.ownLabels(of: model, at: path, descriptions, file: options.labels)
        let toldLabels = own?.labels.count ?? descriptions.lazy.compactMap { $0.labels?.count }.first
        func read(_ width: Int, _ height: Int, beside further: [String: FurtherInput]) throws(NetworkError) -> Graph {
            try Graph(
                model, image: image, width: width, height: height, output: options.output, for: options.use,
                labels: toldLabels, further: further, limits: options.limits)
        }
        func read(_ width: Int, _ height: Int) throws(ModelError) -> (graph: Graph, form: InputForm) {
            do throws(NetworkError) {
                let further = furtherInputs.fed(width: image.width ?? width, height: image.height ?? height, by: nil)
                let graph = try read(width, height, beside: further)
                do throws(MemoryShortage) { return (graph, try graph.inputForm()) } catch { throw .memory(error) }
            } catch {
                throw Self.fault(error, path)
            }
        }
        var network: Graph, form: InputForm
        if image.isSignal, fixed == nil, size == nil {
            (network, form) = try Self.ofSomeLength { length throws(ModelError) in try read(length, 1) }
        } else {
            (network, form) = try read(size?.0.width ?? 224, size?.0.height ?? 224)
        }
        var sizeSource: InputSpecification.Source =
            fixed != nil ? .network : size.map { .told(by: $0.1) } ?? .assumption
        // A network that resizes photos itself is fed that size where it leaves its own open.
        let isResizing = fixed == nil && size == nil && form.resized != nil && !image.isSignal
        if isResizing, let (width, height) = form.resized {
            ((network, form), sizeSource) = (try read(width, height), .network)
        }
        input = InputSpecification(descriptions, network, form, size: sizeSource, isResizing: isResizing)
        let (width, height) = (network.inputShape[3], network.inputShape[2])
        further = furtherInputs.fed(width: width, height: height, by: input.preprocessing)
        if furtherInputs.holdPictures {
            do throws(NetworkError) { network = try read(width, height, beside: further) } catch {
                throw Self.fault(error, path)
            }
        }
        graph = network
        let isSingle = graph.classes == 2 && graph.probability != .softmax && graph.probability != .box
        let passedOver: [Wording]
        (labels, labelsOrigin, passedOver) = try Self.labels(
            of: model, at: path, classes: graph.form.hasClasses || options.labels != nil ? graph.classes : 0,
            isSingle: isSingle, descriptions, own: own, file: options.labels)
        remarks = model.remarks + passedOver
        (self.path, self.options) = (path, options)
    }

    /// A fault of the network, or of what was asked of it.
    private static func fault(_ error: NetworkError, _ path: String) -> ModelError {
        switch error {
        case .unknownOutput, .unknownInput, .furtherInput: .option(path: path, reason: error.wording)
        default: .network(path: path, error)
        }
    }

    /// What the file and its neighbours say, in the order in which they win.
    private static func descriptions(of model: Model, at path: String) throws(ModelError) -> [ModelDescription] {
        var descriptions: [ModelDescription] = []
        if let text = model.metadata["preprocessing"] {
            descriptions.append(try SideCar.read(text, origin: metadata, path: path))
        }
        let sideCar = stem(path) + ".json"
        if let text = try text(of: sideCar, required: false) {
            descriptions.append(try SideCar.read(text, origin: sideCar, path: sideCar))
        }
        descriptions += [UltralyticsMetadata.read(model), ImageMetadata.read(model)].compactMap { $0 }
        let files = ConfigurationFiles(besideModel: path)
        descriptions += HuggingFace.read(files)
        descriptions += [Timm.read(files), OpenMMLab.read(files)].compactMap { $0 }
        return descriptions
    }

    /// Labels that were made for this network, and who told them.
    private static func ownLabels(
        of model: Model, at path: String, _ descriptions: [ModelDescription], file: String?
    ) throws(ModelError) -> (labels: [String], origin: String)? {
        if let file { return (try parseLabels(try text(of: file, required: true)!, of: file, isOption: true), file) }
        if let text = model.metadata["labels"] { return (try parseLabels(text, of: path), metadata) }
        if let own = descriptions.first(where: { $0.isOwn && $0.labels != nil }) { return (own.labels!, own.origin) }
        let file = stem(path) + ".labels.txt"
        guard let text = try text(of: file, required: false) else { return nil }
        return (try parseLabels(text, of: file), file)
    }

    /// The classes' labels, who told them, and sentences on those that were passed over.
    ///
    /// - Parameters:
    ///   - classes: how many there are; 0: the network's numbers are no classes'.
    ///   - isSingle: whether the two classes are the sides of one output.
    private static func labels(
        of model: Model, at path: String, classes: Int, isSingle: Bool, _ descriptions: [ModelDescription],
        own: (labels: [String], origin: String)?, file: String?
    ) throws(ModelError) -> (labels: [String]?, origin: String?, remarks: [Wording]) {
        guard classes > 0 else { return (nil, nil, []) }
        var (labels, origin) = (own?.labels, own?.origin)
        var remarks: [Wording] = []
        if labels == nil {
            // What other tools leave beside a network may be another network's.
            for description in descriptions where labels == nil {
                guard let told = description.labels else { continue }
                if told.count == classes || (told.count == 1 && isSingle) {
                    (labels, origin) = (told, description.origin)
                } else {
                    remarks.append(
                        "\(path: description.origin) has \(told.count) labels for a network of \(classes) classes; "
                            + "they are not used"
                    )
                }
            }
            if labels == nil, let table = model.graph.labels, table.count == classes {
                (labels, origin) = (table, "the table at the network's end")
            }
            if labels == nil, classes == 1000 {
                (labels, origin) = (ImageNet.labels, "ImageNet, as there are 1000 classes")
            }
        }
        // One label of a network of one output is the positive one.
        if let only = labels, only.count == 1, isSingle { labels = ["not " + only[0], only[0]] }
        if let labels, labels.count != classes {
            let reason: Wording =
                "\(labels.count) labels for a network of \(classes) classes; give one label a class, one a line"
            let place = origin == metadata ? path : origin ?? path
            throw file == nil ? .description(path: place, reason: reason) : .option(path: place, reason: reason)
        }
        return (labels, origin, remarks)
    }

    /// The layers of these names; none: the default one.
    public func layers(named names: [String]) throws(ChoiceError) -> [Layer] {
        do throws(NetworkError) {
            var layers: [Layer] = []
            for name in names { layers.append(try graph.layer(named: name)) }
            if layers.isEmpty {
                guard let layer = graph.defaultLayer else { throw .noSpatialLayer }
                layers = [layer]
            }
            return layers
        } catch {
            throw .layer(error)
        }
    }

    private static let metadata = "the file's metadata"

    /// The path without `.onnx`.
    private static func stem(_ path: String) -> String { path.hasSuffix(".onnx") ? String(path.dropLast(5)) : path }

    private static func text(of path: String, required: Bool) throws(ModelError) -> String? {
        switch readText(path, isNamed: required) {
        case .success(let text): return text
        case .failure(let fault) where required: throw .option(path: path, reason: fault.reason)
        case .failure(let fault) where !fault.isMissing: throw .description(path: path, reason: fault.reason)
        case .failure: return nil
        }
    }
}
