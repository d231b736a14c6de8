#if defined(__x86_64__) && defined(__linux__)
// Advanced Matrix Extensions: eight tiles of 16 rows of 64 bytes, and products of bfloat16 with float32 sums.

#include "loops/split.h"

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

struct tiles {
    struct tile_shapes shapes;
};

#define TILES_BEGIN _tile_loadconfig(&tiles->shapes)
#define TILES_END _tile_release()
// The tiles themselves are the processor's.
#define TILE_ZERO(t) ((void)tiles, _tile_zero(t))
#define TILE_LOAD(t, from, row) ((void)tiles, _tile_loadd(t, from, row))
#define TILE_STREAM(t, from, row) ((void)tiles, _tile_stream_loadd(t, from, row))
#define TILE_STORE(t, to, row) ((void)tiles, _tile_stored(t, to, row))
#define TILE_DOT(to, a, b) ((void)tiles, _tile_dpbf16ps(to, a, b))

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,amx-tile,amx-bf16"))), apply_to = function)
#include "loops/tiles.h"
#pragma clang attribute pop

const struct tile_kernels gradcam_amx_tiles = {
    .product = tile_product, .split_panel = split_panel, .largest = largest_of,
};

bool gradcam_may_use_amx(void) {
    // ARCH_REQ_XCOMP_PERM of the tiles' data, for the whole process: without it the first instruction ends it.
    enum { REQUEST = 0x1023, TILE_DATA = 18 };
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16")
        && syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
}
#endif
