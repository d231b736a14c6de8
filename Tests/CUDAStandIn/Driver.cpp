#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "CUDAStandIn.h"
#include "Kernels.hpp"
#include "Libraries.hpp"
#include "Machine.hpp"


static const char image_mark[] = "a stand-in's program\n";

static int fail_name(int error, const char **name) {
    static const struct { int error; const char *name; } names[] = {
        {1, "CUDA_ERROR_INVALID_VALUE"}, {2, "CUDA_ERROR_OUT_OF_MEMORY"}, {100, "CUDA_ERROR_NO_DEVICE"},
        {200, "CUDA_ERROR_INVALID_IMAGE"}, {214, "CUDA_ERROR_ECC_UNCORRECTABLE"},
        {500, "CUDA_ERROR_NOT_FOUND"}, {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {719, "CUDA_ERROR_LAUNCH_FAILED"},
    };
    for (auto &entry : names)
        if (entry.error == error) return *name = entry.name, 0;
    *name = nullptr;
    return 1;
}

static void fill_memory(cuda_calls &calls) {
    calls.cuMemGetInfo_v2 = [](size_t *free, size_t *total) {
        LOCKED;
        *free = machine.limit > machine.held ? machine.limit - machine.held : 0;
        *total = machine.limit;
        return machine.lost;
    };
    calls.cuMemAlloc_v2 = [](unsigned long long *address, size_t bytes) {
        LOCKED;
        return machine.lost ? machine.lost : machine.allocate(address, bytes);
    };
    calls.cuMemFree_v2 = [](unsigned long long address) {
        LOCKED;
        return machine.release(address);
    };
    calls.cuMemAllocHost_v2 = [](void **memory, size_t bytes) {
        LOCKED;
        machine.pinnings++;
        *memory = malloc(bytes);
        machine.pinned[static_cast<char *>(*memory)] = bytes;
        return 0;
    };
    calls.cuMemFreeHost = [](void *memory) {
        LOCKED;
        machine.run(nullptr);
        if (!machine.pinned.erase(static_cast<char *>(memory))) machine.breach("pinned memory is freed that is not held");
        free(memory);
        return 0;
    };
    calls.cuMemcpyHtoDAsync_v2 = [](unsigned long long to, const void *from, size_t bytes, void *stream) {
        LOCKED;
        machine.log += 'U';
        if (!machine.owns(to, bytes, "copy to the card") || !machine.owns_host(from, bytes, "copy to the card")) return 1;
        return machine.enqueue(stream, [=] { memcpy(reinterpret_cast<void *>(to), from, bytes); });
    };
    calls.cuMemcpyDtoHAsync_v2 = [](void *to, unsigned long long from, size_t bytes, void *stream) {
        LOCKED;
        machine.log += 'D';
        if (!machine.owns(from, bytes, "copy from the card") || !machine.owns_host(to, bytes, "copy from the card"))
            return 1;
        return machine.enqueue(stream, [=] { memcpy(to, reinterpret_cast<const void *>(from), bytes); });
    };
    calls.cuMemcpyDtoDAsync_v2 = [](unsigned long long to, unsigned long long from, size_t bytes, void *stream) {
        LOCKED;
        if (!machine.owns(to, bytes, "copy on the card") || !machine.owns(from, bytes, "copy on the card")) return 1;
        return machine.enqueue(
            stream, [=] { memmove(reinterpret_cast<void *>(to), reinterpret_cast<const void *>(from), bytes); });
    };
    calls.cuMemsetD32Async = [](unsigned long long to, unsigned value, size_t count, void *stream) {
        LOCKED;
        if (!machine.owns(to, count * 4, "fill")) return 1;
        return machine.enqueue(stream, [=] {
            auto words = reinterpret_cast<unsigned *>(to);
            for (size_t i = 0; i < count; i++) words[i] = value;
        });
    };
}

static void fill_streams(cuda_calls &calls) {
    // CU_STREAM_NON_BLOCKING
    calls.cuStreamCreate = [](void **stream, unsigned flags) {
        LOCKED;
        if (flags != 1) machine.breach("a stream waits for the others");
        auto made = new Machine::Stream;
        machine.streams.push_back(made);
        *stream = made;
        return 0;
    };
    calls.cuCtxSynchronize = [] {
        LOCKED;
        has_waited = true;
        return machine.run(nullptr);
    };
    calls.cuStreamSynchronize = [](void *stream) {
        LOCKED;
        machine.log += 'W';
        return machine.run(static_cast<Machine::Stream *>(stream));
    };
    calls.cuStreamWaitEvent = [](void *stream, void *event, unsigned) {
        LOCKED;
        auto own = static_cast<Machine::Event *>(event);
        static_cast<Machine::Stream *>(stream)->tasks.push_back({nullptr, own, own->wanted});
        return machine.lost;
    };
    calls.cuStreamDestroy_v2 = [](void *stream) {
        LOCKED;
        auto own = static_cast<Machine::Stream *>(stream);
        machine.run(own);
        machine.streams.erase(std::find(machine.streams.begin(), machine.streams.end(), own));
        delete own;
        return 0;
    };
    // CU_EVENT_BLOCKING_SYNC, CU_EVENT_DISABLE_TIMING
    calls.cuEventCreate = [](void **event, unsigned flags) {
        LOCKED;
        if (flags != 3) machine.breach("who waits for an event does not sleep");
        *event = new Machine::Event;
        return 0;
    };
    calls.cuEventRecord = [](void *event, void *stream) {
        LOCKED;
        auto own = static_cast<Machine::Event *>(event);
        long number = ++own->wanted;
        return machine.enqueue(stream, [=] { own->done = number; });
    };
    calls.cuEventSynchronize = [](void *event) {
        LOCKED;
        machine.log += 'W';
        return machine.run(nullptr, static_cast<Machine::Event *>(event));
    };
    calls.cuEventDestroy_v2 = [](void *event) {
        LOCKED;
        machine.run(nullptr);
        delete static_cast<Machine::Event *>(event);
        return 0;
    };
}

static void fill_programs(cuda_calls &calls) {
    calls.nvrtcVersion = [](int *major, int *minor) { return *major = 12, *minor = 0, 0; };
    calls.nvrtcGetNumSupportedArchs = [](int *count) { return *count = 3, 0; };
    calls.nvrtcGetSupportedArchs = [](int *all) { return all[0] = 70, all[1] = 80, all[2] = 86, 0; };
    calls.nvrtcCreateProgram = [](void **program, const char *source, const char *, int, const char *const *,
                                  const char *const *) {
        *program = new std::string(source);
        return 0;
    };
    // NVRTC needs no context.
    calls.nvrtcCompileProgram = [](void *, int, const char *const *) {
        if (!current) return 0;
        LOCKED;
        machine.compilations++;
        return 0;
    };
    calls.nvrtcGetProgramLogSize = [](void *, size_t *bytes) { return *bytes = 1, 0; };
    calls.nvrtcGetProgramLog = [](void *, char *log) { return *log = 0, 0; };
    calls.nvrtcGetCUBINSize = [](void *program, size_t *bytes) {
        *bytes = sizeof image_mark + static_cast<std::string *>(program)->size();
        return 0;
    };
    calls.nvrtcGetCUBIN = [](void *program, char *binary) {
        auto source = static_cast<std::string *>(program);
        memcpy(binary, image_mark, sizeof image_mark);
        memcpy(binary + sizeof image_mark, source->data(), source->size());
        return 0;
    };
    calls.nvrtcGetPTXSize = [](void *, size_t *bytes) { return *bytes = 4, 0; };
    calls.nvrtcGetPTX = [](void *, char *text) { return memcpy(text, "ptx", 4), 0; };
    calls.nvrtcDestroyProgram = [](void **program) {
        delete static_cast<std::string *>(*program);
        return 0;
    };
    calls.nvrtcGetErrorString = [](int) { return "NVRTC_ERROR"; };
    calls.cuModuleLoadDataEx = [](void **module, const void *image, unsigned, int *, void **) {
        if (memcmp(image, image_mark, sizeof image_mark)) return 200;
        *module = new int;
        return 0;
    };
    calls.cuModuleUnload = [](void *module) {
        delete static_cast<int *>(module);
        return 0;
    };
    calls.cuModuleGetFunction = [](void **function, void *, const char *name) {
        *function = const_cast<Kernel *>(kernel_named(name));
        return *function ? 0 : 500;
    };
    calls.cuLaunchKernel = [](void *function, unsigned blocks, unsigned, unsigned, unsigned threads, unsigned, unsigned,
                              unsigned, void *stream, void **parameters, void **) {
        LOCKED;
        // Parameters are taken when the kernel is launched.
        machine.log += 'K';
        auto kernel = static_cast<const Kernel *>(function);
        auto first = static_cast<const char *>(parameters[0]);
        return machine.enqueue(stream, [=, copy = std::vector<char>(first, first + kernel->bytes)] {
            run_kernel(kernel, copy.data(), blocks, threads);
        });
    };
}

struct cuda_calls stand_in_calls(int with_cudnn) {
    cuda_calls calls{};
    calls.cuInit = [](unsigned) { return 0; };
    calls.cuDriverGetVersion = [](int *version) { return *version = 12000, 0; };
    calls.cuGetErrorName = fail_name;
    calls.cuGetErrorString = fail_name;
    calls.cuDeviceGetCount = [](int *count) { return *count = 1, 0; };
    calls.cuDeviceGet = [](int *device, int) { return *device = 0, 0; };
    calls.cuDeviceGetName = [](char *name, int length, int) {
        strncpy(name, "Stand-in", length);
        return 0;
    };
    // A small card, so that threads take several elements.
    calls.cuDeviceGetAttribute = [](int *value, int attribute, int) {
        int capability = own_machine().capability;
        *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 2;
        return 0;
    };
    calls.cuDeviceTotalMem_v2 = [](size_t *bytes, int) { return *bytes = own_machine().limit, 0; };
    // CU_CTX_SCHED_BLOCKING_SYNC
    calls.cuDevicePrimaryCtxSetFlags_v2 = [](int, unsigned flags) { return flags == 4 ? 0 : 1; };
    calls.cuDevicePrimaryCtxRetain = [](void **context, int) { return *context = &own_machine(), 0; };
    calls.cuDevicePrimaryCtxRelease_v2 = [](int) { return 0; };
    calls.cuCtxSetCurrent = [](void *context) { return current = static_cast<Machine *>(context), 0; };
    fill_memory(calls);
    fill_streams(calls);
    fill_programs(calls);
    fill_cublas(calls);
    if (with_cudnn) fill_cudnn(calls);
    return calls;
}

thread_local Machine *own = nullptr;

Machine &own_machine() {
    if (!own) own = new Machine;
    return *own;
}

void stand_in_begin(void) { own = new Machine; }
void stand_in_end(void) { own = nullptr; }
void stand_in_set_memory(size_t bytes) { own->limit = bytes; }
void stand_in_fail(int after, int error) { own->fails_after = after, own->fails_with = error; }
void stand_in_set_product_error(float factor) { own->product_error = factor; }
void stand_in_set_capability(int capability) { own->capability = capability; }
void stand_in_set_truncation(int truncates) { own->truncates = truncates; }
void stand_in_set_unsupported(int unsupported) { own->unsupported = unsupported; }
void stand_in_set_strict(int strict) { own->set_strict(strict); }
int stand_in_compilations(void) { return own->compilations; }
int stand_in_refusals(void) { return own->refusals; }
int stand_in_pinnings(void) { return own->pinnings; }
const char *stand_in_log(void) {
    static thread_local std::string told;
    told = own->log;
    own->log.clear();
    return told.c_str();
}
int stand_in_allocations(void) { return static_cast<int>(own->memory.size()); }
unsigned stand_in_seed(void) {
    static const char *stated = getenv("GRADCAM_STAND_IN_SEED");
    static const unsigned seed = stated ? static_cast<unsigned>(strtoul(stated, nullptr, 10)) : 7;
    return seed;
}
int stand_in_breaches(const char **last) {
    *last = last_breach.c_str();
    return breaches;
}
