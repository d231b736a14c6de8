#include "CPNGTrap.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct png_reader {
    png_structp codec;
    png_infop info;
    const unsigned char *next, *end;
    char *message;
    jmp_buf escape;
};

static void leave(png_structp codec, png_const_charp words) {
    png_reader *reader = png_get_error_ptr(codec);
    snprintf(reader->message, PNG_MESSAGE_LENGTH, "%s", words);
    longjmp(reader->escape, 1);
}

static void ignore(png_structp codec, png_const_charp words) { (void)codec, (void)words; }

static void take(png_structp codec, png_bytep into, size_t count) {
    png_reader *reader = png_get_io_ptr(codec);
    if (count > (size_t)(reader->end - reader->next)) png_error(codec, "the file ends too early");
    memcpy(into, reader->next, count);
    reader->next += count;
}

int png_reader_open(png_reader **out, const unsigned char *bytes, size_t count, char *message) {
    png_reader *reader = *out = calloc(1, sizeof *reader);
    if (!reader) { strcpy(message, "out of memory"); return -1; }
    reader->next = bytes;
    reader->end = bytes + count;
    reader->message = message;
    strcpy(message, "libpng cannot start (out of memory, or another version than it was built for)");
    if (setjmp(reader->escape)) return -1;
    reader->codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, leave, ignore);
    if (!reader->codec) return -1;
    reader->info = png_create_info_struct(reader->codec);
    if (!reader->info) return -1;
    png_set_read_fn(reader->codec, reader, take);
    png_read_info(reader->codec, reader->info);
    return 0;
}

unsigned png_reader_width(const png_reader *reader) { return png_get_image_width(reader->codec, reader->info); }
unsigned png_reader_height(const png_reader *reader) { return png_get_image_height(reader->codec, reader->info); }

int png_reader_pixels(png_reader *reader, unsigned char *pixels) {
    png_structp codec = reader->codec;
    if (setjmp(reader->escape)) return -1;
    png_set_expand(codec);
    png_set_strip_16(codec);
    png_set_strip_alpha(codec);
    png_set_gray_to_rgb(codec);
    int passes = png_set_interlace_handling(codec);
    png_read_update_info(codec, reader->info);
    png_uint_32 height = png_get_image_height(codec, reader->info);
    size_t stride = (size_t)3 * png_get_image_width(codec, reader->info);
    if (png_get_rowbytes(codec, reader->info) != stride) png_error(codec, "unknown colour type");
    for (int pass = 0; pass < passes; pass++)
        for (png_uint_32 y = 0; y < height; y++) png_read_row(codec, pixels + stride * y, NULL);
    png_read_end(codec, reader->info);
    return 0;
}

const unsigned char *png_reader_exif(const png_reader *reader, size_t *count) {
    png_uint_32 length = 0;
    png_bytep bytes = NULL;
    if (!png_get_eXIf_1(reader->codec, reader->info, &length, &bytes)) return NULL;
    *count = length;
    return bytes;
}

void png_reader_close(png_reader *reader) {
    if (reader) png_destroy_read_struct(&reader->codec, &reader->info, NULL);
    free(reader);
}
