/* What libFuzzer offers to custom mutators: https://llvm.org/docs/LibFuzzer.html */
#include <stddef.h>
#include <stdint.h>

/* Mutates `data[0..size)` in place by libFuzzer's own means and returns the new size, `capacity` at most. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity);
