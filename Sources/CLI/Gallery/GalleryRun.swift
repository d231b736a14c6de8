import ActivationMaps
import Imaging
import Network

extension ExplainCommand {
    /// What the page says of the run: the network, how it was asked, and what the page needs to draw.
    static func galleryRun(
        _ arguments: Arguments, model: String, _ identity: NetworkIdentity?, _ classifier: Classifier, layer: String,
        remarks: [String]
    ) -> JSON {
        let scores = Report.Scores(classifier.graph.probability)
        let colormaps = Colormap.allCases.map { map in
            (
                map.rawValue,
                JSON.string(
                    Base64.text(
                        (UInt8.min...UInt8.max).flatMap { level in
                            let (red, green, blue) = map.colour(level)
                            return [red, green, blue]
                        }))
            )
        }
        return .object([
            ("schema", .integer(1)), ("version", .string(Vocabulary.version)), ("model", .string(model)),
            ("model_sha256", identity.map { .string($0.sha256) } ?? .null), ("layer", .string(layer)),
            ("methods", .array(arguments.methods.map(JSON.string))),
            (
                "blind",
                .array(
                    arguments.methods.filter { Methods.named($0)?.isClassBlind ?? false }.map(JSON.string))
            ),
            ("output", .string(classifier.graph.output.name)), ("scores", .string(scores.kind)),
            ("fraction", .boolean(scores.isFraction)),
            ("fed", .string(Messages.feeding(classifier, arguments.inputs))),
            ("preprocessing", classifier.input.json),
            ("share", arguments.share == .whole ? .null : .string("\(arguments.share.index)/\(arguments.share.count)")),
            ("command", .string((["gradcam"] + System.words.all.map(\.asShellWord)).joined(separator: " "))),
            ("remarks", .array(remarks.map(JSON.string))), ("signed", .boolean(arguments.isSigned)),
            ("guided", .boolean(arguments.shown.contains(.gradient))),
            ("combined", .boolean(arguments.outputs.contains(.cam_gb))), ("judged", .boolean(arguments.judges)),
            ("weight", .number(arguments.imageWeight)), ("colours", .string(arguments.colours.rawValue)),
            ("colormaps", .object(colormaps)),
        ])
    }
}

extension Arguments {
    /// The page that this process writes: shares side by side write one each, `report-2-of-4.html`.
    var galleryFile: String? {
        guard let gallery, share.count > 1 else { return gallery }
        let stem = Paths.withoutExtension(gallery)
        return "\(stem)-\(share.index)-of-\(share.count)\(gallery.dropFirst(stem.count))"
    }
}
