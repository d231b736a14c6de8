#include "Machine.hpp"

#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

thread_local Machine *current = nullptr;
thread_local bool has_waited = true;
std::atomic<int> breaches = 0;
std::string last_breach;

static const size_t page = sysconf(_SC_PAGESIZE);
static const unsigned char mark = 0xA5;

void Machine::breach(const std::string &what) {
    static std::mutex telling;
    std::lock_guard<std::mutex> guard(telling);
    breaches++;
    last_breach = what;
}

int Machine::allocate(unsigned long long *address, size_t bytes) {
    if (bytes == 0) return 1;
    if (held + bytes > limit) return refusals++, 2;
    // At least one marked byte before, and a page after that nothing may touch.
    size_t length = (bytes + page) / page * page;
    void *pages = mmap(nullptr, length + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return 2;
    auto base = static_cast<char *>(pages);
    mprotect(base + length, page, PROT_NONE);
    memset(base, mark, length - bytes);
    // No number.
    memset(base + length - bytes, 0xFF, bytes);
    *address = reinterpret_cast<unsigned long long>(base + length - bytes);
    memory[*address] = {base, bytes, length};
    held += bytes;
    if (strict) mprotect(base, length, PROT_NONE);
    return 0;
}

static bool is_whole(const Machine::Block &block) {
    auto marks = reinterpret_cast<const unsigned char *>(block.pages);
    for (size_t i = 0; i < block.length - block.bytes; i++)
        if (marks[i] != mark) return false;
    return true;
}

int Machine::release(unsigned long long address) {
    // A card need not wait for what is running before it frees. What others put there since is of other memory.
    for (auto stream : streams)
        if (!has_waited && !stream->tasks.empty()) breach("memory is freed before all work is done");
    run(nullptr);
    auto found = memory.find(address);
    if (found == memory.end()) {
        breach("memory is freed that is not held");
        return 1;
    }
    if (strict) mprotect(found->second.pages, found->second.length, PROT_READ | PROT_WRITE);
    if (!is_whole(found->second)) breach("something is written before its memory");
    held -= found->second.bytes;
    munmap(found->second.pages, found->second.length + page);
    memory.erase(found);
    return 0;
}

bool Machine::owns(unsigned long long address, size_t bytes, const char *what) {
    auto found = memory.upper_bound(address);
    if (found != memory.begin()) {
        --found;
        if (address + bytes <= found->first + found->second.bytes) return true;
    }
    breach(std::string(what) + ": not the card's memory");
    return false;
}

bool Machine::owns_host(const void *address, size_t bytes, const char *what) {
    auto start = static_cast<const char *>(address);
    auto found = pinned.upper_bound(start);
    if (found != pinned.begin()) {
        --found;
        if (start + bytes <= found->first + found->second) return true;
    }
    breach(std::string(what) + ": not pinned memory");
    return false;
}

int Machine::enqueue(void *stream, std::function<void()> body) {
    if (lost) return lost;
    if (fails_after >= 0 && fails_after-- == 0) {
        if (fails_with >= 700 || fails_with == 214) lost = fails_with;
        return fails_with;
    }
    if (!stream) {
        breach("work is put on no stream");
        return 1;
    }
    static_cast<Stream *>(stream)->tasks.push_back({std::move(body)});
    has_waited = false;
    return 0;
}

void Machine::protect(int rights) {
    for (auto &entry : memory) mprotect(entry.second.pages, entry.second.length, rights);
}

void Machine::set_strict(bool wanted) {
    if (strict && !wanted) protect(PROT_READ | PROT_WRITE);
    if (!strict && wanted) protect(PROT_NONE);
    strict = wanted;
}

int Machine::run(Stream *stream, Event *event) {
    if (lost) return lost;
    auto is_done = [&] {
        if (event) return event->done >= event->wanted;
        if (stream) return stream->tasks.empty();
        for (auto other : streams)
            if (!other->tasks.empty()) return false;
        return true;
    };
    if (is_done()) return 0;
    if (strict) protect(PROT_READ | PROT_WRITE);
    while (!is_done()) {
        std::vector<Stream *> ready;
        for (auto other : streams) {
            if (other->tasks.empty()) continue;
            auto &task = other->tasks.front();
            if (!task.event || task.event->done >= task.wanted) ready.push_back(other);
        }
        if (ready.empty()) {
            breach("streams wait for one another");
            return 999;
        }
        auto next = ready[chance() % ready.size()];
        auto task = std::move(next->tasks.front());
        next->tasks.pop_front();
        if (task.body) task.body();
    }
    check_borders();
    if (strict) protect(PROT_NONE);
    return 0;
}

void Machine::check_borders() {
    for (auto &entry : memory)
        if (!is_whole(entry.second)) breach("something is written before its memory");
}
