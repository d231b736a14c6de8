/// numpy's file format, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public enum NPY {
    /// Gives the bytes of a `.npy` file to a sink while the rows are made: float32, little-endian, height x width.
    /// - Throws: what the sink throws.
    /// - Precondition: the rows have one number a pixel.
    public static func encode(_ rows: PlaneRows, to sink: ByteSink) throws(ImageError) {
        precondition(rows.channels == 1, "a map has one number a pixel")
        let facts = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows.height), \(rows.width)), }"
        let padding = 63 - (10 + facts.utf8.count) % 64 // the values start at a multiple of 64 bytes, after a line feed
        let header = Array(facts.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
        let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)]
        try (start + header).give(to: sink)
        let row = PlaneRows.Row(rows.width), next = rows.start()
        for _ in 0..<rows.height {
            next(row.base)
            #if _endian(big)
            for i in 0..<rows.width { row.base[i] = Float(bitPattern: row.base[i].bitPattern.byteSwapped) }
            #endif
            try sink(UnsafeRawBufferPointer(start: row.base, count: 4 * rows.width))
        }
    }

    /// The bytes of that file.
    public static func encode(_ plane: Plane) -> [UInt8] {
        var bytes: [UInt8] = []
        try? encode(plane.rows) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
