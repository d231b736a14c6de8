import CPlatform
import Testing

@testable import Platform

struct MachineTests {
    @Test func thereIsAProcessorAndMemory() {
        #expect((1...sysconf(Int32(_SC_NPROCESSORS_CONF))).contains(processorCount()))
        #expect((1 << 20...sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))).contains(usableMemory()))
    }

    #if os(Linux)
    /// A thread that may run on one processor alone counts one, and stays there.
    @Test func theAffinityMaskCounts() {
        nonisolated(unsafe) var (count, stays) = (0, false)
        let thread = SystemThread {
            let processor = current_processor()
            bind(to: Int(processor))
            count = processorCount()
            leave_processor(processor)
            stays = current_processor() == processor
        }
        thread!.join()
        #expect(count == 1)
        #expect(stays)
    }

    private func bind(to processor: Int) {
        var mask = [UInt](repeating: 0, count: 1024 / UInt.bitWidth)
        mask[processor / UInt.bitWidth] = 1 << UInt(processor % UInt.bitWidth)
        #expect(sched_setaffinity(0, mask.count * MemoryLayout<UInt>.stride, mask) == 0)
    }
    #endif
}

#if os(Linux)
@_silgen_name("sched_setaffinity")
private func sched_setaffinity(_ thread: Int32, _ bytes: Int, _ mask: UnsafePointer<UInt>) -> Int32
#endif
