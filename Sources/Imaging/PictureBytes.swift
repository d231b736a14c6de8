import Platform

/// The system's words for the last failed call.
func systemReason() -> String { String(cString: strerror(errno)) }

/// The bytes of a coded picture, in runs: of a file never all at once.
final class PictureBytes {
    /// What `next` met; decoders only say that they could not go on.
    private(set) var fault: ImageError?
    /// Whether bytes were asked for behind the last.
    private(set) var isOver = false
    private let file: Int32?
    private let room: UnsafeMutableRawBufferPointer
    private let whole: UnsafeRawBufferPointer
    /// The first run, read to tell the format, until it is given.
    private var beginning: UnsafeRawBufferPointer?
    private var given = 0
    private let limit: Int
    /// Of the file.
    private var size = 0

    /// Bytes in memory, which must outlive it.
    init(_ bytes: UnsafeRawBufferPointer) {
        (file, room, whole, limit) = (nil, .init(start: nil, count: 0), bytes, .max)
        beginning = bytes
    }

    /// A regular file, of which no more than `limit` bytes are read.
    init(file path: String, limit: Int) throws(ImageError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) // a named pipe must not make it wait
        guard file >= 0 else { throw .unreadable(reason: systemReason()) }
        (self.file, whole, self.limit) = (file, .init(start: nil, count: 0), limit)
        room = .allocate(byteCount: 1 << 18, alignment: 16)
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw .unreadable(reason: systemReason()) }
        switch facts.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .unreadable(reason: String(cString: strerror(EISDIR)))
        default: throw .unreadable(reason: "it is no regular file")
        }
        size = Int(facts.st_size)
        try rewind()
    }

    deinit {
        if let file { close(file) }
        room.deallocate()
    }

    /// How many bytes were not given yet.
    var left: Int {
        if file != nil { return size - given + (beginning?.count ?? 0) }
        return beginning?.count ?? 0
    }

    /// Whether they begin as those of a `.npy` file.
    var isArray: Bool { NumberArray.isArray(beginning ?? whole) }

    /// What the first bytes tell.
    var format: PictureFormat { PictureFormat(beginning ?? whole) }

    /// Begins anew.
    func rewind() throws(ImageError) {
        guard let file else { beginning = whole; return }
        guard lseek(file, 0, SEEK_SET) == 0 else { throw .unreadable(reason: systemReason()) }
        given = 0
        beginning = read(file)
        if let fault { throw fault }
    }

    /// The next bytes, which stay until the next call; none at the end, nil after a fault.
    func next() -> UnsafeRawBufferPointer? {
        if let beginning {
            self.beginning = nil
            return beginning
        }
        let bytes = file.map(read) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        isOver = bytes?.isEmpty ?? false
        return bytes
    }

    private func read(_ file: Int32) -> UnsafeRawBufferPointer? {
        guard given <= limit else {
            fault = .endless(bytes: limit)
            return nil
        }
        while true {
            let count = Platform.read(file, room.baseAddress, room.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                fault = .unreadable(reason: systemReason())
                return nil
            }
            given += count
            return UnsafeRawBufferPointer(rebasing: room[..<count])
        }
    }

    /// As a decoder in C asks for them; `context` is an unretained reference.
    static let source: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?) -> Int =
        {
            context, bytes in
            guard let context, let bytes,
                let run = Unmanaged<PictureBytes>.fromOpaque(context).takeUnretainedValue().next()
            else { return -1 }
            bytes.pointee = run.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return run.count
        }
}
