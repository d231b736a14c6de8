// libjpeg leaves a fault by longjmp, which Swift cannot catch: these calls turn it into a return code.
// Every call returns 0, or -1 after a fault, or 1 where libjpeg only warned; the caller's `message`
// (JMSG_LENGTH_MAX bytes, kept until the close) then holds libjpeg's words for the fault or the first warning.
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>

typedef struct jpeg_reader jpeg_reader;

/// Reads the header of the JPEG in `bytes` (kept by the caller until the close). Close `*out` after a fault too.
int jpeg_reader_open(jpeg_reader **out, const unsigned char *bytes, size_t count, char *message);
unsigned jpeg_reader_width(const jpeg_reader *);
unsigned jpeg_reader_height(const jpeg_reader *);
/// Bytes a pixel: 3 (RGB) or 4 (CMYK as stored, which Adobe's files invert).
int jpeg_reader_channels(const jpeg_reader *);
/// The Exif segment after `*marker` (NULL: the first) without its 6-byte signature, or NULL; moves `*marker` to it.
/// Lives until the pixels are read.
const unsigned char *jpeg_reader_exif(const jpeg_reader *, jpeg_saved_marker_ptr *marker, size_t *count);
/// Decodes width * height * channels bytes (accurate integer DCT, smooth chroma upsampling).
int jpeg_reader_pixels(jpeg_reader *, unsigned char *pixels);
void jpeg_reader_close(jpeg_reader *);

/// Encodes interleaved RGB as baseline JPEG, chroma halved both ways (4:2:0) or full (4:4:4),
/// with a comment of at most 65533 bytes unless that is NULL. `*out` is to be freed by the caller, after a fault too.
int jpeg_write_rgb(const unsigned char *rgb, unsigned width, unsigned height, int quality, int halve_chroma,
                   const char *comment, unsigned char **out, unsigned long *count, char *message);
