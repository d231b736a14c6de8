#include "CStart.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>

__attribute__((constructor)) static void return_freed_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
}
#endif
