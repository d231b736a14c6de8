/// Takes the bytes of a file, one after another.
public typealias ByteSink = (UnsafeRawBufferPointer) throws(ImageError) -> Void

extension [UInt8] {
    /// Gives the bytes to a sink.
    package func give(to sink: ByteSink) throws(ImageError) {
        let fault: ImageError? = withUnsafeBytes { bytes in
            do throws(ImageError) { try sink(bytes) } catch { return error }
            return nil
        }
        if let fault { throw fault }
    }
}

/// The bytes that `body` gives to a sink.
func collect(_ body: (ByteSink) throws(ImageError) -> Void) throws(ImageError) -> [UInt8] {
    var bytes: [UInt8] = []
    try body { bytes.append(contentsOf: $0) }
    return bytes
}

/// Carries a sink through an encoder in C, which takes no Swift closure and throws no error.
final class SinkBox {
    private let sink: ByteSink
    /// What the sink threw; encoders only say that they could not go on.
    private(set) var fault: ImageError?

    private init(_ sink: @escaping ByteSink) { self.sink = sink }

    /// Calls `body` with a reference to a box for `sink`.
    static func with(_ sink: ByteSink, _ body: (SinkBox) throws(ImageError) -> Void) throws(ImageError) {
        let result: Result<Void, ImageError> = withoutActuallyEscaping(sink) { sink in
            do throws(ImageError) { return .success(try body(SinkBox(sink))) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// As an encoder in C calls it; `context` is an unretained reference.
    static let take: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int) -> Int32 = {
        context, bytes, count in
        guard let context else { return -1 }
        let box = Unmanaged<SinkBox>.fromOpaque(context).takeUnretainedValue()
        do throws(ImageError) {
            try box.sink(UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        } catch {
            box.fault = error
            return -1
        }
    }
}

/// An unretained reference, as C carries it.
func context(_ object: AnyObject) -> UnsafeMutableRawPointer { Unmanaged.passUnretained(object).toOpaque() }
