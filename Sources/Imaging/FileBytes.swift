import Platform

/// The system's words for the last failed call.
func systemReason() -> String { String(cString: strerror(errno)) }

/// The bytes of a picture file, read whole once its first bytes are those of a picture.
func readPicture<R>(_ path: String, _ body: (UnsafeRawBufferPointer) throws(ImageError) -> R) throws(ImageError) -> R {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(reason: systemReason()) }
    defer { close(file) }
    var facts = stat()
    let size = fstat(file, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG ? Int(facts.st_size) : 0

    var capacity = max(size + 1, 1 << 16), count = 0
    guard var bytes = malloc(capacity) else { throw .unreadable(reason: systemReason()) }
    defer { free(bytes) }
    while true {
        if count == capacity {
            capacity *= 2
            guard let larger = realloc(bytes, capacity) else { throw .unreadable(reason: systemReason()) }
            bytes = larger
        }
        let got = read(
            file, bytes + count, count < PictureFormat.length ? PictureFormat.length - count : capacity - count)
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw .unreadable(reason: systemReason()) }
        if got == 0 { break }
        count += got
        if count == PictureFormat.length { try checkFormat(UnsafeRawBufferPointer(start: bytes, count: count)) }
    }
    return try body(UnsafeRawBufferPointer(start: bytes, count: count))
}

/// Throws unless the bytes start as a JPEG or PNG does.
@discardableResult
func checkFormat(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> PictureFormat {
    if bytes.isEmpty { throw .empty }
    let format = PictureFormat(bytes)
    if case .other(let name) = format { throw .otherFormat(name) }
    if case .unknown = format { throw .notAPicture }
    return format
}
