/// Makes memory that is freed go back to the system: pieces of 256 KB and more by themselves, and what is free at the
/// heap's end above 1 MB. The C library's own thresholds grow with what a program frees, up to 32 MB, so that the photos
/// of a long run would leave it more and more scattered memory. To be called before there are threads.
package func returnFreedMemory() {
    #if canImport(Glibc)
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    mallopt(M_TRIM_THRESHOLD, 1 << 20)
    #endif
}
