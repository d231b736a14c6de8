// What the reader and the writer share.
#include "CJPEGTrap.h"
#include <setjmp.h>

struct trap {
    struct jpeg_error_mgr errors; // first: libjpeg hands back a pointer to it
    jmp_buf escape;
    char *message;
};

/// libjpeg's error manager for a trap, whose faults go to `escape`.
struct jpeg_error_mgr *jpeg_trap_set(struct trap *, char *message);
/// Leaves with words of our own.
void jpeg_trap_leave(j_common_ptr codec, const char *words);
