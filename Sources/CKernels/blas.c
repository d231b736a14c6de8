#include "CKernels.h"

#if defined(__linux__)
#include <stdlib.h>
#include <sys/mman.h>

/// OpenBLAS's own: a buffer to multiply in, one of those that it has, or else a new one, for which it asks the system
/// again and again where there is no memory.
extern void *blas_memory_alloc(int where) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

static const size_t buffer_bytes = 128 << 20;

static int can_map(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED && munmap(memory, bytes) == 0;
}
#endif

long gradcam_reserve_blas_buffers(long count) {
#if defined(__linux__)
    // More of them at a time end the process.
    enum { MOST = 64 };
    void *buffers[MOST];
    if (!blas_memory_alloc || !blas_memory_free) return count;
    long had = 0;
    for (; had < count && had < MOST; had++) {
        // A second thread is worth it only where memory is left for what it computes.
        if (!can_map(had == 0 ? buffer_bytes + buffer_bytes / 4 : 3 * buffer_bytes)) break;
        buffers[had] = blas_memory_alloc(0);
    }
    for (long i = 0; i < had; i++) blas_memory_free(buffers[i]);
    return had;
#else
    return count;
#endif
}
