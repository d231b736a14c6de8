#include "CPNGTrap.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct png_writer {
    png_structp codec;
    png_infop info;
    png_sink sink;
    void *context;
    char *message;
    jmp_buf escape;
};

static void leave(png_structp codec, png_const_charp words) {
    png_writer *writer = png_get_error_ptr(codec);
    snprintf(writer->message, PNG_MESSAGE_LENGTH, "%s", words);
    longjmp(writer->escape, 1);
}

static void ignore(png_structp codec, png_const_charp words) { (void)codec, (void)words; }

static void put(png_structp codec, png_bytep bytes, size_t count) {
    png_writer *writer = png_get_io_ptr(codec);
    if (writer->sink(writer->context, bytes, count) != 0) png_error(codec, "the file cannot be written");
}

int png_writer_open(png_writer **out, unsigned width, unsigned height, int channels, const char *software,
                    png_sink sink, void *context, char *message) {
    png_writer *writer = *out = calloc(1, sizeof *writer);
    if (!writer) { strcpy(message, "out of memory"); return -1; }
    writer->sink = sink;
    writer->context = context;
    writer->message = message;
    strcpy(message, "libpng cannot start (out of memory, or another version than it was built for)");
    if (setjmp(writer->escape)) return -1;
    writer->codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, leave, ignore);
    if (!writer->codec) return -1;
    writer->info = png_create_info_struct(writer->codec);
    if (!writer->info) return -1;
    png_set_write_fn(writer->codec, writer, put, NULL);
    png_set_IHDR(writer->codec, writer->info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // Of photos a search for longer repetitions than a byte's takes most of the time and finds next to nothing.
    png_set_filter(writer->codec, PNG_FILTER_TYPE_BASE, PNG_FILTER_PAETH);
    png_set_compression_strategy(writer->codec, Z_RLE);
    if (software) {
        int ascii = 1;
        for (const char *c = software; *c; c++) ascii &= !(*c & 0x80);
        png_text text = {.compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
                         .key = "Software",
                         .text = (char *)software};
        png_set_text(writer->codec, writer->info, &text, 1);
    }
    png_write_info(writer->codec, writer->info);
    return 0;
}

int png_writer_row(png_writer *writer, const unsigned char *pixels) {
    if (setjmp(writer->escape)) return -1;
    png_write_row(writer->codec, pixels);
    return 0;
}

int png_writer_finish(png_writer *writer) {
    if (setjmp(writer->escape)) return -1;
    png_write_end(writer->codec, NULL);
    return 0;
}

void png_writer_close(png_writer *writer) {
    if (writer) png_destroy_write_struct(&writer->codec, &writer->info);
    free(writer);
}
