#include "loops.h"

const struct loops pixels_baseline = LOOPS;
