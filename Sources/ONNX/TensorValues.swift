#if _endian(big)
#error("raw_data is little-endian and is lent as it stands in the file")
#endif

extension TensorDef {
    /// The values as Float, `count` of them in row-major order: float32 as they are, float16 and bfloat16 exactly,
    /// float64 rounded.
    package func floats() throws(ONNXError) -> [Float] {
        switch elementType {
        case .float32: try packed(Float.self)
        case .float64: try packed(Double.self).map { Float($0) }
        case .float16: try elements(UInt16.self).map(Float.init(float16:))
        case .bfloat16: try elements(UInt16.self).map(Float.init(bfloat16:))
        default: throw error(.notFloat(elementType))
        }
    }

    /// Lends the values as Float: in place where the file's bytes allow it, else a copy that lives as long as the call.
    package func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
        guard let (pointer, owner) = mappedFloats else { return try floats().withUnsafeBufferPointer(body) }
        return try withExtendedLifetime(owner) { try body(UnsafeBufferPointer(start: pointer, count: count)) }
    }

    /// The values in place, valid as long as `owner` lives: where they are float32 in one piece at a multiple of 4
    /// bytes.
    package var mappedFloats: (pointer: UnsafePointer<Float>, owner: MappedFile)? {
        guard let (start, owner) = mappedFloatBytes, Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0 else {
            return nil
        }
        return (start.assumingMemoryBound(to: Float.self), owner)
    }

    /// The bytes of float32 values in one piece, at whatever address they stand in the file, valid as long as `owner`
    /// lives.
    package var mappedFloatBytes: (pointer: UnsafeRawPointer, owner: MappedFile)? {
        guard elementType == .float32, case .packed(let parts) = storage, parts.count == 1,
            let start = parts[0].bytes.baseAddress
        else { return nil }
        return (start, parts[0].file)
    }

    /// The values of any integer type, or of bool as 0 and 1, in row-major order.
    package func integers() throws(ONNXError) -> [Int64] {
        switch elementType {
        case .int8: return try elements(Int8.self).map(Int64.init)
        case .int16: return try elements(Int16.self).map(Int64.init)
        case .int32: return try elements(Int32.self).map(Int64.init)
        case .int64: return try elements(Int64.self)
        case .uint8: return try elements(UInt8.self).map(Int64.init)
        case .uint16: return try elements(UInt16.self).map(Int64.init)
        case .uint32: return try elements(UInt32.self).map(Int64.init)
        case .bool: return try elements(UInt8.self).map { $0 == 0 ? 0 : 1 }
        case .uint4: return try nibbles().map(Int64.init)
        case .int4: return try nibbles().map { Int64($0 > 7 ? Int($0) - 16 : Int($0)) }
        case .uint64:
            let values = try elements(UInt64.self)
            if let large = values.first(where: { $0 > UInt64(Int64.max) }) { throw error(.integerTooLarge(large)) }
            return values.map(Int64.init)
        default: throw error(.notInteger(elementType))
        }
    }

    /// The values of a string tensor, in row-major order.
    package func strings() throws(ONNXError) -> [String] {
        guard case .strings(let parts) = storage else { throw error(.notString(elementType)) }
        return parts.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// The elements as they stand in the file; `T` must be as wide as the element type.
    private func elements<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(ONNXError) -> [T] {
        if case .varints(let parts) = storage { return try decoded(parts, count: count) }
        return try packed(T.self)
    }

    /// The half bytes of 4-bit elements.
    private func nibbles() throws(ONNXError) -> [UInt8] {
        let count = (count + 1) / 2
        let bytes: [UInt8] =
            if case .varints(let parts) = storage { try decoded(parts, count: count) } else {
                try packed(UInt8.self, count: count)
            }
        return Array(bytes.flatMap { [$0 & 15, $0 >> 4] }.prefix(self.count))
    }

    private func packed<T: BitwiseCopyable>(_: T.Type) throws(ONNXError) -> [T] { try packed(T.self, count: count) }

    private func packed<T: BitwiseCopyable>(_: T.Type, count: Int) throws(ONNXError) -> [T] {
        guard case .packed(let parts) = storage else { throw error(.noValues(elementType)) }
        return [T](unsafeUninitializedCapacity: count) { buffer, filled in
            // The parts' bytes were checked to be count * width together.
            var place = 0
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            for part in parts {
                bytes[place..<(place + part.count)].copyBytes(from: part.bytes)
                place += part.count
            }
            filled = count
        }
    }

    private func decoded<T: FixedWidthInteger>(_ parts: [ByteRange], count: Int) throws(ONNXError) -> [T] {
        let most = parts.reduce(0) { $0 + $1.count }
        guard count <= most else { throw error(.valueCount(expected: count, actual: most)) }
        // One byte of each number is followed by none of the same.
        let actual = parts.reduce(0) { $0 + $1.bytes.count { $0 < 0x80 } }
        guard actual <= count else { throw error(.valueCount(expected: count, actual: actual)) }
        var values: [T] = []
        values.reserveCapacity(count)
        for part in parts {
            let bytes = part.bytes
            var place = 0
            while place < bytes.count {
                do { values.append(T(truncatingIfNeeded: try readVarint(bytes, at: &place, end: bytes.count))) } catch {
                    throw self.error(.encoding(error))
                }
            }
        }
        guard values.count == count else { throw error(.valueCount(expected: count, actual: values.count)) }
        return values
    }
}

extension Float {
    /// The value of an IEEE 754 binary16; exact. NaNs stay NaNs with their payload.
    init(float16 bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7fff) << 13
        // Moved 13 places the exponent is 112 too small, for subnormals as well; infinity and NaN keep the greatest
        // exponent.
        let value =
            bits & 0x7c00 == 0x7c00 ? magnitude | 0x7f80_0000 : (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        self.init(bitPattern: sign | value)
    }

    /// The value of a bfloat16, which is the upper half of a Float.
    init(bfloat16 bits: UInt16) { self.init(bitPattern: UInt32(bits) << 16) }
}
