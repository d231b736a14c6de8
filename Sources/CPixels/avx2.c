#if defined(__x86_64__)
#include "widths.h"

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "loops.h"
#pragma clang attribute pop

const struct loops pixels_avx2 = LOOPS;
#endif
