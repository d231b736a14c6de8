/// Reads the fields of one protobuf message, in the order in which they stand, never past the message's end.
///
/// Usage: `while let field = try reader.nextField()`, then exactly one of the reading functions, or `skip()`, for each
/// field.
/// A field whose wire type is not the one asked for is a fault: no ONNX writer makes one.
///
/// https://protobuf.dev/programming-guides/encoding/
struct WireReader {
    /// Messages may nest this deep (protobuf's own default), so that a hostile file cannot exhaust the stack.
    static let deepest = 100
    /// Bytes that a message without fields takes: the largest of them, in an array that grows.
    private static let messageMemory = 240

    let source: ModelSource
    private let message: StaticString
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int
    private let depth: Int
    private var field = 0
    private var wireType = WireType.varint

    enum WireType: UInt64 { case varint = 0, fixed64 = 1, lengthDelimited = 2, fixed32 = 5 }

    /// A reader of the whole file, as a message of the given name.
    init(_ source: ModelSource, message: StaticString) {
        self.init(source, message: message, range: 0..<source.file.count, depth: 0)
    }

    private init(_ source: ModelSource, message: StaticString, range: Range<Int>, depth: Int) {
        self.source = source
        self.message = message
        self.depth = depth
        bytes = source.file.bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field's number, or nil at the end of the message.
    mutating func nextField() throws(ONNXError) -> Int? {
        guard position < end else { return nil }
        let start = position
        let key = try varint()
        guard let number = Int(exactly: key >> 3), (1..<(1 << 29)).contains(number) else {
            throw malformed(.fieldNumber(key >> 3), at: start)
        }
        guard let type = WireType(rawValue: key & 7) else {
            throw malformed(.wireType(field: number, type: Int(key & 7)), at: start)
        }
        field = number
        wireType = type
        return number
    }

    /// Passes over the current field.
    mutating func skip() throws(ONNXError) {
        _ = try payload()
    }

    mutating func uint64() throws(ONNXError) -> UInt64 {
        try expect(.varint)
        return try varint()
    }

    mutating func int64() throws(ONNXError) -> Int64 { Int64(bitPattern: try uint64()) }

    mutating func float() throws(ONNXError) -> Float {
        try expect(.fixed32)
        return Float(
            bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: try take(4), as: UInt32.self)))
    }

    /// A `bytes` field, left where it is.
    mutating func data() throws(ONNXError) -> ByteRange {
        try expect(.lengthDelimited)
        return ByteRange(file: source.file, range: try payload())
    }

    /// A `string` field, or `bytes` that hold text; what is not UTF-8 is replaced by U+FFFD.
    mutating func string() throws(ONNXError) -> String {
        let text = try data().bytes
        try source.count(2 * MemoryLayout<String>.stride + text.count)
        return String(decoding: text, as: UTF8.self)
    }

    /// An embedded message's reader.
    mutating func message(_ name: StaticString) throws(ONNXError) -> WireReader {
        let start = position
        try expect(.lengthDelimited)
        guard depth < Self.deepest else { throw malformed(.tooDeep, at: start) }
        try source.count(Self.messageMemory)
        return WireReader(source, message: name, range: try payload(), depth: depth + 1)
    }

    /// The encoded values of this field, left where they are: one value, or a packed run of any number.
    mutating func run(of type: WireType) throws(ONNXError) -> ByteRange {
        if wireType != .lengthDelimited { try expect(type) }
        return ByteRange(file: source.file, range: try payload())
    }

    mutating func append(to values: inout [Int64]) throws(ONNXError) {
        if wireType == .varint {
            try source.count(2 * MemoryLayout<Int64>.stride)
            return values.append(try int64())
        }
        try expect(.lengthDelimited)
        let run = try payload()
        // A number ends with the byte that has no highest bit.
        try source.count(2 * MemoryLayout<Int64>.stride * bytes[run].count { $0 < 0x80 })
        var place = run.lowerBound
        while place < run.upperBound {
            do { values.append(Int64(bitPattern: try readVarint(bytes, at: &place, end: run.upperBound))) } catch {
                throw malformed(error, at: place)
            }
        }
    }

    mutating func append(to values: inout [Float]) throws(ONNXError) {
        try source.count(2 * MemoryLayout<Float>.stride)
        if wireType == .fixed32 { return values.append(try float()) }
        try expect(.lengthDelimited)
        let run = try payload()
        try source.count(2 * run.count)
        guard run.count % 4 == 0 else { throw malformed(.overrun, at: run.upperBound) }
        for place in stride(from: run.lowerBound, to: run.upperBound, by: 4) {
            values.append(
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))))
        }
    }

    /// Where the current field's value stands; moves past it. The range lies inside the message.
    private mutating func payload() throws(ONNXError) -> Range<Int> {
        let start: Int, count: Int
        switch wireType {
        case .varint:
            start = position
            _ = try varint()
            return start..<position
        case .fixed32: count = 4
        case .fixed64: count = 8
        case .lengthDelimited:
            let place = position
            let length = try varint()
            // Protobuf messages end at 2 GiB: a greater length is rubbish, not a sign of a file cut short.
            guard length <= UInt64(Int32.max) else { throw malformed(.length(length), at: place) }
            count = Int(length)
        }
        start = try take(count)
        return start..<position
    }

    /// Moves over `count` bytes and returns where they begin.
    private mutating func take(_ count: Int) throws(ONNXError) -> Int {
        guard count <= end - position else { throw overrun(needing: position + count) }
        defer { position += count }
        return position
    }

    private mutating func varint() throws(ONNXError) -> UInt64 {
        let start = position
        do { return try readVarint(bytes, at: &position, end: end) } catch {
            throw error == .overrun ? overrun(needing: end + 1) : malformed(error, at: start)
        }
    }

    private func expect(_ type: WireType) throws(ONNXError) {
        guard wireType == type else {
            throw malformed(.wireType(field: field, type: Int(wireType.rawValue)), at: position)
        }
    }

    /// Only the outermost message ends with the file; a field that overruns any other is a contradiction inside the
    /// file.
    private func overrun(needing last: Int) -> ONNXError {
        depth == 0 ? .truncated(path: source.file.path, size: end, needed: last) : malformed(.overrun, at: position)
    }

    private func malformed(_ fault: WireFault, at offset: Int) -> ONNXError {
        .malformed(path: source.file.path, offset: offset, message: "\(message)", fault)
    }
}
