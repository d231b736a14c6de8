/// Files that appear whole or not at all.
public enum AtomicFile {
    /// Writes a file under a temporary name in the same folder, then gives it its name, replacing a file that had it.
    /// - Throws: `ImageError.file` with the path and the system's reason; nothing is left behind.
    public static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
        try write(to: [path]) { sink throws(ImageError) in
            let fault: ImageError? = bytes.withUnsafeBytes { bytes in
                do throws(ImageError) { try sink(bytes) } catch { return error }
                return nil
            }
            if let fault { throw fault }
        }
    }

    /// Writes what `body` gives to a sink, while it does, into several files.
    /// - Throws: what `body` throws, and as above; if it throws before the first file has its name, nothing is left.
    public static func write(to paths: [String], _ body: (ByteSink) throws(ImageError) -> Void) throws(ImageError) {
        var files: [UnfinishedFile] = []
        for path in paths { files.append(try UnfinishedFile(path)) }
        try body { bytes throws(ImageError) in
            for file in files { try file.write(bytes) }
        }
        for file in files { try file.finish() }
    }

    /// Makes ready what `discardUnfinished` uses: to be called before a signal can come.
    public static func prepareToDiscard() { UnfinishedFile.prepare() }

    /// Removes the temporary files that are being written, and lets no other begin: for a signal handler that ends the
    /// process, and safe there as long as no second handler interrupts it.
    public static func discardUnfinished() { UnfinishedFile.discardAll() }
}
