/// TensorProto: a constant tensor whose values stay where they are in the file until they are asked for.
///
/// Already checked: no dimension is negative, `count` and the number of bytes fit `Int`, and values of whole-byte
/// elements (raw_data, external data, float_data, double_data) have the length that type and dimensions ask for.
package struct TensorDef: Sendable {
    package var name: String
    package let dims: [Int]
    package let elementType: ElementType
    /// The number of elements: the product of `dims`, 1 for a scalar.
    package let count: Int
    let storage: Storage
    /// The model's path and the tensor's name in errors.
    private let path: String
    private let label: String

    /// Where the values are. Parts follow each other.
    enum Storage: Sendable {
        /// Elements at their own width, little-endian.
        case packed([ByteRange])
        /// One varint an element, however small the element.
        case varints([ByteRange])
        case strings([ByteRange])
    }

    /// - Parameter unnamed: what to call a tensor without a name in errors.
    init(_ message: WireReader, unnamed: String = "without a name") throws(ONNXError) {
        var name = "", dims: [Int64] = [], type: Int64 = 0
        var floats: [ByteRange] = [], doubles: [ByteRange] = []
        var int32s: [ByteRange] = [], int64s: [ByteRange] = [], uint64s: [ByteRange] = []
        var strings: [ByteRange] = [], raw: ByteRange?
        var external: [String: String] = [:], isExternal = false
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: try reader.append(to: &dims)
            case 2: type = try reader.int64()
            case 4: floats.append(try reader.run(of: .fixed32))
            case 5: int32s.append(try reader.run(of: .varint))
            case 6: strings.append(try reader.data())
            case 7: int64s.append(try reader.run(of: .varint))
            case 8: name = try reader.string()
            case 9: raw = try reader.data()
            case 10: doubles.append(try reader.run(of: .fixed64))
            case 11: uint64s.append(try reader.run(of: .varint))
            case 13: try external.add(StringEntry(try reader.message("StringStringEntryProto")))
            case 14: isExternal = try reader.int64() == 1
            default: try reader.skip()
            }
        }
        let source = reader.source
        let elementType = ElementType(code: type), label = name.isEmpty ? unnamed : name
        let extent: Extent
        do { extent = try Extent(dims, elementType) } catch {
            throw .tensor(path: source.file.path, name: label, error)
        }

        let storage: Storage =
            if isExternal {
                .packed([try source.externalData(external, tensor: label, byteCount: extent.byteCount)])
            } else if let raw {
                .packed([raw])
            } else {
                switch elementType {
                case .float32: .packed(floats)
                case .float64: .packed(doubles)
                case .int64: .varints(int64s)
                case .uint32, .uint64: .varints(uint64s)
                case .string: .strings(strings)
                default: .varints(int32s)
                }
            }
        try self.init(name: name, label: label, path: source.file.path, extent, elementType, storage)
    }

    /// Reads a file that holds one TensorProto and nothing else, such as the .pb files of ONNX's own tests.
    package init(contentsOf path: String) throws(ONNXError) {
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch { throw .file(path: path, error) }
        try self.init(WireReader(ModelSource(file), message: "TensorProto"))
    }

    /// A float32 tensor of values in memory; a number of values other than the dimensions' product is an error.
    package init(name: String, dims: [Int], floats: [Float]) throws(ONNXError) {
        try self.init(name: name, dims: dims, .float32, floats)
    }

    /// An int64 tensor of values in memory; a number of values other than the dimensions' product is an error.
    package init(name: String, dims: [Int], integers: [Int64]) throws(ONNXError) {
        try self.init(name: name, dims: dims, .int64, integers)
    }

    private init<T>(name: String, dims: [Int], _ type: ElementType, _ values: [T]) throws(ONNXError) {
        let origin = "in memory"
        let file = values.withUnsafeBytes { MappedFile(copying: $0, name: origin) }
        let extent: Extent
        do { extent = try Extent(dims.map(Int64.init), type) } catch { throw .tensor(path: origin, name: name, error) }
        try self.init(
            name: name, label: name, path: origin, extent, type, .packed([ByteRange(file: file, range: 0..<file.count)])
        )
    }

    private init(name: String, label: String, path: String, _ extent: Extent, _ type: ElementType, _ storage: Storage)
        throws(ONNXError)
    {
        self.name = name
        self.label = label
        self.path = path
        self.storage = storage
        dims = extent.dims
        count = extent.count
        elementType = type
        if let fault = storage.fault(extent, type) { throw error(fault) }
    }

    func error(_ fault: TensorFault) -> ONNXError { .tensor(path: path, name: label, fault) }
}

/// A tensor's size.
private struct Extent {
    let dims: [Int]
    let count: Int
    /// nil where elements have no known width.
    let byteCount: Int?

    init(_ dims: [Int64], _ type: ElementType) throws(TensorFault) {
        if let negative = dims.first(where: { $0 < 0 }) { throw .negativeDimension(negative) }
        // A zero must not hide the others' overflow: strides are computed without it.
        var product = type.byteWidth ?? 1
        for dimension in dims {
            let (next, overflow) = product.multipliedReportingOverflow(by: max(1, Int(dimension)))
            guard !overflow else { throw .tooManyElements }
            product = next
        }
        if dims.contains(0) { product = 0 }
        self.dims = dims.map(Int.init)
        count = product / (type.byteWidth ?? 1)
        byteCount = type.byteCount(count)
    }
}

extension TensorDef.Storage {
    /// What contradicts the tensor's size, as far as it shows without reading values.
    fileprivate func fault(_ extent: Extent, _ type: ElementType) -> TensorFault? {
        switch (self, type) {
        case (_, .other):
            return nil
        case (.packed(let parts), _):
            let actual = parts.reduce(0) { $0 + $1.count }
            if parts.isEmpty && extent.count > 0 { return .noValues(type) }
            guard let expected = extent.byteCount else { return .noValues(type) }
            return actual == expected ? nil : .byteCount(expected: expected, actual: actual)
        case (.varints(let parts), _):
            return parts.isEmpty && extent.count > 0 ? .noValues(type) : nil
        case (.strings(let parts), _):
            return parts.count == extent.count ? nil : .valueCount(expected: extent.count, actual: parts.count)
        }
    }
}
