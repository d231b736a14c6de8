#include "Reader.h"
#include <jerror.h>
#include <string.h>

static void nothing(j_decompress_ptr codec) { (void)codec; }

/// Past the end of the file there is an endless row of end markers, as libjpeg's own sources have it.
static boolean fill(j_decompress_ptr codec) {
    static const JOCTET end[2] = {0xFF, JPEG_EOI};
    jpeg_reader *reader = codec->client_data;
    ptrdiff_t count = reader->source(reader->context, &reader->bytes.next_input_byte);
    if (count < 0) jpeg_trap_leave((j_common_ptr)codec, "the file cannot be read");
    if (count == 0) {
        if (!reader->begun) ERREXIT(codec, JERR_INPUT_EMPTY);
        WARNMS(codec, JWRN_JPEG_EOF);
        reader->bytes.next_input_byte = end;
        count = sizeof end;
    }
    reader->bytes.bytes_in_buffer = count;
    reader->begun = 1;
    return TRUE;
}

static void skip(j_decompress_ptr codec, long count) {
    if (count <= 0) return;
    while ((size_t)count > codec->src->bytes_in_buffer) {
        count -= codec->src->bytes_in_buffer;
        fill(codec);
    }
    codec->src->next_input_byte += count;
    codec->src->bytes_in_buffer -= count;
}

static void take(j_decompress_ptr codec, unsigned char *into, size_t count) {
    while (count > 0) {
        if (codec->src->bytes_in_buffer == 0) fill(codec);
        size_t part = count < codec->src->bytes_in_buffer ? count : codec->src->bytes_in_buffer;
        memcpy(into, codec->src->next_input_byte, part);
        codec->src->next_input_byte += part;
        codec->src->bytes_in_buffer -= part;
        into += part;
        count -= part;
    }
}

/// An APP1 segment: two bytes of length, which count themselves, and its bytes; kept if it is Exif's.
static boolean read_app1(j_decompress_ptr codec) {
    static const unsigned char signature[6] = "Exif\0";
    jpeg_reader *reader = codec->client_data;
    unsigned char head[6];
    take(codec, head, 2);
    long count = (head[0] << 8 | head[1]) - 2;
    if (count > (long)sizeof head && reader->exif_count < MOST_EXIF) {
        take(codec, head, sizeof head);
        count -= sizeof head;
        if (!memcmp(head, signature, sizeof head)) {
            unsigned char *bytes = codec->mem->alloc_large((j_common_ptr)codec, JPOOL_PERMANENT, count);
            take(codec, bytes, count);
            reader->exif[reader->exif_count].bytes = bytes;
            reader->exif[reader->exif_count++].count = count;
            return TRUE;
        }
    }
    skip(codec, count);
    return TRUE;
}

void jpeg_reader_set_source(jpeg_reader *reader) {
    reader->bytes = (struct jpeg_source_mgr){.init_source = nothing, .fill_input_buffer = fill,
        .skip_input_data = skip, .resync_to_restart = jpeg_resync_to_restart, .term_source = nothing};
    reader->codec.src = &reader->bytes;
    jpeg_set_marker_processor(&reader->codec, JPEG_APP0 + 1, read_app1);
}
