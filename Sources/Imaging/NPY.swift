/// numpy's file format, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public enum NPY {
    /// The bytes of a `.npy` file: float32, little-endian, height x width.
    public static func encode(_ plane: Plane) -> [UInt8] {
        let facts = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(plane.height), \(plane.width)), }"
        let padding = 63 - (10 + facts.utf8.count) % 64 // the values start at a multiple of 64 bytes, after a line feed
        let header = Array(facts.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
        var bytes: [UInt8] =
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header
        bytes.reserveCapacity(bytes.count + 4 * plane.values.count)
        #if _endian(little)
        plane.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        #else
        for value in plane.values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        #endif
        return bytes
    }
}
