import CCUDA
import Network

/// Work for a card, done in the order in which it is put there, by one caller.
final class Stream {
    let card: Card
    let pool: Pool
    let handle: UnsafeMutableRawPointer?
    /// Of cuBLAS, and of cuDNN where it is there; both work on this stream.
    private(set) var cublas, cudnn: UnsafeMutableRawPointer?
    /// cuDNN's of the convolutions that came by; none where it has none.
    var forms: [ConvolutionForm.Key: ConvolutionForm?] = [:]
    /// What goes to the card and comes from it passes through here.
    private var staging: PinnedMemory?
    private static let stagingFloats = 4 << 20

    /// - Parameter computes: whether there are products on it.
    init(_ card: Card, roundsSizes: Bool = true, computes: Bool = true) throws(NetworkError) {
        (self.card, pool) = (card, Pool(card, rounds: roundsSizes))
        try card.enter()
        var made: UnsafeMutableRawPointer?
        // CU_STREAM_NON_BLOCKING
        try card.check(card.calls.cuStreamCreate(&made, 1), "cuStreamCreate")
        handle = made
        guard computes else { return }
        let calls = card.calls
        try card.check(calls.cublasCreate_v2(&cublas), of: cuda_library_cublas, "cublasCreate")
        try card.check(calls.cublasSetStream_v2(cublas, made), of: cuda_library_cublas, "cublasSetStream")
        // CUBLAS_PEDANTIC_MATH: float32 without TF32.
        try card.check(calls.cublasSetMathMode(cublas, 2), of: cuda_library_cublas, "cublasSetMathMode")
        guard card.hasCUDNN else { return }
        try card.check(calls.cudnnCreate(&cudnn), of: cuda_library_cudnn, "cudnnCreate")
        try card.check(calls.cudnnSetStream(cudnn, made), of: cuda_library_cudnn, "cudnnSetStream")
    }

    deinit {
        try? card.enter()
        _ = card.calls.cuStreamSynchronize(handle)
        if cudnn != nil { _ = card.calls.cudnnDestroy(cudnn) }
        if cublas != nil { _ = card.calls.cublasDestroy_v2(cublas) }
        _ = card.calls.cuStreamDestroy_v2(handle)
    }

    /// Waits until all is done.
    func wait() throws(NetworkError) {
        try card.check(card.calls.cuStreamSynchronize(handle), "cuStreamSynchronize")
    }

    func launch<Parameters>(_ parameters: Parameters) throws(NetworkError) {
        try card.launch(parameters, on: handle)
    }

    /// Memory for so many numbers that are all zero.
    func zeros(_ count: Int) throws(NetworkError) -> Buffer {
        let buffer = try pool.take(count)
        try clear(buffer.address, count)
        return buffer
    }

    func clear(_ address: UInt64, _ count: Int) throws(NetworkError) {
        guard count > 0 else { return }
        try card.check(card.calls.cuMemsetD32Async(address, 0, count, handle), "cuMemsetD32Async")
    }

    func copy(_ from: UInt64, to: UInt64, _ count: Int) throws(NetworkError) {
        guard count > 0 else { return }
        try card.check(card.calls.cuMemcpyDtoDAsync_v2(to, from, count * 4, handle), "cuMemcpyDtoDAsync")
    }

    // MARK: To the card and from it

    /// Puts numbers, or other words of four bytes, into the card's memory.
    func upload<Word>(_ words: UnsafeBufferPointer<Word>, to address: UInt64) throws(NetworkError) {
        precondition(MemoryLayout<Word>.size == 4, "words of four bytes")
        try inPieces(words.count) { memory, range throws(NetworkError) in
            memory.update(
                from: UnsafeRawPointer(words.baseAddress! + range.lowerBound).assumingMemoryBound(to: Float.self),
                count: range.count)
            let place = address + UInt64(range.lowerBound * 4)
            try card.check(
                card.calls.cuMemcpyHtoDAsync_v2(place, memory, range.count * 4, handle), "cuMemcpyHtoDAsync")
            try wait()
        }
    }

    func upload(_ numbers: [Float], to address: UInt64) throws(NetworkError) {
        let copied = numbers.withUnsafeBufferPointer { numbers in
            Result { () throws(NetworkError) in try upload(numbers, to: address) }
        }
        try copied.get()
    }

    /// Waits for what is on the stream and gives numbers of the card's memory.
    func download(_ address: UInt64, _ count: Int) throws(NetworkError) -> [Float] {
        var numbers: [Float] = []
        numbers.reserveCapacity(count)
        try inPieces(count) { memory, range throws(NetworkError) in
            let place = address + UInt64(range.lowerBound * 4)
            try card.check(
                card.calls.cuMemcpyDtoHAsync_v2(memory, place, range.count * 4, handle), "cuMemcpyDtoHAsync")
            try wait()
            numbers.append(contentsOf: UnsafeBufferPointer(start: memory, count: range.count))
        }
        return numbers
    }

    private func inPieces(
        _ count: Int, _ body: (UnsafeMutablePointer<Float>, Range<Int>) throws(NetworkError) -> Void
    ) throws(NetworkError) {
        try card.enter()
        for first in stride(from: 0, to: count, by: Self.stagingFloats) {
            let range = first..<min(first + Self.stagingFloats, count)
            if staging.map({ $0.count < range.count }) ?? true {
                staging = try PinnedMemory(max(range.count, 1 << 16), card)
            }
            try body(staging!.base, range)
        }
    }
}

/// A point in a stream's work, which others wait for.
final class Event {
    private let card: Card
    let handle: UnsafeMutableRawPointer?

    init(_ card: Card) throws(NetworkError) {
        self.card = card
        var made: UnsafeMutableRawPointer?
        // CU_EVENT_DISABLE_TIMING
        try card.check(card.calls.cuEventCreate(&made, 2), "cuEventCreate")
        handle = made
    }

    deinit {
        try? card.enter()
        _ = card.calls.cuEventDestroy_v2(handle)
    }

    /// The point is after all that is on the stream now.
    func record(on stream: Stream) throws(NetworkError) {
        try card.check(card.calls.cuEventRecord(handle, stream.handle), "cuEventRecord")
    }

    /// What comes on the stream from now on waits for it.
    func hold(_ stream: Stream) throws(NetworkError) {
        try card.check(card.calls.cuStreamWaitEvent(stream.handle, handle, 0), "cuStreamWaitEvent")
    }

    /// The caller waits for it.
    func wait() throws(NetworkError) { try card.check(card.calls.cuEventSynchronize(handle), "cuEventSynchronize") }
}
