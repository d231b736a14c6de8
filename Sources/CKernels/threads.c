#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>

/// OpenBLAS's own; builds of it without threads have none.
extern int blas_thread_shutdown_(void) __attribute__((weak));
#endif

#include "CKernels.h"

void gradcam_end_blas_threads(void) {
#if defined(__linux__)
    if (blas_thread_shutdown_) blas_thread_shutdown_();
#endif
}

int gradcam_current_processor(void) {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

void gradcam_leave_processor(int processor) {
#if defined(__linux__)
    cpu_set_t all, others;
    if (processor < 0 || sched_getcpu() != processor || sched_getaffinity(0, sizeof all, &all) != 0) return;
    others = all;
    CPU_CLR(processor, &others);
    // Elsewhere now, and from then on free to be anywhere again.
    if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return;
    sched_setaffinity(0, sizeof all, &all);
#else
    (void)processor;
#endif
}
