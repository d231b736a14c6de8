import Imaging

/// Decodes the bytes as a photo.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = try? Image(decoding: UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}
