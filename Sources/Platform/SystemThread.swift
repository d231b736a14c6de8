import Synchronization

/// A thread of the system's.
package struct SystemThread: @unchecked Sendable {
    /// Whether the system ever had none left for this process.
    package static var wasRefused: Bool { refused.load(ordering: .relaxed) }
    private static let refused = Atomic(false)

    #if os(Linux)
    private var handle = pthread_t()
    #else
    private var handle: pthread_t!
    #endif

    /// Starts a thread that does some work and ends with it; nil where the system has none left.
    package init?(_ work: @escaping @Sendable () -> Void) {
        final class Box {
            let work: @Sendable () -> Void
            init(_ work: @escaping @Sendable () -> Void) { self.work = work }
        }
        let box = Unmanaged.passRetained(Box(work))
        let fault = pthread_create(
            &handle, nil,
            { argument in
                let argument: UnsafeMutableRawPointer? = argument
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        guard fault == 0 else {
            box.release()
            Self.refused.store(true, ordering: .relaxed)
            return nil
        }
    }

    /// Waits until the work is done; to be called once.
    package func join() { pthread_join(handle, nil) }
}
