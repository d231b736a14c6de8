// libpng leaves a fault by longjmp, which Swift cannot catch: these calls turn it into a return code.
// Every call returns 0, or -1 after a fault; the caller's `message` (PNG_MESSAGE_LENGTH bytes, kept until
// the close) then holds libpng's words. Warnings are dropped: they concern colour profiles and text.
#include <png.h>

enum { PNG_MESSAGE_LENGTH = 200 };

/// Gives the next bytes of a file, which stay until the next call: how many, 0 at the end, -1 after a fault.
typedef ptrdiff_t (*png_source)(void *context, const unsigned char **bytes);
/// Takes the next bytes of a file: 0, or -1 after a fault.
typedef int (*png_sink)(void *context, const unsigned char *bytes, size_t count);

typedef struct png_reader png_reader;

/// Which pixels of a picture a row holds: `count` of its row `y`, from `x` on, every `step`-th.
typedef struct { unsigned y, x, step, count; } png_place;

/// Reads the header of a PNG. Close `*out` after a fault too. Of the other chunks only eXIf, palette, transparency and
/// significant bits are read.
int png_reader_open(png_reader **out, png_source source, void *context, char *message);
unsigned png_reader_width(const png_reader *);
unsigned png_reader_height(const png_reader *);
/// Bits a sample, as stored: 1 to 8, or 16.
unsigned png_reader_depth(const png_reader *);
/// What the chunk sBIT says of every colour alike, or 0.
unsigned png_reader_significant_bits(const png_reader *);
/// Decodes the next row as the file has them, an interlaced one's seven passes one after another: `place->count` RGB
/// pixels of unsigned char, or of unsigned short where the depth is 16. Grey, palette and 1-4 bits are expanded, alpha
/// is dropped without compositing, gamma and profiles are ignored. 1 after the last row, when the rest is read too.
/// `row` has room for a whole row of the picture.
int png_reader_row(png_reader *, void *row, png_place *place);
/// The eXIf chunk, before or after the pixels (so: after they are read), or NULL; lives until the close.
const unsigned char *png_reader_exif(const png_reader *, size_t *count);
void png_reader_close(png_reader *);

typedef struct png_writer png_writer;

/// Begins a PNG of interleaved RGB, or of grey where there is 1 channel and not 3, with a text chunk `Software` (UTF-8)
/// unless that is NULL. Close `*out` after a fault too.
int png_writer_open(png_writer **out, unsigned width, unsigned height, int channels, const char *software,
                    png_sink sink, void *context, char *message);
/// Encodes the next row, width * channels bytes.
int png_writer_row(png_writer *, const unsigned char *pixels);
/// Ends the file after its last row.
int png_writer_finish(png_writer *);
void png_writer_close(png_writer *);
