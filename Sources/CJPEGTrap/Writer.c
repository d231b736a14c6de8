#include "Trap.h"
#include <stdlib.h>
#include <string.h>

struct jpeg_writer {
    struct trap trap;
    struct jpeg_compress_struct codec;
    struct jpeg_destination_mgr bytes;
    jpeg_sink sink;
    void *context;
    unsigned char buffer[1 << 14];
};

static void give(j_compress_ptr codec, size_t count) {
    jpeg_writer *writer = codec->client_data;
    if (count > 0 && writer->sink(writer->context, writer->buffer, count) != 0)
        jpeg_trap_leave((j_common_ptr)codec, "the file cannot be written");
    writer->bytes.next_output_byte = writer->buffer;
    writer->bytes.free_in_buffer = sizeof writer->buffer;
}

static void begin(j_compress_ptr codec) { give(codec, 0); }

static boolean empty(j_compress_ptr codec) {
    give(codec, sizeof ((jpeg_writer *)codec->client_data)->buffer);
    return TRUE;
}

static void end(j_compress_ptr codec) {
    jpeg_writer *writer = codec->client_data;
    give(codec, sizeof writer->buffer - writer->bytes.free_in_buffer);
}

int jpeg_writer_open(jpeg_writer **out, unsigned width, unsigned height, int quality, int halve_chroma,
                     const char *comment, jpeg_sink sink, void *context, char *message) {
    jpeg_writer *writer = *out = calloc(1, sizeof *writer);
    if (!writer) { strcpy(message, "out of memory"); return -1; }
    j_compress_ptr codec = &writer->codec;
    codec->err = jpeg_trap_set(&writer->trap, message);
    if (setjmp(writer->trap.escape)) return -1;
    codec->client_data = writer;
    jpeg_create_compress(codec);
    writer->sink = sink;
    writer->context = context;
    writer->bytes = (struct jpeg_destination_mgr){
        .init_destination = begin, .empty_output_buffer = empty, .term_destination = end};
    codec->dest = &writer->bytes;
    codec->image_width = width;
    codec->image_height = height;
    codec->input_components = 3;
    codec->in_color_space = JCS_RGB;
    jpeg_set_defaults(codec);
    jpeg_set_quality(codec, quality, TRUE);
    codec->comp_info[0].h_samp_factor = codec->comp_info[0].v_samp_factor = halve_chroma ? 2 : 1;
    jpeg_start_compress(codec, TRUE);
    if (comment) jpeg_write_marker(codec, JPEG_COM, (const JOCTET *)comment, strlen(comment));
    return 0;
}

int jpeg_writer_row(jpeg_writer *writer, const unsigned char *rgb) {
    JSAMPROW row = (JSAMPROW)rgb;
    if (setjmp(writer->trap.escape)) return -1;
    jpeg_write_scanlines(&writer->codec, &row, 1);
    return 0;
}

int jpeg_writer_finish(jpeg_writer *writer) {
    if (setjmp(writer->trap.escape)) return -1;
    jpeg_finish_compress(&writer->codec);
    return 0;
}

void jpeg_writer_close(jpeg_writer *writer) {
    if (writer) jpeg_destroy_compress(&writer->codec);
    free(writer);
}
