// libpng leaves a fault by longjmp, which Swift cannot catch: these calls turn it into a return code.
// Every call returns 0, or -1 after a fault; the caller's `message` (PNG_MESSAGE_LENGTH bytes, kept until
// the close) then holds libpng's words. Warnings are dropped: they concern colour profiles and text.
#include <png.h>

enum { PNG_MESSAGE_LENGTH = 200 };
typedef struct png_reader png_reader;

/// Reads the header of the PNG in `bytes` (kept by the caller until the close). Close `*out` after a fault too.
int png_reader_open(png_reader **out, const unsigned char *bytes, size_t count, char *message);
unsigned png_reader_width(const png_reader *);
unsigned png_reader_height(const png_reader *);
/// Bits a sample, as stored: 1 to 8, or 16.
unsigned png_reader_depth(const png_reader *);
/// What the chunk sBIT says of every colour alike, or 0.
unsigned png_reader_significant_bits(const png_reader *);
/// Decodes width * height RGB pixels of unsigned char, or of unsigned short where the depth is 16: grey, palette and
/// 1-4 bits expanded, alpha dropped without compositing, gamma and profiles ignored.
int png_reader_pixels(png_reader *, void *pixels);
/// The eXIf chunk, before or after the pixels (so: after they are read), or NULL; lives until the close.
const unsigned char *png_reader_exif(const png_reader *, size_t *count);
void png_reader_close(png_reader *);

/// Encodes interleaved RGB, with a text chunk `Software` (UTF-8) unless that is NULL. `*out` is to be freed by the
/// caller, after a fault too.
int png_write_rgb(const unsigned char *rgb, unsigned width, unsigned height, const char *software,
                  unsigned char **out, size_t *count, char *message);
