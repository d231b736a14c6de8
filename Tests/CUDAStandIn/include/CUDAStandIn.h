#ifndef GRADCAM_CUDA_STAND_IN_H
#define GRADCAM_CUDA_STAND_IN_H
#include "CCUDA.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A table of functions that run on the processor what a card would: the kernels' own source, compiled for the host and
/// run thread by thread, products by OpenBLAS, streams as queues whose order is by chance where it is free. Addresses of
/// one kind are refused where the other is wanted; every allocation ends at a page that nothing may touch, and begins
/// after numbers that nothing may change. A thread that has set no context is refused.
///
/// - Parameter with_cudnn: whether cuDNN is there.
struct cuda_calls stand_in_calls(int with_cudnn);

/// Cards that this thread opens from now on are a machine of their own, until the end. What follows is said of it.
void stand_in_begin(void);
void stand_in_end(void);
/// Bytes of the card's memory.
void stand_in_set_memory(size_t bytes);
/// The call number `after` from now on that puts work on a stream fails with this error, and if it is one that takes the
/// card from the process, so do all calls after it.
void stand_in_fail(int after, int error);
/// Products come out this much greater than they are.
void stand_in_set_product_error(float factor);
/// The compute capability, 75 for 7.5, of cards that are opened from now on; without, 8.6.
void stand_in_set_capability(int capability);
/// Products of TF32 cut off factors after ten bits, rather than to round them to the nearest, and their sums to float32
/// after every four products, toward zero: a tensor core may do either.
void stand_in_set_truncation(int truncates);
/// cuDNN does not support a convolution when it is asked for it.
void stand_in_set_unsupported(int unsupported);
/// The host may not touch the card's memory while nothing runs: slower.
void stand_in_set_strict(int strict);
/// Programs that were compiled; allocations that are held.
int stand_in_compilations(void);
int stand_in_allocations(void);

/// Allocations that were refused for want of memory; those of pinned memory that were made.
int stand_in_refusals(void);
int stand_in_pinnings(void);
/// What was called since this was last asked, a letter a call: U copies to the card, K kernels, D copies from the card,
/// W waiting for any of them.
const char *stand_in_log(void);

/// What the order of streams begins with on every machine: $GRADCAM_STAND_IN_SEED, or 7.
unsigned stand_in_seed(void);

/// Breaches of a rule by anyone in the process, the last of which is told.
int stand_in_breaches(const char **last);

#ifdef __cplusplus
}
#endif
#endif
