import ActivationMaps
import Network
import Platform

/// Of networks and what they give.
extension Messages {
    static func text(_ fault: ModelFault) -> String {
        switch fault {
        case .noSuchFile(let path): "no such file: \(path); --list-models prints the models that are installed"
        case .notAFile(let path):
            "\(path) is a pipe, a device or a socket, and a network is read from a regular file: save it first"
        case .unknownName(let name, let nearest, let folders):
            "no model named \(quoted(name)) in \(folders.joined(separator: ", "))"
                + (nearest.map { "; did you mean \($0)?" }
                    ?? (ModelFinder.fetched.contains(name)
                        ? "; make models fetches it, in the folder of gradcam's sources"
                        : "; give an .onnx file, or see --list-models"))
        case .emptyFolder(let folder):
            "no .onnx file in the folder \(folder): give the file itself"
        case .severalInFolder(let folder, let files):
            "\(folder) holds several networks "
                + "(\(files.prefix(4).map { $0.elided() }.joined(separator: ", "))"
                + "\(files.count > 4 ? ", ..." : "")): give one of them, such as "
                + "--model \(Paths.joined(folder, files[0]))"
        case .noneInstalled(let folders):
            "no model in \(folders.joined(separator: ", ")); give --model FILE or set GRADCAM_MODELS to a folder "
                + "with .onnx files"
        }
    }

    /// What a user should know of the scores before a photo is explained; mostly nothing.
    static func scores(of graph: Graph) -> [String] {
        var lines: [String] = []
        let (name, others) = (graph.output.name.elided(to: 40), graph.output.others)
        if !others.isEmpty {
            let rest = others.count > 4 ? " and \(others.count - 4) more" : ""
            let list = others.prefix(4).map { "'\($0.elided(to: 40))'" }.joined(separator: ", ") + rest
            lines.append("output '\(name)' is taken for the class scores, not \(list); --output NAME chooses another")
        }
        if let selection = graph.output.selection {
            lines.append(
                "output '\(selection.elided(to: 40))' holds rows that are chosen from '\(name)', which is explained")
        }
        switch graph.output.remark {
        case .loss?:
            lines.append(
                "output '\(name)' is a loss a class (the negative logarithm of its probability, lower is better): "
                    + "its sign is turned"
            )
        case .softmaxOfOne?:
            lines.append(
                "the Softmax of output '\(name)' runs over an axis of one number (as the batch is), so that all of "
                    + "its probabilities are 1: what it reads is explained")
        case .perhapsNoEmbedding?:
            lines.append(
                "nothing tells that output '\(name)' is an embedding: its numbers are compared as they are, of a "
                    + "classifier its scores; --output NAME compares another tensor, as the features before these")
        case nil: break
        }
        switch graph.probability {
        case .number:
            lines.append(
                "output '\(name)' is one number: class 1 shows what makes it more, class 0 what makes it less; if "
                    + "it is a classifier's, give the label or labels of its classes (--labels)")
        case .share, .box: lines.append(dense(graph))
        case .output(let value, _) where value == graph.logits && graph.form.hasClasses:
            lines.append("the scores of '\(name)' have no single logit a class: the scores themselves are explained")
        default: break
        }
        return lines
    }

    /// What is explained of an output that is no row of scores.
    private static func dense(_ graph: Graph) -> String {
        let output = "output '\(graph.output.name.elided(to: 40))' \(graph.values[graph.logits].shape)"
        func classes(_ count: Int) -> String { "\(count) class\(count == 1 ? "" : "es")" }
        switch graph.form {
        case .pixels(let form):
            return "\(output) is taken for a segmentation of \(classes(form.classes)): of a class, the sum of its "
                + "scores over the pixels where it wins is explained"
        case .boxes(let form):
            return "\(output) is taken for \(form.count) boxes of a detector of \(classes(form.classes)): "
                + "of a class, the score of its best box is explained"
        case .classes, .embedding, .numbers: return ""
        }
    }

    static func altered(_ path: String) -> String {
        "\(path): the file was written to while it was in use, and the pictures may be wrong: run again"
    }
}
