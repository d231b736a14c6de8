#include "Trap.h"

static void leave(j_common_ptr codec) {
    struct trap *trap = (struct trap *)codec->err;
    codec->err->format_message(codec, trap->message);
    longjmp(trap->escape, 1);
}

static void note(j_common_ptr codec, int level) {
    if (level < 0 && codec->err->num_warnings++ == 0)
        codec->err->format_message(codec, ((struct trap *)codec->err)->message);
}

struct jpeg_error_mgr *jpeg_trap_set(struct trap *trap, char *message) {
    jpeg_std_error(&trap->errors);
    trap->errors.error_exit = leave;
    trap->errors.emit_message = note;
    trap->message = message;
    return &trap->errors;
}

void jpeg_trap_leave(j_common_ptr codec, const char *words) {
    struct trap *trap = (struct trap *)codec->err;
    snprintf(trap->message, JMSG_LENGTH_MAX, "%s", words);
    longjmp(trap->escape, 1);
}
