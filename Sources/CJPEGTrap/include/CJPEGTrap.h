// libjpeg leaves a fault by longjmp, which Swift cannot catch: these calls turn it into a return code.
// Every call returns 0, or -1 after a fault, or 1 where libjpeg only warned; the caller's `message`
// (JMSG_LENGTH_MAX bytes, kept until the close) then holds libjpeg's words for the fault or the first warning.
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>

/// Gives the next bytes of a file, which stay until the next call: how many, 0 at the end, -1 after a fault.
typedef ptrdiff_t (*jpeg_source)(void *context, const unsigned char **bytes);
/// Takes the next bytes of a file: 0, or -1 after a fault.
typedef int (*jpeg_sink)(void *context, const unsigned char *bytes, size_t count);

typedef struct jpeg_reader jpeg_reader;

/// Reads the header of a JPEG. Close `*out` after a fault too.
int jpeg_reader_open(jpeg_reader **out, jpeg_source source, void *context, char *message);
unsigned jpeg_reader_width(const jpeg_reader *);
unsigned jpeg_reader_height(const jpeg_reader *);
/// Bytes a pixel: 3 (RGB) or 4 (CMYK as stored, which Adobe's files invert).
int jpeg_reader_channels(const jpeg_reader *);
/// One of the header's first Exif segments without its 6-byte signature, or NULL. Lives until the close.
const unsigned char *jpeg_reader_exif(const jpeg_reader *, int index, size_t *count);
/// Makes ready for the rows; of several scans, reads them all. The memory of a progressive file's coefficients, which
/// this fills, is given back row by row, so that it never exceeds that of the coefficients and of the rows read.
int jpeg_reader_start(jpeg_reader *);
/// Decodes the next row, width * channels bytes (accurate integer DCT, smooth chroma upsampling).
int jpeg_reader_row(jpeg_reader *, unsigned char *row);
/// Reads what follows the last row: a fault there is a warning.
int jpeg_reader_finish(jpeg_reader *);
void jpeg_reader_close(jpeg_reader *);

typedef struct jpeg_writer jpeg_writer;

/// Begins a baseline JPEG of interleaved RGB, chroma halved both ways (4:2:0) or full (4:4:4), with a comment of at
/// most 65533 bytes unless that is NULL. Close `*out` after a fault too.
int jpeg_writer_open(jpeg_writer **out, unsigned width, unsigned height, int quality, int halve_chroma,
                     const char *comment, jpeg_sink sink, void *context, char *message);
/// Encodes the next row, width * 3 bytes.
int jpeg_writer_row(jpeg_writer *, const unsigned char *rgb);
/// Ends the file after its last row.
int jpeg_writer_finish(jpeg_writer *);
void jpeg_writer_close(jpeg_writer *);
