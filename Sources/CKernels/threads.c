#if defined(__linux__)
/// OpenBLAS's own; builds of it without threads have none.
extern int blas_thread_shutdown_(void) __attribute__((weak));
#endif

#include "CKernels.h"

void gradcam_end_blas_threads(void) {
#if defined(__linux__)
    if (blas_thread_shutdown_) blas_thread_shutdown_();
#endif
}
