/// Why an ONNX file could not be read. `description` is one line that says what is wrong and what to do.
public enum ONNXError: Error, Equatable {
    /// The file cannot be opened.
    case file(path: String, FileFault)
    /// The file has no bytes.
    case empty(path: String)
    /// The file is something else.
    case notONNX(path: String, FileKind)
    /// The file has `size` bytes, but what it begins goes on to byte `needed` at least.
    case truncated(path: String, size: Int, needed: Int)
    /// At byte `offset`, in a protobuf message of the given name, the file contradicts the encoding.
    case malformed(path: String, offset: Int, message: String, WireFault)
    /// A well-formed file without a part that every model has.
    case incomplete(path: String, missing: ModelPart)
    /// Its messages would take more memory than is allowed, in bytes.
    case tooLarge(path: String, most: Int)
    /// A tensor contradicts itself, or was asked for what it does not hold.
    case tensor(path: String, name: String, TensorFault)
    /// A tensor's values stand in another file, which cannot serve; `location` is as the model spells it.
    case externalData(path: String, tensor: String, location: String, ExternalDataFault)
}

/// Why a file cannot be opened.
public enum FileFault: Error, Equatable {
    case missing, isFolder, denied
    /// A pipe, a socket or a device: cannot be mapped.
    case notRegular
    /// Any other fault, by its number in `errno`.
    case system(errno: Int32)
}

/// How bytes contradict the protobuf encoding.
public enum WireFault: Error, Equatable {
    /// A value goes on past the end of what holds it.
    case overrun
    /// A varint of more than 64 bits.
    case varintTooLong
    /// A length that no protobuf message can have.
    case length(UInt64)
    /// A field number outside 1 ..< 2^29.
    case fieldNumber(UInt64)
    /// A field encoded in a way that this field, or protobuf, does not know.
    case wireType(field: Int, type: Int)
    /// Messages nested deeper than 100.
    case tooDeep
}

/// What a model cannot do without.
public enum ModelPart: Equatable, Sendable { case graph, opsetImport }

/// What is wrong with a tensor.
public enum TensorFault: Error, Equatable {
    case negativeDimension(Int64)
    /// The number of elements or of bytes does not fit the machine's integers.
    case tooManyElements
    /// Its values take `actual` bytes, its type and dimensions ask for `expected`.
    case byteCount(expected: Int, actual: Int)
    /// It holds `actual` values, its dimensions ask for `expected`.
    case valueCount(expected: Int, actual: Int)
    /// It has elements, but no values in the field that its type uses.
    case noValues(ElementType)
    case notFloat(ElementType)
    case notInteger(ElementType)
    case notString(ElementType)
    /// An integer greater than Int64.max.
    case integerTooLarge(UInt64)
    /// Its values are not properly encoded.
    case encoding(WireFault)
}

/// Why a tensor's external data cannot serve.
public enum ExternalDataFault: Error, Equatable {
    case noLocation
    /// An absolute path, or one that leaves the model's folder, by a symbolic link too.
    case outsideFolder
    /// `offset` or `length` is not a number of bytes.
    case number(key: String, value: String)
    case file(FileFault)
    /// The file has `size` bytes, the tensor's values end at byte `needed`.
    case tooShort(size: Int, needed: Int)
}
