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
    enum Kind: Sendable { case file, folder, other }
    struct Identity: Hashable, Sendable { let device, inode: UInt64 }
    let kind: Kind
    let identity: Identity
    let size: Int
    /// When its content was last written.
    let modified: Timestamp

    /// Follows symbolic links.
    init(of path: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .last }
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        size = Int(status.st_size)
        #if os(Linux)
        let time = status.st_mtim
        #else
        let time = status.st_mtimespec
        #endif
        modified = Timestamp(seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec))
    }
}

/// A time of the system's clock, since 1970.
struct Timestamp: Comparable, Sendable {
    let seconds, nanoseconds: Int

    static func < (one: Timestamp, other: Timestamp) -> Bool {
        (one.seconds, one.nanoseconds) < (other.seconds, other.nanoseconds)
    }
}

enum System {
    /// The names in a folder, as bytes, without `.` and `..`, in no order.
    static func names(in folder: String) throws(SystemError) -> [[UInt8]] {
        guard let stream = opendir(folder) else { throw .last }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .last }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")] && name != [UInt8(ascii: "."), UInt8(ascii: ".")] { names.append(name) }
        }
    }

    /// Makes a folder and those above it; one that exists already is no fault, a file in its place is.
    ///
    /// - Parameter root: a folder above it, which is not made where it is not there.
    static func makeFolder(_ path: String, below root: String? = nil) throws(SystemError) {
        if let root, path.utf8.count <= root.utf8.count { return }
        if mkdir(path, 0o777) == 0 { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
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

    /// All bytes up to the end.
    ///
    /// - Parameter most: how many there may be.
    /// - Throws: EFBIG where there are more; ENOMEM where there is no memory for them.
    static func readAll(from descriptor: Int32, most: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                guard bytes.count + count <= most else { throw SystemError(code: EFBIG) }
                // An array that is full moves to one of twice its size.
                guard bytes.count + count <= bytes.capacity || systemGives(bytes: 2 * bytes.count) else {
                    throw SystemError(code: ENOMEM)
                }
                bytes += chunk[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw .last
            }
        }
    }

    static func write(_ text: String, to descriptor: Int32) throws(SystemError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Platform.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .last
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
