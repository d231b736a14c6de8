import ActivationMaps
import Platform

/// The bytes of a regular file, or of standard input (`-`), one after another, in constant memory; a byte order mark is
/// passed over. What one of UTF-16 begins is read whole, 64 MB at most, and given as UTF-8.
final class ByteStream {
    let path: String
    /// Of the next byte, from 1.
    private(set) var line = 1
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var filled = 0, place = 0
    private var fault: SystemError?

    /// - Throws: `TableFault` where the file cannot be opened, or is none.
    init(_ path: String) throws(TableFault) {
        self.path = path
        guard path != "-" else {
            descriptor = 0
            try readMark()
            return
        }
        // Without O_NONBLOCK, opening a pipe would wait for somebody at its other end.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TableFault(path: path, .system(errno)) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw TableFault(path: path, .system(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TableFault(path: path, status.st_mode & S_IFMT == S_IFDIR ? .system(EISDIR) : .noFile)
        }
        try readMark()
    }

    deinit { if descriptor > 0 { close(descriptor) } }

    private func readMark() throws(TableFault) {
        if (0..<3).map({ peek(at: $0) }) == [0xEF, 0xBB, 0xBF] { place += 3 }
        let start = (0..<2).map { peek(at: $0) }
        guard start == [0xFF, 0xFE] || start == [0xFE, 0xFF] else { return }
        while peek(at: filled - place) != nil {
            guard filled <= PathLines.mostOfUTF16 else { throw TableFault(path: path, .longUTF16) }
        }
        try check()
        buffer = utf8(of: Array(buffer[..<filled]))
        filled = buffer.count
    }

    /// The next byte, which stays; nil at the end.
    var peek: UInt8? { peek(at: 0) }

    /// The next byte; nil at the end.
    func next() -> UInt8? {
        guard let byte = peek else { return nil }
        place += 1
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && peek != UInt8(ascii: "\n") { line += 1 }
        return byte
    }

    /// - Throws: where the file could not be read to its end.
    func check() throws(TableFault) {
        if let fault { throw TableFault(path: path, .system(fault.code)) }
    }

    /// The bytes up to the next line feed or the end, without it; nil at the end.
    ///
    /// - Throws: where the file cannot be read, or the line is longer than `most`.
    func nextLine(most: Int) throws(TableFault) -> [UInt8]? {
        guard peek != nil else {
            try check()
            return nil
        }
        var bytes: [UInt8] = []
        while peek != nil {
            let rest = buffer[place..<filled], end = rest.firstIndex(of: UInt8(ascii: "\n"))
            bytes += rest[..<(end ?? filled)]
            place = end ?? filled
            guard bytes.count <= most else { throw TableFault(path: path, .malformed(line: line, expected: "a line")) }
            if end != nil {
                _ = next()
                break
            }
        }
        return bytes
    }

    private func peek(at distance: Int) -> UInt8? {
        while place + distance >= filled, fault == nil {
            buffer.replaceSubrange(0..<filled - place, with: buffer[place..<filled])
            (filled, place) = (filled - place, 0)
            if filled == buffer.count { buffer += [UInt8](repeating: 0, count: max(filled, 1 << 16)) }
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
            if count < 0, waited(for: descriptor, POLLIN, after: errno) { continue }
            if count < 0 { fault = .last }
            guard count > 0 else { return nil }
            filled += count
        }
        return place + distance < filled ? buffer[place + distance] : nil
    }
}

/// Why a file that tells of photos cannot be used.
struct TableFault: Error, Equatable {
    enum Kind: Equatable {
        /// By `errno`.
        case system(Int32)
        case noFile
        /// Not JSON, from this line on.
        case json(line: Int)
        /// JSON of another form than COCO's.
        case notCOCO(noList: String)
        case malformed(line: Int, expected: String)
        case noRows
        /// Bytes that are no text.
        case notText
        /// Of UTF-16 more than is read.
        case longUTF16
        /// A report of a photo that was reported before, with other numbers.
        case otherReport(line: Int, photo: String)
        /// None of the classes is one of the network's: some of them.
        case noClass([String])
    }
    let path: String
    let kind: Kind

    init(path: String, _ kind: Kind) { (self.path, self.kind) = (path, kind) }
}
