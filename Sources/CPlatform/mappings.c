#include "CPlatform.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__APPLE__)
#define MTIME st_mtimespec
#else
#define MTIME st_mtim
#endif

/// An element of a list that only grows, as a signal handler may walk it at any time. `path` is null while nothing is
/// mapped; the thread that faults reads bytes of a mapping that is there, so that its element does not change.
struct mapping {
    _Atomic(uintptr_t) start, length;
    _Atomic(char *) path;
    struct stat file;
    atomic_bool taken;
    struct mapping *next;
};

static _Atomic(struct mapping *) first;
static void (*at_end)(const char *path);

/// One that is free, or a new one.
static struct mapping *take(void) {
    for (struct mapping *m = atomic_load(&first); m; m = m->next) {
        if (!atomic_exchange(&m->taken, true)) return m;
    }
    struct mapping *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    atomic_store(&m->taken, true);
    m->next = atomic_load(&first);
    while (!atomic_compare_exchange_weak(&first, &m->next, m)) {}
    return m;
}

struct mapping *remember_mapping(const void *start, const struct stat *file, const char *path) {
    char *copy = strdup(path);
    struct mapping *m = copy ? take() : NULL;
    if (!m) {
        free(copy);
        return NULL;
    }
    atomic_store(&m->start, (uintptr_t)start);
    atomic_store(&m->length, (uintptr_t)file->st_size);
    m->file = *file;
    atomic_store(&m->path, copy);
    return m;
}

void forget_mapping(struct mapping *m) {
    if (!m) return;
    char *path = atomic_exchange(&m->path, NULL);
    atomic_store(&m->length, 0);
    free(path);
    atomic_store(&m->taken, false);
}

const char *altered_mapping(void) {
    for (struct mapping *m = atomic_load(&first); m; m = m->next) {
        const char *path = atomic_load(&m->path);
        struct stat now;
        if (!path || stat(path, &now) != 0 || now.st_dev != m->file.st_dev || now.st_ino != m->file.st_ino) continue;
        if (now.st_size != m->file.st_size || memcmp(&now.MTIME, &m->file.MTIME, sizeof now.MTIME) != 0) return path;
    }
    return NULL;
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
    (void)context;
    uintptr_t address = (uintptr_t)info->si_addr;
    // What a process sends (kill -BUS) has no address.
    if (info->si_code > 0) {
        for (struct mapping *m = atomic_load(&first); m; m = m->next) {
            const char *path = atomic_load(&m->path);
            if (path && address - atomic_load(&m->start) < atomic_load(&m->length)) at_end(path);
        }
    }
    signal(number, SIG_DFL);
    raise(number);
}

void watch_mappings(void (*end)(const char *path)) {
    at_end = end;
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}
