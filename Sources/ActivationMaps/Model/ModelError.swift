import Network
import ONNX

/// Why a model cannot be used. `description` is one line that names the file and says what to do.
public enum ModelError: WordedError {
    /// The file is not an ONNX file that can be read.
    case file(ONNXError)
    /// The network in it cannot be run.
    case network(path: String, NetworkError)
    /// A side-car or label file, or metadata in the ONNX file, cannot be used.
    case description(path: String, reason: Wording)
    /// What the caller's `ModelOptions` ask for does not fit the model, or their file of labels cannot be used.
    case option(path: String, reason: Wording)

    /// One line: what is wrong, with which file or name, and what to do.
    public var wording: Wording {
        switch self {
        case .file(.tooLarge(let path, let most)):
            "\(path: path): \(Wording(ONNXError.tooLarge(path: path, most: most).reason)) (\(.memoryLimit))"
        case .file(let error): "\(path: error.path): \(Wording(error.reason))"
        case .network(let path, let error): "\(path: path): \(error)"
        case .description(let path, let reason), .option(let path, let reason): "\(path: path): \(reason)"
        }
    }
}

/// A layer, a class or a method that was asked for and is not there. `description` is one line that says what to do.
public enum ChoiceError: WordedError {
    case layer(NetworkError)
    case classOutOfRange(Int, classes: Int)
    /// `all`: the classes with their labels where they are few, else none.
    case unknownLabel(String, nearest: [String], all: [String])
    case ambiguousLabel(String, matches: [String])
    case noLabels(String)
    /// A class that is to be explained against itself.
    case againstItself(String)
    /// A number that is made of logits, where the network says its scores otherwise.
    case notOfLogits(String)
    /// A class to which no pixel of a segmentation, or box of a detector, belongs.
    case winsNothing(String, String)
    /// Numbers of a class that a network of another form than a classifier's has not.
    case ofClassifiersAlone(String)
    /// Something that is told by classes, of a network that has none.
    case noClasses
    /// A mask of another size than the photo's and the output's, width x height each.
    case maskSize(String, photo: String, output: String)
    /// A mask in which no pixel of the output lies.
    case emptyMask
    case boxOutOfRange(Int, count: Int)
    /// No box of a detector overlaps with a given one.
    case noBox
    /// A part of an output that it does not have, as it was written, and why.
    case slice(String, Wording)
    /// A reference of other numbers than an output of this shape has.
    case reference(String, numbers: Int, output: String, Shape)
    /// A reference whose angle to anything is undefined.
    case noDirection(String)
    /// A method that has no map of the network, and why.
    case method(String, Wording)

    /// One line: what is wrong, with which file or name, and what to do.
    public var wording: Wording {
        switch self {
        case .layer(let error):
            "\(error)"
        case .classOutOfRange(let index, let classes):
            "class \(index) is out of range: the model has \(classes) classes, 0 to \(classes - 1)"
        case .unknownLabel(let label, let nearest, let all):
            "no class has the label '\(label)'"
                + (nearest.isEmpty
                    ? "; give its index" : "; did you mean \(names: nearest)?")
                + (all.isEmpty ? "" : " (\(names: all, quote: "", separator: "; "))")
        case .ambiguousLabel(let label, let matches):
            "'\(label)' fits several classes (\(names: matches, quote: "", separator: "; ")): give more of the "
                + "label, or the index"
        case .noLabels(let label):
            "'\(label)' is not a number, and the model has no labels: give the class's index, or a file of labels "
                + "(\(.labels))"
        case .againstItself(let name):
            "'\(name)' is to be explained against itself: give another class"
        case .notOfLogits(let number):
            "the \(number) of a class is made of its logit, but this network says its scores by numbers of their own: "
                + "explain these, the default"
        case .winsNothing(let name, let part):
            "no \(part) of this photo is of '\(name)': there is nothing of it to explain"
        case .ofClassifiersAlone(let number):
            "the \(number) is a classifier's number; of this network's output the sum over pixels or the score of a "
                + "box is explained"
        case .noClasses:
            "the numbers of this output are no classes': say which of them are explained (\(.slice)), without concepts, "
                + "which are named by classes"
        case .maskSize(let size, let photo, let output):
            "the mask has \(size) pixels, the photo \(photo), the output \(output): give a mask of the photo's size, or "
                + "of the output's"
        case .emptyMask: "no pixel of the output lies in the mask: give one that is not black where the photo is fed"
        case .boxOutOfRange(let index, let count):
            "box \(index) is out of range: the network says \(count) boxes, 0 to \(count - 1)"
        case .noBox:
            "none of the network's boxes overlaps with the given one: give another, in pixels of the upright photo"
        case .slice(let slice, let reason):
            "\(.slice) \(slice): \(reason)"
        case .reference(let name, let numbers, let output, let shape):
            "'\(name)' has \(numbers) numbers, and the output '\(output)' \(shape): both must be embeddings of the "
                + "same length (\(.output) chooses another output)"
        case .noDirection(let name):
            "'\(name)' has no direction to compare with: its numbers are all 0, or not all finite; give another reference"
        case .method(let name, let reason): "\(name) has no map here: \(reason)"
        }
    }
}
