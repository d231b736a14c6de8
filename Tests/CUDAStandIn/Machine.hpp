#pragma once
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "CUDAStandIn.h"

/// The card that is not there: its memory, and what is to be done on it.
struct Machine {
    struct Event {
        long wanted = 0, done = 0;
    };
    struct Task {
        std::function<void()> body;
        /// What it waits for.
        Event *event = nullptr;
        long wanted = 0;
    };
    struct Stream {
        std::deque<Task> tasks;
    };
    struct Block {
        char *pages;
        size_t bytes, length;
    };

    std::recursive_mutex lock;
    std::map<unsigned long long, Block> memory;
    std::map<const char *, size_t> pinned;
    std::vector<Stream *> streams;
    std::minstd_rand chance{stand_in_seed()};
    size_t held = 0, limit = size_t(1) << 36;
    int fails_after = -1, fails_with = 0, lost = 0, compilations = 0;
    /// Allocations that were refused, and those of pinned memory that were made.
    int refusals = 0, pinnings = 0;
    /// A letter for every call of some kinds: see `stand_in_log`.
    std::string log;
    float product_error = 0;
    bool strict = false, unsupported = false;
    /// How tensor cores take and add numbers: see `stand_in_set_truncation`.
    bool truncates = false;
    /// 86 for 8.6.
    int capability = 86;

    void set_strict(bool strict);
    int allocate(unsigned long long *address, size_t bytes);
    int release(unsigned long long address);
    /// Whether bytes from an address on are the card's; tells a breach where not.
    bool owns(unsigned long long address, size_t bytes, const char *what);
    bool owns_host(const void *address, size_t bytes, const char *what);
    void breach(const std::string &what);

    /// Puts something on a stream; what it returns is the call's status.
    int enqueue(void *stream, std::function<void()> body);
    /// Runs tasks, in any order that is allowed, until a stream is empty, or an event has come (null: all streams).
    int run(Stream *stream, Event *event = nullptr);

private:
    void check_borders();
    void protect(int rights);
};

/// The calling thread's context.
extern thread_local Machine *current;
/// Whether the calling thread has waited for all work since it last put some on a stream.
extern thread_local bool has_waited;
/// Of all machines.
extern std::atomic<int> breaches;
extern std::string last_breach;

/// The machine that cards made by this thread are.
Machine &own_machine();

/// What a call begins with: it needs a context, and no other works on that at the same time.
#define LOCKED \
    if (!current) return 201; \
    Machine &machine = *current; \
    std::lock_guard<std::recursive_mutex> guard(machine.lock)
