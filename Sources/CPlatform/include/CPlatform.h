#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <sys/stat.h>

// What Linux alone has, and Swift does not see: where a thread may run.

/// How many processors the calling thread may run on; -1 where the system does not say.
int permitted_processors(void);

/// The processor that the calling thread is on; -1 where the system does not say.
int current_processor(void);

/// Moves the calling thread off a processor, where it is there and may be elsewhere. -1 is no processor.
void leave_processor(int processor);

// A mapped file that somebody shortens, or whose disk fails, raises SIGBUS where it is read. A program that wants to say
// which file it was remembers what it maps.

/// One mapping; to be kept where it is until it is forgotten.
struct mapping;

/// Remembers the bytes from `start` as those of the whole file at `path` (copied), which is as `file` has it; null where
/// memory is short.
struct mapping *remember_mapping(const void *start, const struct stat *file, const char *path);

/// To be called before the bytes are unmapped; null is no mapping.
void forget_mapping(struct mapping *);

/// The path of a remembered file that was written to since, where it still has its path; else null. To be called while
/// no mapping comes or goes.
const char *altered_mapping(void);

/// From now on SIGBUS in a remembered mapping calls `end` with the file's path: in a signal handler, with all signals
/// blocked, in any thread. `end` does not return. Elsewhere SIGBUS does what it does by default.
void watch_mappings(void (*end)(const char *path));

#endif
