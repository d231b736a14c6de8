#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Uninitialised memory for numbers, aligned for vectors. Large pieces ask the system for large pages: a page touched
/// for the
/// first time costs about as much as computing with it. Free with `deallocate()` of the raw pointer.
func allocateFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let largePage = 2 << 20
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: bytes >= 2 * largePage ? largePage : 64)
    #if os(Linux)
    if bytes >= 2 * largePage { madvise(memory, bytes, MADV_HUGEPAGE) }
    #endif
    return memory.bindMemory(to: Float.self, capacity: max(count, 1))
}
