/// Numbers as numpy keeps them in a `.npy` file: row-major, all of them finite.
public struct NumberArray: Sendable, Equatable {
    /// The extents, outermost first; none: a single number.
    public let shape: [Int]
    /// As many as the shape counts.
    public let values: [Float]

    /// - Precondition: there are as many numbers as the shape counts.
    public init(shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "an array needs as many numbers as its shape counts")
        (self.shape, self.values) = (shape, values)
    }

    /// Reads a `.npy` file of versions 1 to 3, of floats, integers or booleans in either order of bytes, in C order:
    /// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    ///
    /// What the header claims is compared with the file's own size, with `most` and with what the system gives before
    /// any memory is taken for it.
    /// - Parameter most: how many numbers there may be.
    /// - Throws: `ImageError.file` with the path and the fault: `.array` where the file is none of these, is cut off, or
    ///   holds a number that is not finite; `.tooManyNumbers`.
    public init(contentsOf path: String, most: Int = 3 * Image.mostPixels) throws(ImageError) {
        do throws(ImageError) {
            self = try NumberArray(PictureBytes(file: path, limit: Self.mostBytes(of: most)), most: most)
        } catch {
            throw .file(path: path, error)
        }
    }

    /// The same from the bytes of a file.
    public init(decoding bytes: UnsafeRawBufferPointer, most: Int = 3 * Image.mostPixels) throws(ImageError) {
        self = try NumberArray(PictureBytes(bytes), most: most)
    }

    /// How many bytes a file of so many numbers may have.
    public static func mostBytes(of numbers: Int) -> Int { 8 * numbers + (1 << 20) }

    init(_ bytes: PictureBytes, most: Int) throws(ImageError) {
        var reader = NPYReader(bytes)
        self = try reader.array(most: most)
    }

    /// Whether a file is a `.npy` file by its content; false where it cannot be read.
    public static func isArray(contentsOf path: String) -> Bool {
        (try? PictureBytes(file: path, limit: .max))?.isArray ?? false
    }

    /// Whether a file's first bytes are those of a `.npy` file.
    public static func isArray(_ beginning: UnsafeRawBufferPointer) -> Bool {
        beginning.starts(with: NPYHeader.magic)
    }
}
