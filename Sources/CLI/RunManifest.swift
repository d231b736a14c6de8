import ActivationMaps
import Imaging
import Network
import Platform

/// What decides the files of a run of several photos: `manifest.json` in the output folder. It is the same for all
/// processes that share a run: no times, no machines, no shares.
struct RunManifest {
    /// Of `manifest.json` and of the journal's lines; raised as `Report.schema`.
    static let schema = 1
    static let fileName = "manifest.json"
    private static let program = "gradcam"

    /// 16 hexadecimal digits that are the same where two runs make the same files of a photo: the beginning of the
    /// SHA-256 of `json` without `id`, the network's name, and who told the preprocessing.
    let id: String
    let json: JSON

    /// - Parameters:
    ///   - model: its name.
    ///   - layer: as `Report.layer`.
    ///   - request, arguments: as `resolved(by:)` the classifier.
    ///   - marks: what maps are compared with, see `MarkedPhotos.identity`.
    init(
        model: String, _ identity: NetworkIdentity, _ classifier: Classifier, layer: String,
        _ request: Explainer.Request, _ arguments: Arguments, marks: String? = nil
    ) throws {
        let graph = classifier.graph, labels = try classifier.labels.map(Self.digest)
        let inputs = try classifier.further.sorted { $0.key < $1.key }.map { name, input throws(DigestFault) in
            JSON.object([("name", .string(name)), ("sha256", try Self.digest(input))])
        }
        func members(preprocessing: JSON, name: JSON) throws -> [(String, JSON)] {
            [
                ("program", .string(Self.program)), ("version", .string(Vocabulary.version)),
                (
                    "model",
                    .object([
                        ("name", name), ("sha256", .string(identity.sha256)), ("data", identity.dataJSON),
                    ])
                ),
                ("layer", .string(layer)), ("methods", .array(arguments.methods.map(JSON.string))),
                ("output", .string(graph.output.name)), ("scores", .string(Report.Scores(graph.probability).kind)),
                ("preprocessing", preprocessing),
                (
                    "settings",
                    .object(
                        try Self.settings(request, arguments, marks: marks)
                            + [
                                ("labels", labels ?? .null), ("inputs", .array(inputs)),
                                ("image_input", .string(graph.image.name)),
                            ])
                ),
            ]
        }
        let schema = [("schema", JSON.integer(Self.schema))]
        let deciding = JSON.object(schema + (try members(preprocessing: .object(classifier.input.fed), name: .null)))
        id = String(try SHA256.digits(of: deciding.text).prefix(16))
        json = .object(
            schema + [("id", .string(id))] + (try members(preprocessing: classifier.input.json, name: .string(model))))
    }

    /// Every argument that decides what files hold or are called, and is not told otherwise (as the layer is); what
    /// only decides which photos are explained, how fast, and what is printed, is none of them.
    private static func settings(
        _ request: Explainer.Request, _ arguments: Arguments, marks: String?
    ) throws -> [(String, JSON)] {
        let options = arguments.options
        func digest(_ path: String?) throws -> JSON { try path.map { .string(try SHA256.digits(ofFile: $0)) } ?? .null }
        let boxes = arguments.targetBoxes.map { box in
            switch box {
            case .index(let index): JSON.integer(index)
            case .over(let box): JSON.array([box.x0, box.y0, box.x1, box.y1].map(JSON.real))
            }
        }
        return [
            ("classes", request.targets.classes.map { .array($0.map(JSON.integer)) } ?? .null),
            ("score", .string(arguments.score.rawValue)), ("against", json(request.targets.against)),
            ("target", .array(arguments.slices.map { .string($0.text) })),
            ("target_mask", try digest(arguments.targetMask)), ("target_box", .array(boxes)),
            ("categories", try digest(arguments.classTable)), ("similar_to", try digest(arguments.similarTo)),
            ("precision", arguments.precision.map { .string($0.rawValue) } ?? .null),
            ("top_k", .integer(arguments.topK)), ("class_in_names", .boolean(arguments.namesClasses)),
            ("bit_depth", json(arguments.bitDepth)),
            ("preview_channels", arguments.previewChannels.map { .array($0.map(JSON.integer)) } ?? .null),
            ("array_mean", arguments.mean.map { .array($0.map(JSON.number)) } ?? .null),
            ("array_std", arguments.std.map { .array($0.map(JSON.number)) } ?? .null),
            ("aug_smooth", .boolean(arguments.augSmooth)), ("eigen_smooth", .boolean(arguments.eigenSmooth)),
            ("layer_fusion", .string(arguments.fusion.rawValue)), ("signed", .boolean(arguments.isSigned)),
            ("seed", .integer(options.seed)), ("channels", json(options.channels)), ("samples", json(options.samples)),
            ("steps", json(options.steps)), ("baseline", .string(options.baseline.rawValue)),
            ("outputs", .array(arguments.outputs.map(\.rawValue).sorted().map(JSON.string))),
            ("concepts", json(request.concepts)), ("bbox", .boolean(arguments.tellsBox)),
            ("mask", .boolean(arguments.tellsMask)), ("metrics", .array(arguments.metrics.map(JSON.string))),
            ("marks", marks.map(JSON.string) ?? .null),
            ("save_map", arguments.saveMap.map { .string($0.rawValue) } ?? .null),
            ("colormap", .string(arguments.colours.rawValue)),
            ("colorbar", .boolean(arguments.showsColorbar)), ("image_weight", .number(arguments.imageWeight)),
            ("format", .string(arguments.format.rawValue)), ("quality", .integer(arguments.quality)),
        ]
    }

    private static func json(_ number: Int?) -> JSON { number.map(JSON.integer) ?? .null }

    private static func json(_ depth: BitDepth?) -> JSON {
        switch depth {
        case nil: .null
        case .automatic: .string("auto")
        case .bits(let bits): .integer(bits)
        }
    }

    /// Of the numbers that an input besides the photo is fed, and their shape.
    private static func digest(_ input: FurtherInput) throws(DigestFault) -> JSON {
        let sum = try SHA256()
        Array("\(input.shape.map { "\($0)" } ?? "")\n".utf8).withUnsafeBytes(sum.add)
        input.values.withUnsafeBytes(sum.add)
        return .string(try sum.digits())
    }

    /// Of the labels as a JSON array.
    private static func digest(_ labels: [String]) throws(DigestFault) -> JSON {
        .string(try SHA256.digits(of: JSON.array(labels.map(JSON.string)).text))
    }
}

extension RunManifest {
    /// Writes it into the output folder, where it is not there yet; what another run wrote is replaced.
    func write(into folder: String) throws {
        let text = json.text + "\n"
        if try Self.found(in: folder) != text {
            try AtomicFile.write(Array(text.utf8), to: Paths.joined(folder, Self.fileName))
        }
    }

    /// What a run wrote into a folder; nil where none did.
    ///
    /// - Throws: `RecordFault` where something else lies under its name.
    @discardableResult static func found(in folder: String) throws(RecordFault) -> String? {
        let path = Paths.joined(folder, fileName)
        guard let text = try found(at: path) else { return nil }
        guard (try? PythonLiteral(text))?["program"]?.string == program else {
            throw RecordFault(path: path, kind: .foreign)
        }
        return text
    }

    private static func found(at path: String) throws(RecordFault) -> String? {
        do throws(RecordFault) {
            let file = try RecordFile(path, O_RDONLY), count = try file.count
            guard count <= mostBytes else { throw RecordFault(path: path, kind: .foreign) }
            return String(decoding: try file.bytes(at: 0, count: count), as: UTF8.self)
        } catch {
            if error.kind == .system(ENOENT) { return nil }
            throw error
        }
    }

    private static let mostBytes = 1 << 24
}
