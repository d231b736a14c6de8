#define _GNU_SOURCE
#include "CStart.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

// Bits of 131,072 processors. Nothing is ready for a sanitizer this early, and the calls go to the system itself.
enum { WORDS = 2048 };
#define EARLY __attribute__((no_sanitize("address", "thread", "undefined")))

/// The mask as the process was given it, and its length in bytes; 0 where it is left as it is. (Volatile: a compiler runs
/// constructors itself where it can, with the length that it sees, 0.)
static unsigned long permitted[WORDS];
static volatile long length;

EARLY static void narrow(void) {
    static unsigned long one[WORDS];
    length = syscall(SYS_sched_getaffinity, 0, sizeof permitted, permitted);
    for (int i = 0; i < WORDS; i++) {
        if (permitted[i]) {
            one[i] = permitted[i] & -permitted[i];
            break;
        }
    }
    if (length > 0 && syscall(SYS_sched_setaffinity, 0, length, one) != 0) length = 0;
}

EARLY __attribute__((constructor)) static void widen(void) {
    if (length > 0) syscall(SYS_sched_setaffinity, 0, length, permitted);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(void) = narrow;
#endif
