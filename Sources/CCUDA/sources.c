#include "CCUDA.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define GRADCAM_FILES(X) \
    X(elementwise) \
    X(broadcast) \
    X(moving) \
    X(indexed) \
    X(lines) \
    X(reductions) \
    X(normalisation) \
    X(pooling) \
    X(convolution) \
    X(grid) \
    X(masks)

static const char parameters[] = {
#embed "include/kernel_parameters.h" suffix(, )
    0};
static const char device[] = {
#embed "Kernels/device.cuh" suffix(, )
    0};
static const char elementwise[] = {
#embed "Kernels/elementwise.cu" suffix(, )
    0};
static const char broadcast[] = {
#embed "Kernels/broadcast.cu" suffix(, )
    0};
static const char moving[] = {
#embed "Kernels/moving.cu" suffix(, )
    0};
static const char indexed[] = {
#embed "Kernels/indexed.cu" suffix(, )
    0};
static const char lines[] = {
#embed "Kernels/lines.cu" suffix(, )
    0};
static const char reductions[] = {
#embed "Kernels/reductions.cu" suffix(, )
    0};
static const char normalisation[] = {
#embed "Kernels/normalisation.cu" suffix(, )
    0};
static const char pooling[] = {
#embed "Kernels/pooling.cu" suffix(, )
    0};
static const char convolution[] = {
#embed "Kernels/convolution.cu" suffix(, )
    0};
static const char grid[] = {
#embed "Kernels/grid.cu" suffix(, )
    0};
static const char masks[] = {
#embed "Kernels/masks.cu" suffix(, )
    0};

static const struct cuda_source sources[] = {
    {"kernel_parameters.h", parameters},
    {"device.cuh", device},
#define GRADCAM_FILE(name) {#name ".cu", name},
    GRADCAM_FILES(GRADCAM_FILE)
#undef GRADCAM_FILE
};

const struct cuda_source *cuda_sources(int *count) {
    *count = sizeof sources / sizeof *sources;
    return sources;
}
