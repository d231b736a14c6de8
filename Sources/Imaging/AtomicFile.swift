import Platform
import Synchronization

/// Files that appear whole or not at all.
///
/// A file is written under a hidden name in the same folder, `.gradcam-*.partial`, and locked (`flock`) until it has
/// its own name. One that a process left behind which was killed is locked by nobody, and is removed by the next
/// process that writes into the folder.
public enum AtomicFile {
    /// The folders that were written into.
    private static let folders = Mutex<Set<String>>([])

    /// Writes a file under a temporary name in the same folder, then gives it its name, replacing a file that had it.
    /// - Throws: `ImageError.file` with the path and the system's reason; nothing is left behind.
    public static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
        try write(to: [path]) { sink throws(ImageError) in try bytes.give(to: sink) }
    }

    /// Writes what `body` gives to a sink, while it does, into several files.
    /// - Throws: what `body` throws, and as above; if it throws before the first file has its name, nothing is left.
    public static func write(to paths: [String], _ body: (ByteSink) throws(ImageError) -> Void) throws(ImageError) {
        var files: [UnfinishedFile] = []
        for path in paths { files.append(try begin(path)) }
        try body { bytes throws(ImageError) in
            for file in files { try file.write(bytes) }
        }
        for file in files { try file.finish() }
    }

    /// Begins a file, which has its name when it is finished.
    /// - Throws: `ImageError.file`, as the file's calls do.
    public static func begin(_ path: String) throws(ImageError) -> UnfinishedFile {
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
        if folders.withLock({ $0.insert(folder).inserted }) { removeLeftovers(in: folder) }
        return try UnfinishedFile(path, in: folder)
    }

    /// Makes ready what `discardUnfinished` uses: to be called before a signal can come.
    public static func prepareToDiscard() { UnfinishedNames.prepare() }

    /// Removes the temporary files that are being written, and lets no other begin: for a signal handler that ends the
    /// process, and safe there as long as no second handler interrupts it.
    public static func discardUnfinished() { UnfinishedNames.discardAll() }

    private static let prefix = ".gradcam-", suffix = ".partial"

    static func temporaryName() -> String { "\(prefix)\(String(UInt64.random(in: 0 ... .max), radix: 36))\(suffix)" }

    /// Removes what killed processes left: files that nobody has locked. Where locks do not work nothing is removed.
    private static func removeLeftovers(in folder: String) {
        guard let stream = opendir(folder.isEmpty ? "." : folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { continue }
            let file = open(folder + name, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
            guard file >= 0 else { continue }
            if flock(file, LOCK_EX | LOCK_NB) == 0 { unlink(folder + name) }
            close(file)
        }
    }
}
