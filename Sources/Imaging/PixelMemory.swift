import Platform
import Synchronization

/// The memory of photos that are being decoded. Arrays of pixels cannot fail, so that the system is asked before, for all
/// photos in the making together.
enum PixelMemory {
    private static let promised = Mutex(0)

    /// Makes a photo of those sides, while the bytes that this takes are promised to it; waits for others in the making
    /// where memory is short.
    ///
    /// - Throws: `.outOfMemory` where there is none for this one alone; what `make` throws.
    static func whileMaking(
        width: Int, height: Int, _ make: () throws(ImageError) -> Image
    ) throws(ImageError) -> Image {
        // The pixels twice: while they are turned upright both are there.
        let bytes = 6 * width * height
        while true {
            let (isGiven, isAlone) = promised.withLock { promised in
                let (isGiven, isAlone) = (systemGives(bytes: promised + bytes), promised == 0)
                if isGiven { promised += bytes }
                return (isGiven, isAlone)
            }
            if isGiven { break }
            if isAlone { throw .outOfMemory(width: width, height: height) }
            usleep(10_000)
        }
        defer { promised.withLock { $0 -= bytes } }
        return try make()
    }
}
