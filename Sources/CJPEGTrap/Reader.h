// What the parts of the reader share.
#include "Trap.h"
#include <stdint.h>

enum { MOST_EXIF = 8 }; // segments that are kept; real files have one

/// The blocks of a component of a file of several scans.
struct blocks {
    jvirt_barray_ptr array;
    size_t row_bytes;
    JDIMENSION read;   // rows
    char *start, *end; // of what was read and is not given back yet
};

struct jpeg_reader {
    struct trap trap;
    struct jpeg_decompress_struct codec; // its client_data is the reader
    struct jpeg_progress_mgr progress;
    uint64_t most_scans;

    struct jpeg_source_mgr bytes;
    jpeg_source source;
    void *context;
    int begun; // whether the source has given bytes
    int exif_count;
    struct { const unsigned char *bytes; size_t count; } exif[MOST_EXIF];

    int blocks_count;
    struct blocks blocks[MAX_COMPONENTS];
    jvirt_barray_ptr (*request)(j_common_ptr, int, boolean, JDIMENSION, JDIMENSION, JDIMENSION);
    JBLOCKARRAY (*access)(j_common_ptr, jvirt_barray_ptr, JDIMENSION, JDIMENSION, boolean);
};

/// Lets libjpeg read from the reader's source, and keep Exif segments in the reader.
void jpeg_reader_set_source(jpeg_reader *);
/// Gives the memory of blocks back once their pixels are made.
void jpeg_reader_release_blocks(jpeg_reader *);
