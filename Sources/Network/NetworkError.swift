import ONNX

/// What is wrong with one node, without its name.
package enum OperatorFault: Error {
    case unsupported
    case missingOperand(Int)
    /// More or fewer inputs or outputs (`of`) than the standard allows.
    case count(of: String, found: Int, allowed: ClosedRange<Int>)
    /// The operator came with this operator set, after the file's.
    case since(Int)
    /// An operand that should be a list, or a single number.
    case rank(Int, Shape, wanted: String)
    case notConstant(Int)
    case notFloat(Int)
    /// A device that cannot compute the operator.
    case noKernel(device: String)
    case missingAttribute(String)
    case attributeType(String)
    /// A type of elements that no network goes on with.
    case cast(to: String)
    case attribute(String, String)
    case shape(Wording)
    case onnx(ONNXError)
    case memory(MemoryShortage)
}

/// How a device fails.
public enum DeviceFault: Hashable, Sendable {
    /// It, or software that it needs, is not there.
    case missing
    /// It has not enough memory.
    case memory
    /// A call failed.
    case failed
    /// Nothing more can be run on it by this process.
    case lost
}

/// Why a network cannot be used. `description` is one line that names the node and says what to do.
public enum NetworkError: WordedError {
    case file(ONNXError)
    /// A node that cannot be run: its name, operator and operator set, and the reason.
    case node(name: String, operator: String, opset: Int, reason: Wording)
    /// Everything in a file that cannot be run, in the file's order.
    case several([NetworkError])
    /// A tensor of the file, or its input, that cannot be.
    case tensor(name: String, reason: Wording)
    /// More than a network may ask for.
    case limit(Wording)
    /// Two givers of one tensor.
    case givenTwice(String, by: Wording, and: Wording)
    /// What is wrong with the operator sets that the file names.
    case operatorSet(Wording)
    case unresolvedInput(node: String, tensor: String)
    /// Nodes that wait for one another, each reading the next one's result.
    case cycle(nodes: [String])
    case noImageInput(Wording)
    /// The input is something else than a photo.
    case notAPhoto(Wording)
    /// Other inputs that nothing is given for; `photo`: the one that takes the photo.
    case missingInputs([String], photo: String)
    /// Inputs each of which could take the photo.
    case severalPhotos([String])
    /// `inputs`: those that there are, with their shapes.
    case unknownInput(String, inputs: [String])
    /// What is given for an input does not fit it.
    case furtherInput(String, reason: Wording)
    case noScores(Wording)
    /// An output that could be scores by its form alone; `all`: whether there is no other.
    case notClasses(output: String, shape: Shape, all: Bool)
    /// An output whose rows are chosen from others, tensors with their shapes.
    case selection(output: String, of: [String])
    /// An output of several axes whose numbers are not known.
    case unknownForm(output: String, shape: Shape)
    /// No output, or more than one, serves what is wanted.
    case noneForUse(OutputUse, outputs: [String])
    /// The file is written for several photos at a time, and computes something of all of them together.
    case mixedBatch(Int, node: String)
    /// Several pictures of one photo run through the network side by side.
    case joinedPictures(node: String)
    /// `nearest`: a tensor of a name like it; `outputs`: those that there are, with their shapes.
    case unknownOutput(String, nearest: String?, outputs: [String])
    case unknownLayer(String, nearest: [String])
    case ambiguousLayer(String, matches: [String])
    case layerWithoutMap(String, Shape)
    /// Of a signal of so many samples a single place is left.
    case layerWithoutTimes(String, samples: Int)
    case layerNotOnPath(String)
    /// A node that a device cannot compute.
    case noKernel(node: String, operator: String, device: String)
    /// A device, by its name, that is not there or has failed, and what to do.
    case device(String, DeviceFault, reason: Wording)
    /// The processor cannot multiply so.
    case noPrecision(Precision)
    case noSpatialLayer
    case inputSize(expected: Int, found: Int)
    /// A value that a run is asked for and was not told to keep.
    case notRecorded(String)
    case memory(MemoryShortage)

    /// One line: what is wrong, with which node, and what to do.
    public var wording: Wording {
        switch self {
        case .file(let error):
            Wording(error.reason)
        case .node(let name, let op, let opset, let reason):
            "node '\(name)' (\(op), opset \(opset)): \(reason)"
        case .several(let faults):
            "\(faults[0]) (and \(faults.count - 1) more: \(.check) names them all)"
        case .tensor(let name, let reason):
            "tensor '\(name)': \(reason)"
        case .limit(let reason):
            reason
        case .givenTwice(let name, let first, let second):
            "'\(name)' is given twice, by \(first) and by \(second): the file is damaged; export it again"
        case .operatorSet(let what):
            "the file names \(what): it is damaged; export it again"
        case .unresolvedInput(let node, let tensor):
            "node '\(node)' reads '\(tensor)', which no node before it produces: the file is damaged or was cut by "
                + "hand; export it again"
        case .cycle(let nodes):
            nodes.count == 1
                ? "node '\(nodes[0])' reads its own result: the file is damaged; export it again"
                : "nodes \(names: nodes) wait for one another in a circle: the file is damaged; export it again"
        case .noImageInput(let reason):
            "no image input: \(reason); export the network with one image input, [batch, channels, height, width] "
                + "or [batch, height, width, channels]"
        case .notAPhoto(let reason):
            "no image input: \(reason); a map is laid over a photo: only networks that read one can be explained"
        case .missingInputs(let inputs, let photo):
            "besides the photo ('\(photo)') the network has inputs that nothing is given for: "
                + "\(names: inputs, quote: ""); give each of them numbers, an .npy file or a picture (\(.inputs))"
        case .severalPhotos(let inputs):
            "several inputs could take the photo: \(names: inputs, quote: ""); name the one that does "
                + "(\(.imageInput)), and give the others pictures or numbers (\(.inputs))"
        case .unknownInput(let name, let inputs):
            "no input '\(name)'; the inputs are \(names: inputs, quote: "")"
        case .furtherInput(let input, let reason):
            "input \(input): \(reason); give what it takes (\(.inputs))"
        case .noScores(let reason):
            "no class scores: \(reason); explain some of its numbers (\(.slice)), or export the network with its "
                + "logits as an output of shape [batch, classes]"
        case .notClasses(let output, let shape, let all):
            "no class scores: \(all ? "output" : "none of the outputs holds classes; the likeliest,") '\(output)' "
                + "\(shape)\(all ? "" : ",") holds features, boxes or an embedding, by its name or its length of 1; "
                + "\(.similarity) explains how alike it is to another photo's, and \(.output) \(output) explains its "
                + "numbers all the same"
        case .selection(let output, let heads):
            "output '\(output)' holds rows that are chosen among others, and choosing has no gradient; what they are "
                + "chosen from is of no detector's form that is known: explain numbers of \(names: heads, quote: "") "
                + "(\(.slice)), or export the network without what chooses (NMS, TopK)"
        case .unknownForm(let output, let shape):
            "output '\(output)' \(shape) is neither a row of scores nor the output of a segmentation or a detector "
                + "that is known: say which of its numbers are explained (\(.slice))"
        case .noneForUse(let use, let outputs):
            switch use {
            case .pixels: "no output has a number a pixel; the outputs are \(names: outputs, quote: "")"
            case .boxes:
                "no output has boxes in a form that is known; the outputs are \(names: outputs, quote: "")"
            case .scores, .similarity, .slice:
                "several outputs can be meant: name one (\(.output)); they are \(names: outputs, quote: "")"
            }
        case .mixedBatch(let batch, let node):
            "the file is written for \(batch) photos at a time, and node '\(node)' puts them together: one photo "
                + "has no scores of its own; "
                + Self.batchAdvice
        case .joinedPictures(let node):
            "node '\(node)' joins several pictures of the photo (as its mirror image or crops of it) in the batch, "
                + "so no layer is a map over the photo itself; export the network without test-time augmentation"
        case .unknownOutput(let name, let nearest, let outputs):
            "no output, tensor or node '\(name)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "")
                + " (\(.allLayers) names the nodes of maps; the outputs are \(names: outputs, quote: ""))"
        case .unknownLayer(let name, let nearest):
            "no layer '\(name)'"
                + (nearest.isEmpty ? "" : "; did you mean \(names: nearest)?")
                + " (\(.allLayers) shows them all)"
        case .ambiguousLayer(let name, let matches):
            "'\(name)' is the end of several layers' names "
                + "(\(names: matches)): write more of the one that is meant"
        case .layerWithoutMap(let name, let shape):
            "layer '\(name)' gives \(shape), which is not a map over the photo; choose one with height and width "
                + "(\(.allLayers) shows them all)"
        case .layerWithoutTimes(let name, let samples):
            "of a signal of \(samples) samples layer '\(name)' keeps a single place, which is no map: give a longer "
                + "signal, or choose an earlier layer (\(.allLayers) shows them all)"
        case .layerNotOnPath(let name):
            "layer '\(name)' does not lead to the class scores, so it has no gradient; choose another "
                + "(\(.allLayers) shows them all)"
        case .noKernel(let node, let op, let device):
            "node '\(node)' (\(op)): \(OperatorFault.noKernel(device: device).reason)"
        case .device(let name, _, let reason):
            "\(name): \(reason)"
        case .noPrecision(.tf32):
            "tf32 needs an NVIDIA GPU of compute capability 8.0 or newer to compute on (\(.device)); without, float32 can "
                + "be had (\(.precision))"
        case .noPrecision(let wanted):
            "\(wanted.rawValue) needs a processor with AMX, and a system that lets programs use it; on this one "
                + "\(.precision) can be float32 alone"
        case .noSpatialLayer:
            "no layer of the network is a map over the photo, as convolutions and patches give it, so there is "
                + "nothing to lay over the photo; if \(.allLayers) shows one, name it with \(.layers)"
        case .inputSize(let expected, let found):
            "the network's input holds \(expected) numbers an image, but \(found) were given"
        case .notRecorded(let name):
            "the run did not record '\(name)': name it in the recording"
        case .memory(let shortage):
            "\(shortage)"
        }
    }
}

extension NetworkError {
    /// Whether there is too little memory, the host's or a device's: something smaller may fit.
    public var isShortage: Bool {
        switch self {
        case .memory, .device(_, .memory, _): true
        default: false
        }
    }
}

extension NetworkError {
    static let batchAdvice: Wording = "export it for one photo ([1, ...]) or with an open batch"
}

extension OperatorFault {
    var reason: Wording {
        switch self {
        case .unsupported:
            "this operator is not supported; rewrite the network without it, or report the file"
        case .missingOperand(let index):
            "operand \(index) is missing: the file is damaged; export it again"
        case .count(let part, let found, let allowed):
            "it has \(found) \(part)s where the standard allows \(Self.words(allowed)): the file is damaged; export it "
                + "again"
        case .since(let opset):
            "this operator came with opset \(opset), which the file does not say that it uses; export it again"
        case .rank(let index, let shape, let wanted):
            "operand \(index) is of shape \(shape) where the standard has \(wanted): the file is damaged; export it "
                + "again"
        case .notConstant(let index):
            "operand \(index) is computed at run time, but only a constant is supported there; export with "
                + "constant folding and a fixed input size"
        case .notFloat(let index):
            "operand \(index) is an integer tensor where numbers to compute with are expected; export the network "
                + "in float32"
        case .noKernel(let device):
            "the \(device) has no kernel for this operator; report the file"
        case .missingAttribute(let name):
            "attribute '\(name)' is missing: the file is damaged; export it again"
        case .cast(let type):
            "it casts to \(type), which is no type that can be computed with; export the network in float32"
        case .attributeType(let name):
            "attribute '\(name)' is of the wrong type: the file is damaged; export it again"
        case .attribute(let name, let value):
            "attribute '\(name)' = \(value) is not supported; export the network without it, or report the file"
        case .shape(let text):
            text
        case .onnx(let error):
            Wording(error.reason)
        case .memory(let shortage):
            "\(shortage)"
        }
    }

    private static func words(_ allowed: ClosedRange<Int>) -> String {
        if allowed.upperBound == Signature.many { return "\(allowed.lowerBound) or more" }
        return allowed.lowerBound == allowed.upperBound
            ? "\(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
    }
}
