/// Reads one base-128 varint from `bytes` at `position` and moves `position` past it.
///
/// https://protobuf.dev/programming-guides/encoding/#varints
/// - Throws: `.overrun` where `end` comes first, `.varintTooLong` where the value does not fit 64 bits.
func readVarint(_ bytes: UnsafeRawBufferPointer, at position: inout Int, end: Int) throws(WireFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
        guard position < end else { throw .overrun }
        let byte = bytes[position]
        position += 1
        guard shift < 63 || byte <= 1 else { throw .varintTooLong }
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return value }
    }
    throw .varintTooLong
}
