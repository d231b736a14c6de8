#include "CJPEGTrap.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SCANS = 500 }; // of a progressive file; real ones have about ten, hostile ones take hours

struct trap {
    struct jpeg_error_mgr errors; // first: libjpeg hands back a pointer to it
    jmp_buf escape;
    char *message;
};

struct jpeg_reader {
    struct trap trap;
    struct jpeg_decompress_struct codec;
    struct jpeg_progress_mgr progress;
};

static void leave(j_common_ptr codec) {
    struct trap *trap = (struct trap *)codec->err;
    codec->err->format_message(codec, trap->message);
    longjmp(trap->escape, 1);
}

static void note(j_common_ptr codec, int level) {
    if (level < 0 && codec->err->num_warnings++ == 0)
        codec->err->format_message(codec, ((struct trap *)codec->err)->message);
}

static void watch(j_common_ptr codec) {
    if (((j_decompress_ptr)codec)->input_scan_number <= MOST_SCANS) return;
    struct trap *trap = (struct trap *)codec->err;
    snprintf(trap->message, JMSG_LENGTH_MAX, "more than %d scans", MOST_SCANS);
    longjmp(trap->escape, 1);
}

static struct jpeg_error_mgr *set(struct trap *trap, char *message) {
    jpeg_std_error(&trap->errors);
    trap->errors.error_exit = leave;
    trap->errors.emit_message = note;
    trap->message = message;
    return &trap->errors;
}

int jpeg_reader_open(jpeg_reader **out, const unsigned char *bytes, size_t count, char *message) {
    jpeg_reader *reader = *out = calloc(1, sizeof *reader);
    if (!reader) { strcpy(message, "out of memory"); return -1; }
    reader->codec.err = set(&reader->trap, message);
    if (setjmp(reader->trap.escape)) return -1;
    jpeg_create_decompress(&reader->codec);
    reader->progress.progress_monitor = watch;
    reader->codec.progress = &reader->progress;
    jpeg_mem_src(&reader->codec, bytes, count);
    jpeg_save_markers(&reader->codec, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&reader->codec, TRUE);
    reader->codec.out_color_space = reader->codec.num_components == 4 ? JCS_CMYK : JCS_RGB;
    return reader->trap.errors.num_warnings > 0;
}

unsigned jpeg_reader_width(const jpeg_reader *reader) { return reader->codec.image_width; }
unsigned jpeg_reader_height(const jpeg_reader *reader) { return reader->codec.image_height; }
int jpeg_reader_channels(const jpeg_reader *reader) { return reader->codec.num_components == 4 ? 4 : 3; }

const unsigned char *jpeg_reader_exif(const jpeg_reader *reader, jpeg_saved_marker_ptr *marker, size_t *count) {
    do *marker = *marker ? (*marker)->next : reader->codec.marker_list;
    while (*marker && ((*marker)->data_length <= 6 || memcmp((*marker)->data, "Exif\0\0", 6)));
    if (!*marker) return NULL;
    *count = (*marker)->data_length - 6;
    return (*marker)->data + 6;
}

int jpeg_reader_pixels(jpeg_reader *reader, unsigned char *pixels) {
    if (setjmp(reader->trap.escape)) return -1;
    jpeg_start_decompress(&reader->codec);
    size_t stride = (size_t)reader->codec.output_width * reader->codec.output_components;
    while (reader->codec.output_scanline < reader->codec.output_height) {
        JSAMPROW row = pixels + stride * reader->codec.output_scanline;
        jpeg_read_scanlines(&reader->codec, &row, 1);
    }
    if (setjmp(reader->trap.escape)) return 1; // all pixels are there: a fault in what follows them is a warning
    jpeg_finish_decompress(&reader->codec);
    return reader->trap.errors.num_warnings > 0;
}

void jpeg_reader_close(jpeg_reader *reader) {
    if (reader) jpeg_destroy_decompress(&reader->codec);
    free(reader);
}

int jpeg_write_rgb(const unsigned char *rgb, unsigned width, unsigned height, int quality, int halve_chroma,
                   const char *comment, unsigned char **out, unsigned long *count, char *message) {
    struct trap trap;
    struct jpeg_compress_struct codec = {.err = set(&trap, message)};
    if (setjmp(trap.escape)) {
        jpeg_destroy_compress(&codec);
        return -1;
    }
    jpeg_create_compress(&codec);
    jpeg_mem_dest(&codec, out, count);
    codec.image_width = width;
    codec.image_height = height;
    codec.input_components = 3;
    codec.in_color_space = JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, quality, TRUE);
    codec.comp_info[0].h_samp_factor = codec.comp_info[0].v_samp_factor = halve_chroma ? 2 : 1;
    jpeg_start_compress(&codec, TRUE);
    if (comment) jpeg_write_marker(&codec, JPEG_COM, (const JOCTET *)comment, strlen(comment));
    while (codec.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)rgb + (size_t)3 * width * codec.next_scanline;
        jpeg_write_scanlines(&codec, &row, 1);
    }
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    return 0;
}
