/// numpy's file format, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public enum NPY {
    /// What a number is stored as, little-endian.
    public enum Number: String, Sendable { case float16, float32 }

    /// Gives the bytes of a `.npy` file to a sink while the rows are made: height x width, or the width alone of a
    /// signal's.
    /// - Throws: what the sink throws.
    /// - Precondition: the rows have one number a pixel.
    public static func encode(
        _ rows: PlaneRows, as number: Number = .float32, isSignal: Bool = false, to sink: ByteSink
    ) throws(ImageError) {
        try encode([rows], number, shape: (isSignal ? [] : [rows.height]) + [rows.width], to: sink)
    }

    /// The same of several maps of one size: maps x height x width, maps x width of a signal's.
    /// - Precondition: there is one at least.
    public static func encode(
        _ maps: [PlaneRows], as number: Number = .float32, isSignal: Bool = false, to sink: ByteSink
    ) throws(ImageError) {
        try encode(maps, number, shape: [maps.count] + (isSignal ? [] : [maps[0].height]) + [maps[0].width], to: sink)
    }

    private static func encode(
        _ maps: [PlaneRows], _ number: Number, shape: [Int], to sink: ByteSink
    ) throws(ImageError) {
        let count = maps[0].width
        precondition(
            maps.allSatisfy { $0.channels == 1 && $0.width == count && $0.height == maps[0].height },
            "maps have one number a pixel, and one size")
        // A tuple of one element has a comma after it.
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        let facts =
            "{'descr': '\(number == .float16 ? "<f2" : "<f4")', 'fortran_order': False, 'shape': (\(extents)), }"
        let padding = 63 - (10 + facts.utf8.count) % 64 // the values start at a multiple of 64 bytes, after a line feed
        let header = Array(facts.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
        let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)]
        try (start + header).give(to: sink)
        let row = PlaneRows.Row(count)
        for map in maps {
            let next = map.start()
            for _ in 0..<map.height {
                next(row.base)
                try sink(UnsafeRawBufferPointer(start: row.base, count: stored(row.base, count, as: number)))
            }
        }
    }

    /// Writes numbers over themselves as they are stored, and tells how many bytes they take.
    private static func stored(_ numbers: UnsafeMutablePointer<Float>, _ count: Int, as number: Number) -> Int {
        let bytes = UnsafeMutableRawPointer(numbers)
        switch number {
        case .float16:
            for i in 0..<count {
                bytes.storeBytes(of: Float16(numbers[i]).bitPattern.littleEndian, toByteOffset: 2 * i, as: UInt16.self)
            }
            return 2 * count
        case .float32:
            #if _endian(big)
            for i in 0..<count { numbers[i] = Float(bitPattern: numbers[i].bitPattern.byteSwapped) }
            #endif
            return 4 * count
        }
    }

    /// The bytes of that file.
    public static func encode(_ plane: Plane, as number: Number = .float32) -> [UInt8] {
        var bytes: [UInt8] = []
        try? encode(plane.rows, as: number) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// The bytes of that file of several maps.
    public static func encode(_ planes: [Plane], as number: Number = .float32) -> [UInt8] {
        var bytes: [UInt8] = []
        try? encode(planes.map(\.rows), as: number) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
