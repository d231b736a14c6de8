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

unsigned png_reader_depth(const png_reader *reader) { return png_get_bit_depth(reader->codec, reader->info); }

unsigned png_reader_significant_bits(const png_reader *reader) {
    png_color_8p bits = NULL;
    if (!png_get_sBIT(reader->codec, reader->info, &bits)) return 0;
    if (!(png_get_color_type(reader->codec, reader->info) & PNG_COLOR_MASK_COLOR)) return bits->gray;
    return bits->red == bits->green && bits->green == bits->blue ? bits->red : 0;
}

int png_reader_pixels(png_reader *reader, void *pixels) {
    png_structp codec = reader->codec;
    if (setjmp(reader->escape)) return -1;
    png_set_expand(codec);
    const unsigned short one = 1;
    int deep = png_get_bit_depth(codec, reader->info) == 16;
    if (deep && *(const unsigned char *)&one) png_set_swap(codec);
    png_set_strip_alpha(codec);
    png_set_gray_to_rgb(codec);
    int passes = png_set_interlace_handling(codec);
    png_read_update_info(codec, reader->info);
    png_uint_32 height = png_get_image_height(codec, reader->info);
    size_t stride = (size_t)(deep ? 6 : 3) * png_get_image_width(codec, reader->info);
    if (png_get_rowbytes(codec, reader->info) != stride) png_error(codec, "unknown colour type");
    for (int pass = 0; pass < passes; pass++)
        for (png_uint_32 y = 0; y < height; y++) png_read_row(codec, (png_bytep)pixels + stride * y, NULL);
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

struct png_sink {
    png_structp codec;
    png_infop info;
    unsigned char *bytes;
    size_t count, room;
    char *message;
    jmp_buf escape;
};

static void fail(png_structp codec, png_const_charp words) {
    struct png_sink *sink = png_get_error_ptr(codec);
    snprintf(sink->message, PNG_MESSAGE_LENGTH, "%s", words);
    longjmp(sink->escape, 1);
}

static void put(png_structp codec, png_bytep from, size_t count) {
    struct png_sink *sink = png_get_io_ptr(codec);
    if (count > sink->room - sink->count) {
        size_t room = 2 * sink->room + count;
        unsigned char *bytes = realloc(sink->bytes, room);
        if (!bytes) png_error(codec, "out of memory");
        sink->bytes = bytes;
        sink->room = room;
    }
    memcpy(sink->bytes + sink->count, from, count);
    sink->count += count;
}

static int encode(struct png_sink *sink, const unsigned char *rgb, unsigned width, unsigned height,
                  const char *software) {
    sink->codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, sink, fail, ignore);
    if (!sink->codec) return -1;
    sink->info = png_create_info_struct(sink->codec);
    if (!sink->info) return -1;
    png_set_write_fn(sink->codec, sink, put, NULL);
    png_set_IHDR(sink->codec, sink->info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (software) {
        int ascii = 1;
        for (const char *c = software; *c; c++) ascii &= !(*c & 0x80);
        png_text text = {.compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
                         .key = "Software",
                         .text = (char *)software};
        png_set_text(sink->codec, sink->info, &text, 1);
    }
    png_write_info(sink->codec, sink->info);
    for (unsigned y = 0; y < height; y++) png_write_row(sink->codec, rgb + (size_t)3 * width * y);
    png_write_end(sink->codec, NULL);
    return 0;
}

int png_write_rgb(const unsigned char *rgb, unsigned width, unsigned height, const char *software,
                  unsigned char **out, size_t *count, char *message) {
    *out = NULL;
    *count = 0;
    // Not on the stack: what changes there after setjmp is lost by longjmp.
    struct png_sink *sink = calloc(1, sizeof *sink);
    if (!sink) { strcpy(message, "out of memory"); return -1; }
    sink->message = message;
    strcpy(message, "libpng cannot start (out of memory, or another version than it was built for)");
    volatile int status = -1;
    if (!setjmp(sink->escape)) status = encode(sink, rgb, width, height, software);
    if (sink->codec) png_destroy_write_struct(&sink->codec, &sink->info);
    *out = sink->bytes;
    *count = sink->count;
    free(sink);
    return status;
}
