#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif

#include "CPlatform.h"

#if defined(__linux__)

int permitted_processors(void) {
    // A mask that is too short for the machine is refused.
    for (int most = CPU_SETSIZE; most <= 1 << 20; most *= 2) {
        cpu_set_t *mask = CPU_ALLOC(most);
        if (!mask) return -1;
        size_t size = CPU_ALLOC_SIZE(most);
        int count = sched_getaffinity(0, size, mask) == 0 ? CPU_COUNT_S(size, mask) : -1;
        CPU_FREE(mask);
        if (count > 0) return count;
    }
    return -1;
}

int current_processor(void) { return sched_getcpu(); }

void leave_processor(int processor) {
    cpu_set_t all, others;
    if (processor < 0 || sched_getcpu() != processor || sched_getaffinity(0, sizeof all, &all) != 0) return;
    others = all;
    CPU_CLR(processor, &others);
    // Elsewhere now, and from then on free to be anywhere again.
    if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0)
        sched_setaffinity(0, sizeof all, &all);
}

#else

int permitted_processors(void) { return -1; }
int current_processor(void) { return -1; }
void leave_processor(int processor) { (void)processor; }

#endif
