import ActivationMaps
import Network
import ONNX
import Platform

/// The sentences of `--check`.
extension Messages {
    static let explainable = "can be explained"
    static let comparable = "can be explained with a reference or parts of an output (see targets)"
    /// How an operator is marked: it can be run; never; not as a node uses it; it stands after the scores.
    static let supported = "ok", unsupported = "NO", notThisWay = "NO, as used", notNeeded = "not needed"
    static let noLayer = "none: no value is a map over the photo; see --list-layers"

    static func notExplainable(_ reasons: Int) -> String { "cannot be explained, for \(count(reasons, "reason"))" }

    static func producer(_ model: Model) -> String {
        let program = [model.producerName, model.producerVersion].map { $0.elided() }.filter { !$0.isEmpty }.joined(
            separator: " ")
        let opset = model.opsets[""].map { "opset \($0)" } ?? "no opset"
        return [program.isEmpty ? "an unknown program" : program, opset, "IR version \(model.irVersion)"].joined(
            separator: ", ")
    }

    static func values(_ values: [ValueInfo]) -> String {
        if values.isEmpty { return "none" }
        return values.map { value in
            let extents = value.shape.map { "[" + $0.map(text).joined(separator: ", ") + "]" } ?? "of unknown shape"
            return "\(listed(value.name)) \(value.elementType.map { "\($0) " } ?? "")\(extents)"
        }.joined(separator: "; ")
    }

    private static func text(_ extent: Dimension) -> String {
        switch extent {
        case .fixed(let number): "\(number)"
        case .symbolic(let name): listed(name)
        case .unknown: "?"
        }
    }

    static func input(_ image: ImageInput, as shape: Shape) -> String {
        let fed =
            !image.isSignal
            ? "\(image.axes.rawValue), fed \(shape[1]) x \(shape[2]) x \(shape[3])"
            : "a signal of \(count(shape[1], "channel")), "
                + (image.width.map { count($0, "sample") } ?? "any number of samples (\(shape[3]) in the test run)")
        return "\(listed(image.name)) \(image.type.map { "\($0) " } ?? "")"
            + "[\(image.extents.map(listed).joined(separator: ", "))], \(fed)"
    }

    /// The flags by which one of several inputs takes the photo.
    static func photoInput(_ name: String, of model: Model) -> String {
        let given = Set(model.graph.initializers.map(\.name))
        let others = model.graph.inputs.map(\.name).filter { $0 != name && !given.contains($0) }
        return "--image-input \(listed(name))" + others.map { " --input \(listed($0))=FILE" }.joined()
    }

    static func classes(_ classifier: Classifier) -> String {
        let graph = classifier.graph
        return "\(graph.classes) from '\(listed(graph.output.name))' (\(Report.Scores(graph.probability).kind)), "
            + (classifier.labelsOrigin.map { "labels from \($0)" } ?? "no labels")
    }

    /// What can be explained of an output, and by which flags.
    static func offer(_ offer: OutputOffer) -> String {
        let targets =
            switch offer.form {
            case .classes: "classes (--target-category)"
            case .pixels: "classes, over the pixels where each wins (--target-category) or under a mask (--target-mask)"
            case .boxes: "classes, each by its best box (--target-category), or a box (--target-box)"
            case .embedding: "how alike it is to another photo's (--similar-to)"
            case .numbers: nil as String?
            }
        let parts = "its numbers (--target '\(listed(offer.name))[...]')"
        return "'\(listed(offer.name))' \(offer.shape): " + (targets.map { $0 + "; " } ?? "") + parts
    }

    static func layer(_ layer: Layer, in graph: Graph) -> String {
        "\(listed(graph.layerNames[layer.value] ?? layer.name)) (\(layer.opType), "
            + "\(layer.channels) x \(graph.image.isSignal ? "" : "\(layer.height) x ")\(layer.width))"
    }

    static func testRun(_ run: ModelCheck.TestRun) -> String {
        func milliseconds(_ duration: Duration) -> String {
            fixed(Float(duration / .milliseconds(1)), digits: 1) + " ms"
        }
        return "scores in \(milliseconds(run.scores))"
            + (run.gradient.map { ", scores and gradient in \(milliseconds($0))" } ?? "")
    }
}
