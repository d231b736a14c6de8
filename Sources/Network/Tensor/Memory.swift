import Platform

/// Uninitialised memory for numbers, aligned for vectors, on large pages where it fills some. Free with `deallocate()`
/// of the raw pointer.
func allocateFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: bytes >= 2 * largePage ? largePage : 64)
    if bytes >= 2 * largePage { preferLargePages(memory, bytes: bytes) }
    return memory.bindMemory(to: Float.self, capacity: max(count, 1))
}
