#include "Reader.h"
#include <sys/mman.h>
#include <unistd.h>

static jvirt_barray_ptr request_blocks(j_common_ptr codec, int pool, boolean zeroed, JDIMENSION blocks, JDIMENSION rows,
                                       JDIMENSION together) {
    jpeg_reader *reader = codec->client_data;
    jvirt_barray_ptr array = reader->request(codec, pool, zeroed, blocks, rows, together);
    if (reader->blocks_count < MAX_COMPONENTS)
        reader->blocks[reader->blocks_count++] = (struct blocks){.array = array, .row_bytes = blocks * sizeof(JBLOCK)};
    return array;
}

/// Rows of blocks; they are read alone, top-down, when all scans are there, and never again.
static JBLOCKARRAY access_blocks(j_common_ptr codec, jvirt_barray_ptr array, JDIMENSION first, JDIMENSION count,
                                 boolean writable) {
    jpeg_reader *reader = codec->client_data;
    JBLOCKARRAY rows = reader->access(codec, array, first, count, writable);
#ifdef __linux__
    for (int i = 0; i < reader->blocks_count && !writable; i++) {
        struct blocks *blocks = &reader->blocks[i];
        if (blocks->array != array) continue;
        for (; blocks->read < first; blocks->read++) {
            char *row = (char *)rows[(ptrdiff_t)blocks->read - (ptrdiff_t)first];
            if (row != blocks->end) blocks->start = row;
            blocks->end = row + blocks->row_bytes;
        }
        uintptr_t page = sysconf(_SC_PAGESIZE), start = ((uintptr_t)blocks->start + page - 1) & -page,
                  end = (uintptr_t)blocks->end & -page;
        if (start >= end) continue;
        madvise((void *)start, end - start, MADV_DONTNEED);
        blocks->start = (char *)end;
    }
#endif
    return rows;
}

void jpeg_reader_release_blocks(jpeg_reader *reader) {
    struct jpeg_memory_mgr *memory = reader->codec.mem;
    reader->request = memory->request_virt_barray;
    reader->access = memory->access_virt_barray;
    memory->request_virt_barray = request_blocks;
    memory->access_virt_barray = access_blocks;
}
