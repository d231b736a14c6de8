import Platform

/// A failed call of the operating system, by its `errno`.
struct SystemError: Error, Equatable {
    let code: Int32
    static var last: SystemError { SystemError(code: errno) }
}

func systemText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

struct FileStatus: Sendable {
    /// Pipes: sockets, too.
    enum Kind: Sendable { case file, folder, pipe, other }
    struct Identity: Hashable, Sendable { let device, inode: UInt64 }
    let kind: Kind
    let identity: Identity
    let size: Int
    /// When its content was last changed, in nanoseconds since 1970.
    let modified: Int

    /// Follows symbolic links.
    init(of path: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .last }
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFIFO, S_IFSOCK: .pipe
            default: .other
            }
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        size = Int(status.st_size)
        #if os(Linux)
        modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
        #else
        modified = status.st_mtimespec.tv_sec * 1_000_000_000 + status.st_mtimespec.tv_nsec
        #endif
    }
}

enum System {
    /// The names in a folder, as bytes, without `.` and `..`, in no order.
    static func names(in folder: String) throws(SystemError) -> [[UInt8]] {
        try entries(in: folder).map(\.name)
    }

    /// The same, and whether each is known to be a regular file, which not every file system tells.
    static func entries(in folder: String) throws(SystemError) -> [(name: [UInt8], isFile: Bool)] {
        guard let stream = opendir(folder) else { throw .last }
        defer { closedir(stream) }
        var names: [(name: [UInt8], isFile: Bool)] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .last }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")] && name != [UInt8(ascii: "."), UInt8(ascii: ".")] {
                names.append((name, Int(entry.pointee.d_type) == Int(DT_REG)))
            }
        }
    }

    /// Makes a folder and those above it; one that exists already is no fault, a file in its place is.
    ///
    /// - Parameter root: a folder above it, which is not made where it is not there.
    static func makeFolder(_ path: String, below root: String? = nil) throws(SystemError) {
        if let root, path.utf8.count <= root.utf8.count { return }
        if mkdir(path, 0o777) == 0 { return }
        if errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex {
            try makeFolder(String(path[..<slash]), below: root)
            if mkdir(path, 0o777) == 0 { return }
        }
        guard errno == EEXIST else { throw .last }
        guard try FileStatus(of: path).kind == .folder else { throw SystemError(code: ENOTDIR) }
    }

    /// - Throws: where it is no folder, or one that no file can be made in.
    static func checkWritable(_ folder: String) throws(SystemError) {
        guard access(folder, W_OK | X_OK) == 0 else { throw .last }
        guard try FileStatus(of: folder).kind == .folder else { throw SystemError(code: ENOTDIR) }
    }

    /// Whether two paths are those of the same file, which is there.
    static func isSame(_ one: String, _ other: String) -> Bool {
        guard let status = try? FileStatus(of: one) else { return false }
        return (try? FileStatus(of: other).identity) == status.identity
    }

    /// Whether a path is that of the file that a descriptor stands for.
    static func isOpen(_ path: String, as descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return (try? FileStatus(of: path).identity)
            == .init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// The first bytes, `most` or all; of a text no more than are needed to see a line end. After a fault what was read
    /// until then.
    static func beginning(of descriptor: Int32, most: Int, isText: Bool) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most), filled = 0
        while filled < most, !(isText && bytes[..<filled].contains(UInt8(ascii: "\n"))) {
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + filled, most - filled) }
            if count < 0, waited(for: descriptor, POLLIN, after: errno) { continue }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes[..<filled])
    }

    static func write(_ text: String, to descriptor: Int32) throws(SystemError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Platform.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else {
                let fault = SystemError.last
                guard waited(for: descriptor, POLLOUT, after: fault.code) else { throw fault }
            }
        }
    }

    /// Lets no file that is opened later take the place of a standard stream that was closed from the start: reading
    /// and writing there fail as before.
    static func keepStandardStreamsApart() {
        for descriptor in [0, 1, 2] as [Int32] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    /// The words after the program's name, and those among them that are not UTF-8, as they are repaired.
    static var words: (all: [String], notUTF8: Set<String>) {
        var all: [String] = [], wrong: Set<String> = []
        for argument in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst() {
            guard let argument else { break }
            all.append(String(cString: argument))
            if String(validatingCString: argument) == nil { wrong.insert(all.last!) }
        }
        return (all, wrong)
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// The absolute path without links; nil where there is none.
    static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    static var workingFolder: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}

extension System {
    /// Columns of the terminal behind standard error; 80 where it does not say.
    static var terminalWidth: Int {
        var size = winsize()
        return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
