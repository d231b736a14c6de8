import Platform

/// Reads the numbers of a `.npy` file, run by run.
struct NPYReader {
    private let bytes: PictureBytes
    private var run = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ bytes: PictureBytes) { self.bytes = bytes }

    /// The numbers, `most` at most.
    mutating func array(most: Int) throws(ImageError) -> NumberArray {
        let start = try take(8)
        guard start.starts(with: NPYHeader.magic) else { throw .array("it is no .npy file: save it with numpy.save") }
        guard (1...3).contains(start[6]) else {
            throw .array("its version, \(start[6]), is not known: save it anew with numpy.save")
        }
        let length = try take(start[6] == 1 ? 2 : 4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.longestHeader else { throw .array("its header is damaged: save it anew with numpy.save") }
        let header = try NPYHeader(String(decoding: try take(length), as: UTF8.self))
        return NumberArray(shape: header.shape, values: try values(header, most: most))
    }

    /// numpy itself writes less than 1000.
    private static let longestHeader = 1 << 16

    private mutating func values(_ header: NPYHeader, most: Int) throws(ImageError) -> [Float] {
        let (count, width) = (header.count, header.number.bytes)
        guard count > 0 else { throw .array("it holds no numbers") }
        guard count <= most else { throw .tooManyNumbers(header.shape, limit: most) }
        let left = bytes.left + run.count
        guard left == count * width else {
            throw .array(
                left < count * width
                    ? "it is cut off: \(left) bytes of numbers are there, where its shape asks for \(count * width)"
                    : "it goes on after its numbers: save one array a file with numpy.save")
        }
        // The numbers, and the same in the network's order.
        guard systemGives(bytes: 8 * count) else {
            throw .array("there is no memory for its \(count) numbers: save fewer of them")
        }
        var values: [Float] = []
        values.reserveCapacity(count)
        while values.count < count {
            if run.count < width {
                // A number may begin in one run and end in the next.
                let number = try take(width)
                number.withUnsafeBytes { append($0, header.number, to: &values) }
            } else {
                let whole = min(run.count / width, count - values.count) * width
                append(UnsafeRawBufferPointer(rebasing: run[..<whole]), header.number, to: &values)
                run = UnsafeRawBufferPointer(rebasing: run[whole...])
            }
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw .array(
                "its number at \(Self.index(place, header.shape)) is not finite as a 32-bit float: replace it")
        }
        return values
    }

    /// The next bytes, so many.
    private mutating func take(_ count: Int) throws(ImageError) -> [UInt8] {
        var taken: [UInt8] = []
        while taken.count < count {
            if run.isEmpty {
                guard let next = bytes.next() else { throw bytes.fault ?? .array("it is cut off") }
                guard !next.isEmpty else { throw .array("it is cut off: copy it again") }
                run = next
            }
            let part = min(count - taken.count, run.count)
            taken += run[..<part]
            run = UnsafeRawBufferPointer(rebasing: run[part...])
        }
        return taken
    }

    private func append(_ bytes: UnsafeRawBufferPointer, _ number: NPYHeader.Number, to values: inout [Float]) {
        func each<Bits: FixedWidthInteger>(_: Bits.Type, _ value: (Bits) -> Float) {
            for offset in stride(from: 0, to: bytes.count, by: MemoryLayout<Bits>.size) {
                let bits = bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self)
                values.append(value(number.isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)))
            }
        }
        switch (number.kind, number.bytes) {
        case (.float, 2): each(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case (.float, 4): each(UInt32.self) { Float(bitPattern: $0) }
        case (.float, _): each(UInt64.self) { Float(Double(bitPattern: $0)) }
        case (.signed, 1): each(Int8.self) { Float($0) }
        case (.signed, 2): each(Int16.self) { Float($0) }
        case (.signed, 4): each(Int32.self) { Float($0) }
        case (.signed, _): each(Int64.self) { Float($0) }
        case (.unsigned, 1): each(UInt8.self) { Float($0) }
        case (.unsigned, 2): each(UInt16.self) { Float($0) }
        case (.unsigned, 4): each(UInt32.self) { Float($0) }
        case (.unsigned, _): each(UInt64.self) { Float($0) }
        case (.boolean, _): each(UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    /// `[2, 0, 5]`
    private static func index(_ place: Int, _ shape: [Int]) -> String {
        var (rest, index) = (place, [Int]())
        for extent in shape.reversed() {
            index.insert(rest % extent, at: 0)
            rest /= extent
        }
        return "[" + index.map(String.init).joined(separator: ", ") + "]"
    }
}
