#include "CPNGTrap.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct png_reader {
    png_structp codec;
    png_infop info;
    png_source source;
    void *context;
    const unsigned char *next;
    size_t left;
    int pass, passes; // counted when the first row is asked for
    unsigned row;     // of the pass
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
    while (count > 0) {
        if (reader->left == 0) {
            ptrdiff_t got = reader->source(reader->context, &reader->next);
            if (got < 0) png_error(codec, "the file cannot be read");
            if (got == 0) png_error(codec, "the file ends too early");
            reader->left = got;
        }
        size_t part = count < reader->left ? count : reader->left;
        memcpy(into, reader->next, part);
        reader->next += part;
        reader->left -= part;
        into += part;
        count -= part;
    }
}

static const png_byte exif_name[] = "eXIf";

/// Text and profiles may be many times larger than the file.
static void pass_over_the_rest(png_structp codec) {
    static const png_byte chunks[] = "bKGD\0cHRM\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sCAL\0sPLT\0sRGB\0tEXt\0"
                                     "tIME\0zTXt";
    png_set_keep_unknown_chunks(codec, PNG_HANDLE_CHUNK_NEVER, chunks, sizeof chunks / 5);
}

int png_reader_open(png_reader **out, png_source source, void *context, char *message) {
    png_reader *reader = *out = calloc(1, sizeof *reader);
    if (!reader) { strcpy(message, "out of memory"); return -1; }
    reader->source = source;
    reader->context = context;
    reader->message = message;
    strcpy(message, "libpng cannot start (out of memory, or another version than it was built for)");
    if (setjmp(reader->escape)) return -1;
    reader->codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, leave, ignore);
    if (!reader->codec) return -1;
    reader->info = png_create_info_struct(reader->codec);
    if (!reader->info) return -1;
    png_set_read_fn(reader->codec, reader, take);
    pass_over_the_rest(reader->codec);
    // As it is: libpng takes the memory that an eXIf chunk claims, however large, to look into it itself.
    png_set_keep_unknown_chunks(reader->codec, PNG_HANDLE_CHUNK_ALWAYS, exif_name, 1);
    png_set_chunk_malloc_max(reader->codec, 1 << 26);
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

static void start(png_reader *reader) {
    png_structp codec = reader->codec;
    const unsigned short one = 1;
    int deep = png_get_bit_depth(codec, reader->info) == 16;
    int interlaced = png_get_interlace_type(codec, reader->info) == PNG_INTERLACE_ADAM7;
    reader->passes = interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1;
    png_set_expand(codec);
    if (deep && *(const unsigned char *)&one) png_set_swap(codec);
    png_set_strip_alpha(codec);
    png_set_gray_to_rgb(codec);
    png_read_update_info(codec, reader->info);
    if (png_get_rowbytes(codec, reader->info) != (size_t)(deep ? 6 : 3) * png_reader_width(reader))
        png_error(codec, "unknown colour type");
}

/// Where the next row lies; 0 after the last one. Passes without pixels have no rows.
static int place_row(png_reader *reader, png_place *place) {
    unsigned width = png_reader_width(reader), height = png_reader_height(reader);
    if (reader->passes == 1) {
        *place = (png_place){.y = reader->row, .step = 1, .count = width};
        return reader->row++ < height;
    }
    for (; reader->pass < reader->passes; reader->pass++, reader->row = 0) {
        int pass = reader->pass;
        unsigned columns = PNG_PASS_COLS(width, pass), rows = PNG_PASS_ROWS(height, pass);
        if (columns == 0 || reader->row >= rows) continue;
        *place = (png_place){PNG_ROW_FROM_PASS_ROW(reader->row, pass), PNG_PASS_START_COL(pass),
                             PNG_PASS_COL_OFFSET(pass), columns};
        reader->row++;
        return 1;
    }
    return 0;
}

int png_reader_row(png_reader *reader, void *row, png_place *place) {
    if (setjmp(reader->escape)) return -1;
    if (reader->passes == 0) start(reader);
    if (place_row(reader, place)) {
        png_read_row(reader->codec, row, NULL);
        return 0;
    }
    png_read_end(reader->codec, reader->info);
    return 1;
}

const unsigned char *png_reader_exif(const png_reader *reader, size_t *count) {
    png_unknown_chunkp chunks = NULL;
    int kept = png_get_unknown_chunks(reader->codec, reader->info, &chunks);
    for (int i = 0; i < kept; i++) {
        if (memcmp(chunks[i].name, exif_name, sizeof exif_name)) continue;
        *count = chunks[i].size;
        return chunks[i].data;
    }
    return NULL;
}

void png_reader_close(png_reader *reader) {
    if (reader) png_destroy_read_struct(&reader->codec, &reader->info, NULL);
    free(reader);
}
