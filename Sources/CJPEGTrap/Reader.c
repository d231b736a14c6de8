#include "Reader.h"
#include <stdlib.h>
#include <string.h>

enum {
    MOST_SCANS = 500, // of a file with several; real ones have about ten, hostile ones take hours
    USUAL_SCANS = 50, // are read however large the picture
};
static const uint64_t MOST_WORK = 8000000000; // pixels times scans, beyond the usual ones

static void watch(j_common_ptr codec) {
    jpeg_reader *reader = codec->client_data;
    if ((uint64_t)reader->codec.input_scan_number <= reader->most_scans) return;
    char words[JMSG_LENGTH_MAX];
    snprintf(words, sizeof words, "more than %d scans of so many pixels", (int)reader->most_scans);
    jpeg_trap_leave(codec, words);
}

int jpeg_reader_open(jpeg_reader **out, jpeg_source source, void *context, char *message) {
    jpeg_reader *reader = *out = calloc(1, sizeof *reader);
    if (!reader) { strcpy(message, "out of memory"); return -1; }
    j_decompress_ptr codec = &reader->codec;
    codec->err = jpeg_trap_set(&reader->trap, message);
    if (setjmp(reader->trap.escape)) return -1;
    codec->client_data = reader;
    jpeg_create_decompress(codec);
    reader->source = source;
    reader->context = context;
    jpeg_reader_set_source(reader);
    jpeg_reader_release_blocks(reader);
    reader->progress.progress_monitor = watch;
    codec->progress = &reader->progress;
    jpeg_read_header(codec, TRUE);
    codec->out_color_space = codec->num_components == 4 ? JCS_CMYK : JCS_RGB;
    uint64_t scans = MOST_WORK / ((uint64_t)codec->image_width * codec->image_height);
    reader->most_scans = scans < USUAL_SCANS ? USUAL_SCANS : scans > MOST_SCANS ? MOST_SCANS : scans;
    return reader->trap.errors.num_warnings > 0;
}

unsigned jpeg_reader_width(const jpeg_reader *reader) { return reader->codec.image_width; }
unsigned jpeg_reader_height(const jpeg_reader *reader) { return reader->codec.image_height; }
int jpeg_reader_channels(const jpeg_reader *reader) { return reader->codec.num_components == 4 ? 4 : 3; }

const unsigned char *jpeg_reader_exif(const jpeg_reader *reader, int index, size_t *count) {
    if (index >= reader->exif_count) return NULL;
    *count = reader->exif[index].count;
    return reader->exif[index].bytes;
}

int jpeg_reader_start(jpeg_reader *reader) {
    if (setjmp(reader->trap.escape)) return -1;
    jpeg_start_decompress(&reader->codec);
    return 0;
}

int jpeg_reader_row(jpeg_reader *reader, unsigned char *row) {
    if (setjmp(reader->trap.escape)) return -1;
    jpeg_read_scanlines(&reader->codec, &row, 1);
    return 0;
}

int jpeg_reader_finish(jpeg_reader *reader) {
    if (setjmp(reader->trap.escape)) return 1;
    jpeg_finish_decompress(&reader->codec);
    return reader->trap.errors.num_warnings > 0;
}

void jpeg_reader_close(jpeg_reader *reader) {
    if (reader) jpeg_destroy_decompress(&reader->codec);
    free(reader);
}
