// Numbers as two bfloat16 each: the upper halves of floats, rounded to nearest.

#include "vectors.h"

#include <stdint.h>

typedef float numbers __attribute__((vector_size(64), aligned(1)));
typedef uint32_t words __attribute__((vector_size(64), aligned(1)));

enum {
    TILE = 16,
    /// Of k, and columns of a panel.
    BLOCK = 32,
    /// Of a tile: 16 rows of 16 pairs of bfloat16.
    WORDS = TILE * TILE
};

/// As the processor takes them: the bytes of a row, and the rows, of each tile.
struct tile_shapes {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/// Where the largest of a row of x is one of these, what its products, and those of its low parts, with weights that
/// are fit to be split (`gradcam_split_panel`) lose as denormal numbers does not count, and none is infinite.
#define LEAST_X 0x1p-80f
#define MOST_X 0x1p60f

// Macros, as vectors are no parameters of functions that are compiled for narrower ones.

/// Rounded to a bfloat16.
#define ROUNDED(x) (((words)(x) + 0x8000) & 0xffff0000)
/// Of sixteen pairs of bfloat16 the firsts, as floats, and the seconds.
#define FIRSTS(pairs) ((numbers)((pairs) << 16))
#define SECONDS(pairs) ((numbers)((pairs) & 0xffff0000))
/// The pairs of sixteen p and q, rounded, and those of what rounding leaves over.
#define HIGHS(p, q) (ROUNDED(p) >> 16 | ROUNDED(q))
#define LOWS(p, q) HIGHS((p) - (numbers)ROUNDED(p), (q) - (numbers)ROUNDED(q))
