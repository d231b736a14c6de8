import Platform
import Synchronization
import Testing

@testable import Network

#if os(Linux)
/// Threads are made for work and end with their pool. What a thread is called tells whether it still is: its folder
/// under /proc is there as long as it lives.
struct ThreadLifeTests {
    @Test func threadsComeWithWorkAndEndWithTheirPool() {
        let made = Mutex<Set<String>>([])
        do {
            let threads = Threads(count: 4)
            threads.each(1) { _ in made.withLock { _ = $0.insert(ownFolder()) } }
            made.withLock { #expect($0 == [ownFolder()]) }
            let arrived = Atomic(0)
            threads.each(4) { _ in
                arrived.add(1, ordering: .relaxed)
                while arrived.load(ordering: .relaxed) < 4 { sched_yield() }
                made.withLock { _ = $0.insert(ownFolder()) }
            }
            made.withLock { folders in
                #expect(folders.count == 4)
                #expect(folders.allSatisfy { access($0, F_OK) == 0 })
            }
        }
        made.withLock { folders in
            folders.remove(ownFolder())
            #expect(folders.count == 3)
            // Who waits for a thread goes on a moment before the kernel takes its folder away.
            for _ in 0..<10_000 where folders.contains(where: { access($0, F_OK) == 0 }) { usleep(1000) }
            #expect(folders.allSatisfy { access($0, F_OK) != 0 })
        }
    }

    @Test func aPoolThatIsAsleepEndsToo() {
        for _ in 0..<20 {
            let threads = Threads(count: 3)
            threads.each(3) { _ in }
            usleep(20_000)
        }
    }

    private func ownFolder() -> String {
        var name = [UInt8](repeating: 0, count: 100)
        let length = name.withUnsafeMutableBytes { readlink("/proc/thread-self", $0.baseAddress!, $0.count) }
        return "/proc/" + String(decoding: name.prefix(max(length, 0)), as: UTF8.self)
    }
}
#endif
