import CCUDA
import Network
import Platform
import Synchronization

/// One GPU: its context, its kernels, and every call of NVIDIA's libraries, each with its result looked at.
package final class Card: @unchecked Sendable {
    package let libraries: Libraries
    /// As its maker calls it.
    package let name: String
    /// Its compute capability, 86 for 8.6, and the version of CUDA that the driver runs, 12040 for 12.4.
    package let architecture, driverVersion: Int
    /// Bytes of its memory.
    package let memory: Int
    /// Threads that it runs at a time, about: a launch starts no more blocks than fill it some times over.
    private let mostBlocks: Int
    private let device: Int32
    private let context: UnsafeMutableRawPointer?
    private let module = Mutex<Module>(Module())
    let cache: KernelCache
    /// Those of its memory.
    let pools = Mutex<[PoolOfCard]>([])

    private struct Module {
        nonisolated(unsafe) var handle: UnsafeMutableRawPointer?
        /// By the type of their parameters.
        nonisolated(unsafe) var functions: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]
    }

    var calls: cuda_calls { libraries.calls }
    /// What it multiplies.
    var precisions: [Precision] { architecture >= 80 ? CUDA.precisions : [.float32] }
    /// Whether convolutions are cuDNN's, and why each one that was found is not taken.
    package private(set) var hasCUDNN: Bool, passedOver: [String]

    /// Opens the first card that the driver shows (`CUDA_VISIBLE_DEVICES` chooses).
    ///
    /// - Parameter cache: where compiled kernels are kept.
    package init(_ libraries: Libraries, cache: KernelCache = KernelCache()) throws(NetworkError) {
        (self.libraries, self.cache) = (libraries, cache)
        (hasCUDNN, passedOver) = (libraries.calls.cudnnCreate != nil, libraries.passedOver)
        let calls = libraries.calls
        try Self.check(calls.cuInit(0), "cuInit", calls)
        var count: Int32 = 0
        try Self.check(calls.cuDeviceGetCount(&count), "cuDeviceGetCount", calls)
        guard count > 0 else {
            throw .device(
                CUDA.title, .missing, reason: "the driver shows no card: see nvidia-smi, CUDA_VISIBLE_DEVICES")
        }
        var device: Int32 = 0, version: Int32 = 0, bytes = 0
        try Self.check(calls.cuDeviceGet(&device, 0), "cuDeviceGet", calls)
        try Self.check(calls.cuDriverGetVersion(&version), "cuDriverGetVersion", calls)
        try Self.check(calls.cuDeviceTotalMem_v2(&bytes, device), "cuDeviceTotalMem", calls)
        var letters = [CChar](repeating: 0, count: 256)
        try Self.check(calls.cuDeviceGetName(&letters, 255, device), "cuDeviceGetName", calls)
        var numbers: [Int32] = []
        // Compute capability, major and minor, and how many multiprocessors there are.
        for attribute: Int32 in [75, 76, 16] {
            var value: Int32 = 0
            try Self.check(calls.cuDeviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute", calls)
            numbers.append(value)
        }
        // CU_CTX_SCHED_BLOCKING_SYNC: who waits sleeps. A context that was there before stays as it is.
        let status = calls.cuDevicePrimaryCtxSetFlags_v2(device, 4)
        // PRIMARY_CONTEXT_ACTIVE
        if status != 708 { try Self.check(status, "cuDevicePrimaryCtxSetFlags", calls) }
        var context: UnsafeMutableRawPointer?
        try Self.check(calls.cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain", calls)
        (self.device, self.context, memory, driverVersion) = (device, context, bytes, Int(version))
        name = String(decoding: letters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        architecture = Int(numbers[0] * 10 + numbers[1])
        mostBlocks = max(1, Int(numbers[2])) * 32
    }

    deinit {
        try? enter()
        module.withLock { if let handle = $0.handle { _ = calls.cuModuleUnload(handle) } }
        _ = calls.cuDevicePrimaryCtxRelease_v2(device)
    }

    /// Makes the card that of the calling thread.
    func enter() throws(NetworkError) { try check(calls.cuCtxSetCurrent(context), "cuCtxSetCurrent") }

    /// Bytes of its memory that are free.
    package func free() throws(NetworkError) -> Int {
        var free = 0, total = 0
        try enter()
        try check(calls.cuMemGetInfo_v2(&free, &total), "cuMemGetInfo")
        return free
    }

    // MARK: Kernels

    /// Threads of a block.
    private static let blockSize = 256

    /// Runs the kernel that has the parameters' name, in as many threads as their first number, `count`, says, or fewer
    /// that take more than one element each.
    func launch<Parameters>(_ parameters: Parameters, on stream: UnsafeMutableRawPointer?) throws(NetworkError) {
        let count = withUnsafeBytes(of: parameters) { $0.load(as: Int64.self) }
        guard count > 0 else { return }
        let function = try function(of: Parameters.self)
        let blocks = min((Int(count) + Self.blockSize - 1) / Self.blockSize, mostBlocks)
        var parameters = parameters
        let status = withUnsafeMutablePointer(to: &parameters) { pointer in
            var arguments: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(pointer)
            return calls.cuLaunchKernel(
                function, UInt32(blocks), 1, 1, UInt32(Self.blockSize), 1, 1, 0, stream, &arguments, nil)
        }
        try check(status, "cuLaunchKernel of \(Parameters.self)")
    }

    /// Loads the kernels and makes what a stream needs of the libraries once, so that a card that cannot be used is told
    /// before anything is computed. A cuDNN that cannot be used, as one for newer cards alone, is left out. To be called
    /// before others know the card.
    func prepare() throws(NetworkError) {
        try enter()
        _ = try function(of: copy_elements.self)
        do throws(NetworkError) {
            _ = try Stream(self)
        } catch {
            guard hasCUDNN, case .device(_, .failed, let reason) = error else { throw error }
            hasCUDNN = false
            _ = try Stream(self)
            passedOver.append("\(libraries.paths[cuda_library_cudnn.title] ?? "cuDNN"): \(reason)")
        }
    }

    private func function(of parameters: Any.Type) throws(NetworkError) -> UnsafeMutableRawPointer {
        let key = ObjectIdentifier(parameters)
        let found = module.withLock { module -> Result<UnsafeMutableRawPointer, NetworkError> in
            if let known = module.functions[key] { return .success(known) }
            do throws(NetworkError) {
                if module.handle == nil { module.handle = try loadKernels() }
                let name = String(describing: parameters)
                var function: UnsafeMutableRawPointer?
                try check(calls.cuModuleGetFunction(&function, module.handle, name), "cuModuleGetFunction of \(name)")
                module.functions[key] = function
                return .success(function!)
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    private func loadKernels() throws(NetworkError) -> UnsafeMutableRawPointer? {
        let key = try KernelSource.key(self)
        func load(_ binary: [UInt8]) -> (status: Int32, module: UnsafeMutableRawPointer?) {
            var module: UnsafeMutableRawPointer?
            return (binary.withUnsafeBytes { calls.cuModuleLoadDataEx(&module, $0.baseAddress, 0, nil, nil) }, module)
        }
        // What the cache holds may be damaged: then it is made again.
        if let cached = cache.load(key) {
            let (status, module) = load(cached)
            if status == 0 { return module }
        }
        let binary = try KernelSource.compile(for: architecture, calls).binary
        let (status, module) = load(binary)
        try check(status, "cuModuleLoadDataEx")
        cache.store(binary, key)
        return module
    }

    // MARK: Results

    /// - Parameter call: what was called, as messages name it.
    func check(_ status: Int32, _ call: @autoclosure () -> String) throws(NetworkError) {
        if status != 0 { try Self.check(status, call(), calls) }
    }

    private static func check(_ status: Int32, _ call: String, _ calls: cuda_calls) throws(NetworkError) {
        guard status != 0 else { return }
        var letters: UnsafePointer<CChar>?
        _ = calls.cuGetErrorName(status, &letters)
        let error = letters.map { String(cString: $0) } ?? "error \(status)"
        switch status {
        // OUT_OF_MEMORY
        case 2:
            throw .device(
                CUDA.title, .memory,
                reason: "the card has not enough memory (\(call)): give a smaller input, or end what else runs on it")
        // NO_DEVICE, DEVICE_UNAVAILABLE, SYSTEM_NOT_READY, SYSTEM_DRIVER_MISMATCH, COMPAT_NOT_SUPPORTED, UNKNOWN
        case 100, 46, 802, 803, 804, 999:
            throw .device(
                CUDA.title, .missing, reason: "\(Wording(call)): \(error): see what nvidia-smi says of card and driver")
        // ECC, ILLEGAL_ADDRESS, LAUNCH_TIMEOUT, HARDWARE_STACK_ERROR ... LAUNCH_FAILED, CONTEXT_IS_DESTROYED
        case 214, 700, 702, 709, 714...719, 721:
            throw .device(
                CUDA.title, .lost,
                reason:
                    "the card is lost to this process (\(Wording(call)): \(error)); nvidia-smi and the system's log tell more"
            )
        default:
            throw .device(CUDA.title, .failed, reason: "\(Wording(call)) failed: \(error)")
        }
    }

    /// As the library's own pages call a status.
    private func statusName(_ status: Int32, of library: cuda_library) -> String {
        guard library == cuda_library_cublas else {
            return calls.cudnnGetErrorString(status).map { String(cString: $0) } ?? "status \(Int(status))"
        }
        let names: [Int32: String] = [
            1: "NOT_INITIALIZED", 3: "ALLOC_FAILED", 7: "INVALID_VALUE", 8: "ARCH_MISMATCH", 11: "MAPPING_ERROR",
            13: "EXECUTION_FAILED", 14: "INTERNAL_ERROR", 15: "NOT_SUPPORTED", 16: "LICENSE_ERROR",
        ]
        return names[status].map { "CUBLAS_STATUS_" + $0 } ?? "status \(Int(status))"
    }

    /// Bytes with less of which cuBLAS and cuDNN cannot be expected to work.
    private static let leastFree = 32 << 20

    /// Of a library whose errors are numbers of its own.
    func check(_ status: Int32, of library: cuda_library, _ call: @autoclosure () -> String) throws(NetworkError) {
        guard status != 0 else { return }
        // Where the card is lost, the driver says so at any call.
        var free = 0, total = 0
        try check(calls.cuMemGetInfo_v2(&free, &total), call())
        if free < Self.leastFree { emptyPools() }
        // ALLOC_FAILED of cuBLAS and of cuDNN 8; HOST_ and DEVICE_ALLOCATION_FAILED of cuDNN 9. On a card that is full
        // the libraries also fail to begin, or to load their kernels, without saying why.
        let isMemory =
            free < Self.leastFree || (library == cuda_library_cublas ? status == 3 : [2, 4003, 4004].contains(status))
        throw .device(
            CUDA.title, isMemory ? .memory : .failed,
            reason: "\(library.title)'s \(call()) failed: \(statusName(status, of: library))"
                + (isMemory ? ", the card has not enough memory" : ""))
    }
}
