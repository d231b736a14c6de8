#ifndef CPLATFORM_H
#define CPLATFORM_H

// What Linux alone has, and Swift does not see: where a thread may run.

/// How many processors the calling thread may run on; -1 where the system does not say.
int permitted_processors(void);

/// The processor that the calling thread is on; -1 where the system does not say.
int current_processor(void);

/// Moves the calling thread off a processor, where it is there and may be elsewhere. -1 is no processor.
void leave_processor(int processor);

#endif
