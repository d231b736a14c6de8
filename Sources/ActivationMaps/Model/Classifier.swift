import Imaging
import Network
import ONNX

/// What a user may set over what a model says of itself; nil: as the model says.
public struct ModelOptions: Sendable {
    /// A file of labels, in any form that `parseLabels` reads.
    public var labels: String?
    /// One or three numbers, for pixels of 0..1, in the order of the channels as fed.
    public var mean, std: [Float]?
    public var inputSize: (width: Int, height: Int)?
    public var channelOrder: Preprocessing.ChannelOrder?
    public var resize: Preprocessing.Resize?
    /// The output that holds the class scores; nil: the first one that can.
    public var output: String?

    public init() {}
}

/// An image classifier read from an ONNX file: its network, labels and preprocessing.
public struct Classifier: Sendable {
    public let path: String
    public let graph: Graph
    public let preprocessing: Preprocessing
    /// Who told the mean and the deviation.
    public let preprocessingOrigin: String
    /// One a class; nil where nobody tells them.
    public let labels: [String]?
    /// Who told them; nil where nobody did.
    public let labelsOrigin: String?

    /// Reads a model.
    ///
    /// Preprocessing comes, the first that tells winning, from `options`, the metadata key `preprocessing` of the file, the
    /// side-car `NAME.json` beside `NAME.onnx`, the arithmetic at the network's own beginning (one that normalises by itself is fed
    /// plain pixels), and the defaults of torchvision's classifiers. Labels come from
    /// `options.labels`, the metadata key `labels`, the side-car, `NAME.labels.txt`, a table behind the
    /// scores, and for 1000 classes from ImageNet.
    ///
    /// - Throws: `ModelError` where the file, its network or its descriptions cannot be used.
    public init(contentsOf path: String, options: ModelOptions = .init()) throws(ModelError) {
        let model: Model
        do throws(ONNXError) { model = try Model(contentsOf: path) } catch { throw .file(error) }
        let stem = path.hasSuffix(".onnx") ? String(path.dropLast(5)) : path

        var descriptions: [(origin: String, text: ModelDescription)] = []
        if let text = model.metadata["preprocessing"] {
            descriptions.append((Self.metadata, try ModelDescription(json: text, origin: path)))
        }
        if let text = try Self.text(of: stem + ".json", required: false) {
            descriptions.append((stem + ".json", try ModelDescription(json: text, origin: stem + ".json")))
        }
        func told<T>(_ key: KeyPath<ModelDescription, T?>) -> T? { descriptions.lazy.compactMap { $0.text[keyPath: key] }.first }

        let asked = options.inputSize ?? told(\.size).map { ($0.width, $0.height) }
        let fixed = Graph.fixedInputSize(model)
        if let fixed, let chosen = options.inputSize, fixed != chosen {
            throw .option(
                path: path, reason: "the network's input is fixed at \(fixed.width)x\(fixed.height), but --input-size asks for "
                    + "\(chosen.width)x\(chosen.height); leave --input-size out, or export the network with a dynamic size")
        }
        let size = fixed ?? asked ?? (224, 224)
        do throws(NetworkError) {
            graph = try Graph(model, width: size.width, height: size.height, output: options.output)
        } catch {
            if case .unknownOutput = error { throw .option(path: path, reason: "\(error)") }
            throw .network(path: path, error)
        }
        let range = graph.inputRange, standard = range.preprocessing
        preprocessingOrigin =
            options.mean != nil || options.std != nil ? "the options"
            : descriptions.first { $0.text.mean != nil || $0.text.std != nil }?.origin ?? range.origin
        preprocessing = Preprocessing(
            mean: options.mean ?? told(\.mean) ?? standard.mean, std: options.std ?? told(\.std) ?? standard.std,
            width: graph.inputShape[3], height: graph.inputShape[2], resize: options.resize ?? told(\.resize) ?? .squash,
            channelOrder: options.channelOrder ?? told(\.channelOrder) ?? .rgb, channels: graph.inputShape[1])

        var labels: [String]?
        var origin: String?
        if let file = options.labels {
            (labels, origin) = (try parseLabels(try Self.text(of: file, required: true)!, of: file, isOption: true), file)
        } else if let text = model.metadata["labels"] {
            (labels, origin) = (try parseLabels(text, of: path), Self.metadata)
        } else if let described = descriptions.first(where: { $0.text.labels != nil }) {
            (labels, origin) = (described.text.labels, described.origin)
        } else if let text = try Self.text(of: stem + ".labels.txt", required: false) {
            (labels, origin) = (try parseLabels(text, of: stem + ".labels.txt"), stem + ".labels.txt")
        } else if let table = model.graph.labels, table.count == graph.classes {
            (labels, origin) = (table, "the table at the network's end")
        } else if graph.classes == 1000 {
            (labels, origin) = (ImageNet.labels, "ImageNet, as there are 1000 classes")
        }
        labelsOrigin = origin
        // One label of a network of one output is the positive one.
        if let only = labels, only.count == 1, graph.classes == 2 { labels = ["not " + only[0], only[0]] }
        if let labels, labels.count != graph.classes {
            let reason = "\(labels.count) labels for a network of \(graph.classes) classes; give one label a class, one a line"
            let place = origin == Self.metadata ? path : origin ?? path
            throw options.labels == nil ? .description(path: place, reason: reason) : .option(path: place, reason: reason)
        }
        self.labels = labels
        self.path = path
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

    private static func text(of path: String, required: Bool) throws(ModelError) -> String? {
        switch readText(path) {
        case .success(let text): return text
        case .failure(let fault) where required: throw .option(path: path, reason: fault.reason)
        case .failure(let fault) where !fault.isMissing: throw .description(path: path, reason: fault.reason)
        case .failure: return nil
        }
    }
}

extension InputRange {
    /// What a network of this kind is fed where nobody tells.
    var preprocessing: Preprocessing {
        switch self {
        case .normalised: Preprocessing()
        case .unit: Preprocessing(mean: [0], std: [1])
        case .byte: Preprocessing(mean: [0], std: [1 / 255])
        }
    }

    var origin: String {
        switch self {
        case .normalised: "ImageNet, as neither the file nor a flag tells"
        case .unit: "the network, which normalises pixels of 0..1 itself"
        case .byte: "the network, which takes pixels of 0..255"
        }
    }
}
