#pragma once

/// A kernel, and how many bytes its parameters are.
struct Kernel {
    void (*body)(const void *);
    unsigned long bytes;
};

/// A kernel by its name; null where there is none.
const Kernel *kernel_named(const char *name);
/// Runs it in every thread of a grid.
void run_kernel(const Kernel *kernel, const void *parameters, unsigned blocks, unsigned threads);
