#if defined(__x86_64__)
#include "loops/vectors.h"

// AVX-512: 32 registers of 16 floats, of which a tile of a product takes two a row.
#define LANES 16
#define TILE_ROWS 14

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "loops/functions.h"
#include "loops/channels.h"
#include "loops/pairs.h"
#include "loops/product.h"
#include "loops/rows.h"
#include "loops/unfold.h"
#include "loops/depthwise.h"
#include "loops/winograd.h"
#pragma clang attribute pop

const struct kernels gradcam_avx512 = {LOOPS, .packed_width = PANEL, .packed_product = packed_product};
#endif
