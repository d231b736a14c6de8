import Imaging

/// Reads the bytes as an `.npy` file, whole and in no more memory than was allowed; what is read once is read again after
/// it was written.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let most = 1 << 16
    do throws(ImageError) {
        let array = try NumberArray(decoding: UnsafeRawBufferPointer(start: bytes, count: count), most: most)
        precondition((1...most).contains(array.values.count))
        precondition(array.values.count == array.shape.reduce(1, *) && array.values.allSatisfy(\.isFinite))
        check(array)
    } catch { precondition(!error.description.isEmpty) }
    return 0
}

private func check(_ array: NumberArray) {
    let plane = Plane(width: array.values.count, height: 1, values: array.values)
    let copy = NPY.encode(plane).withUnsafeBytes { try? NumberArray(decoding: $0) }
    precondition(copy == NumberArray(shape: [1, array.values.count], values: array.values))
}
