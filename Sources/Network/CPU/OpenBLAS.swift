import CKernels
import COpenBLAS
import Synchronization

/// OpenBLAS on one thread while this package computes: work is split here, and OpenBLAS's threads would spin beside
/// ours.
///
/// OpenBLAS has one number of threads for the whole process (its `openblas_set_num_threads_local` sets the same one).
/// What is guaranteed to a host that uses OpenBLAS too: its number is as it left it, and its threads are untouched,
/// whenever no call of this package is under way. Not guaranteed: its own products run on one thread while a call is
/// under way in another thread, and a number that it sets meanwhile is lost.
package enum OpenBLAS {
    private struct Calls {
        var underWay = 0
        /// The host's number of threads while calls are under way.
        var threads: Int32 = 1
    }
    private static let calls = Mutex(Calls())

    /// Calls are counted: the first sets the number of threads, the last sets it back, in whatever threads they are.
    package static func onOneThread<R, E>(_ body: () throws(E) -> R) throws(E) -> R {
        calls.withLock { calls in
            if calls.underWay == 0 {
                calls.threads = openblas_get_num_threads()
                // Setting it starts OpenBLAS's threads where they were ended, whatever the number.
                if calls.threads > 1 { openblas_set_num_threads(1) }
            }
            calls.underWay += 1
        }
        defer {
            calls.withLock { calls in
                calls.underWay -= 1
                if calls.underWay == 0, calls.threads > 1 { openblas_set_num_threads(calls.threads) }
            }
        }
        return try body()
    }

    /// More at a time end the process.
    package static let mostThreads = 64

    /// How many of so many threads OpenBLAS gets its memory for, 128 MB of address space each, which it takes now. For a
    /// program before it computes, as products wait for ever where the system refuses that memory later.
    ///
    /// - Returns: for how many there is such memory, `mostThreads` at the most.
    package static func reserve(threads: Int) -> Int { gradcam_reserve_blas_buffers(threads) }
}
