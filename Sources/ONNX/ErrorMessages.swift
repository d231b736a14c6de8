import Platform

extension FileFault {
    init(errno code: Int32) {
        switch code {
        case ENOENT, ENOTDIR: self = .missing
        case EACCES, EPERM: self = .denied
        case EISDIR: self = .isFolder
        default: self = .system(errno: code)
        }
    }
}

extension ONNXError: CustomStringConvertible {
    /// One line, fit for a terminal: what is wrong, with which file and tensor, and what to do.
    public var description: String { "\(path.visible): \(reason)" }

    /// The model's file.
    public var path: String {
        switch self {
        case .file(let path, _), .empty(let path), .notONNX(let path, _), .truncated(let path, _, _),
            .malformed(let path, _, _, _),
            .incomplete(let path, _), .tooLarge(let path, _), .tensor(let path, _, _), .externalData(let path, _, _, _):
            path
        }
    }

    /// The description without the path.
    public var reason: String { words.elided(to: 300, keeping: 200) }

    private var words: String {
        switch self {
        case .file(_, let fault):
            "\(fault.words); \(fault.advice)"
        case .empty:
            "the file is empty; download or export the model again"
        case .notONNX(_, let kind):
            "not an ONNX model: \(kind.words); \(kind.advice)"
        case .truncated(_, let size, let needed):
            "cut short: the file ends at byte \(size), but its contents go on to byte \(needed) at least; download "
                + "or export it again"
        case .malformed(_, let offset, let message, let fault):
            "damaged at byte \(offset), in a \(message): \(fault.words); download or export it again"
        case .incomplete(_, let part):
            "\(part.words): cut short, or not a model; download or export it again"
        case .tooLarge(_, let most):
            "its messages would take more than the \(most) bytes of memory that are allowed: the file is damaged, or "
                + "allow more"
        case .tensor(_, let name, let fault):
            "tensor \(quoted(name)) \(fault.words); \(fault.advice)"
        case .externalData(_, let tensor, let location, let fault):
            "the values of tensor \(quoted(tensor)) \(fault.words(location: quoted(location))); \(fault.advice)"
        }
    }
}

extension FileFault {
    var words: String {
        switch self {
        case .missing: "no such file"
        case .isFolder: "is a folder, not a file"
        case .denied: "may not be read"
        case .notRegular: "is a pipe or a device, not a file"
        case .system(let code): String(cString: strerror(code))
        }
    }

    var advice: String {
        switch self {
        case .missing: "check the path"
        case .isFolder: "give the .onnx file inside it"
        case .denied: "change its permissions, or run as a user who may read it"
        case .notRegular: "save the model to a file first"
        case .system: "check the file and the disk it is on"
        }
    }
}

extension FileKind {
    var words: String {
        switch self {
        case .jpeg: "it is a JPEG picture"
        case .png: "it is a PNG picture"
        case .zip: "it is a zip archive (PyTorch's .pt and .pth files are such)"
        case .gzip: "it is gzip-compressed"
        case .pickle: "it is a Python pickle (old PyTorch files are such)"
        case .hdf5: "it is an HDF5 file (Keras)"
        case .tflite: "it is a TensorFlow Lite model"
        case .ort: "it is a model in ONNX Runtime's own format"
        case .numpy: "it is a NumPy array"
        case .html: "it is a web page"
        case .gitLFSPointer: "it is a Git LFS pointer, not the file itself"
        case .text: "it is a text file"
        case .unknown: "its bytes are not those of a model"
        }
    }

    var advice: String {
        switch self {
        case .gitLFSPointer: "fetch the file with `git lfs pull`"
        case .html: "download the file itself, not the page about it"
        case .gzip: "unpack it first"
        case .jpeg, .png: "give the .onnx file as the model, and the picture as the image"
        case .zip, .pickle, .hdf5, .tflite, .ort: "export the network to ONNX first"
        case .numpy, .text, .unknown: "give a .onnx file"
        }
    }
}

extension WireFault {
    var words: String {
        switch self {
        case .overrun: "a value goes on past the end of its message"
        case .varintTooLong: "a number has more than 64 bits"
        case .length(let length): "a length of \(length) bytes is impossible"
        case .fieldNumber(let number): "field number \(number) is impossible"
        case .wireType(let field, let type): "field \(field) has wire type \(type), which it cannot have"
        case .tooDeep: "messages nest deeper than \(WireReader.deepest)"
        }
    }
}

extension ModelPart {
    var words: String {
        switch self {
        case .graph: "there is no graph in it"
        case .opsetImport: "it does not say which operator sets it uses (opset_import)"
        }
    }
}

extension TensorFault {
    var words: String {
        switch self {
        case .negativeDimension(let dimension): "has a dimension of \(dimension)"
        case .tooManyElements: "claims more elements than can exist"
        case .byteCount(let expected, let actual):
            "has \(actual) bytes of values where its type and dimensions ask for \(expected)"
        case .valueCount(let expected, let actual): "has \(actual) values where its dimensions ask for \(expected)"
        case .noValues(let type): "has elements of type \(type), but no values"
        case .notFloat(.other(let code)), .notInteger(.other(let code)):
            "is of type \(ElementType.other(code)), which is not supported"
        case .notFloat(let type): "is of type \(type), where floating-point values are needed"
        case .notInteger(let type): "is of type \(type), where integers are needed"
        case .notString(let type): "is of type \(type), where strings are needed"
        case .integerTooLarge(let value): "holds \(value), which is too large an integer"
        case .encoding(let fault): "is damaged: \(fault.words)"
        }
    }

    var advice: String {
        switch self {
        case .notFloat(.other), .notInteger(.other): "export the model in float32, or quantised to integers"
        case .notFloat, .notInteger, .notString, .integerTooLarge: "export the model with types that its operators take"
        default: "download or export the model again"
        }
    }
}

extension ExternalDataFault {
    func words(location: String) -> String {
        switch self {
        case .noLocation: "are said to be in another file, which is not named"
        case .outsideFolder: "are said to be in \(location), which does not lie in the model's folder"
        case .number(let key, let value):
            "stand in \(location) at \(key) \(quoted(value)), which is not a number of bytes"
        case .file(let fault): "belong in the file \(location) beside the model: \(fault.words)"
        case .tooShort(let size, let needed): "go on to byte \(needed) of \(location), which has \(size)"
        }
    }

    var advice: String {
        switch self {
        case .file(.missing): "copy it there (a model with external data is more than one file)"
        case .file(let fault): fault.advice
        case .tooShort: "download or copy that file again"
        case .outsideFolder: "put that file itself beside the model, or export it again with its data beside it"
        case .noLocation, .number: "export the model again"
        }
    }
}

private func quoted(_ name: String) -> String { "'\(name.elided())'" }
