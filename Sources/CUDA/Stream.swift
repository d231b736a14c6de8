import CCUDA
import Network

/// Work for a card, done in the order in which it is put there, by one caller.
final class Stream {
    let card: Card
    let pool: Pool
    let handle: UnsafeMutableRawPointer?
    /// What products and convolutions multiply.
    let precision: Precision
    /// Of cuBLAS, and of cuDNN where it is there; both work on this stream.
    private(set) var cublas, cudnn: UnsafeMutableRawPointer?
    /// cuDNN's of the convolutions that came by; none where it has none.
    var forms: [ConvolutionForm.Key: ConvolutionForm?] = [:]
    /// What cuDNN's convolutions are not computed by any more.
    var left: Set<LeftAlgorithm> = []
    /// What goes to the card and comes from it passes through these, by turns.
    private var stages: [Stage] = []
    private var turn = 0
    private static let stageFloats = 4 << 20
    /// What passes over many images go through, kept from one time to the next.
    private var kept: PassSlots?

    /// - Parameter computes: whether there are products on it.
    init(
        _ card: Card, roundsSizes: Bool = true, computes: Bool = true, precision: Precision = .float32
    ) throws(NetworkError) {
        (self.card, pool, self.precision) = (card, Pool(card, rounds: roundsSizes), precision)
        try card.enter()
        var made: UnsafeMutableRawPointer?
        // CU_STREAM_NON_BLOCKING
        try card.check(card.calls.cuStreamCreate(&made, 1), "cuStreamCreate")
        handle = made
        guard computes else { return }
        let calls = card.calls
        try card.check(calls.cublasCreate_v2(&cublas), of: cuda_library_cublas, "cublasCreate")
        try card.check(calls.cublasSetStream_v2(cublas, made), of: cuda_library_cublas, "cublasSetStream")
        // CUBLAS_TF32_TENSOR_OP_MATH, and CUBLAS_PEDANTIC_MATH: float32 without TF32.
        let math: Int32 = precision == .tf32 ? 3 : 2
        try card.check(calls.cublasSetMathMode(cublas, math), of: cuda_library_cublas, "cublasSetMathMode")
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
        for stage in stages { stage.isUsed = false }
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

    /// For passes over many images on this stream.
    func slots() throws(NetworkError) -> PassSlots {
        if let kept { return kept }
        let slots = try PassSlots(card)
        kept = slots
        return slots
    }

    // MARK: To the card and from it

    /// Host memory that the card reads and writes, and the point after which it has.
    private final class Stage {
        var memory: PinnedMemory
        let done: Event
        var isUsed = false

        init(_ memory: PinnedMemory, _ done: Event) { (self.memory, self.done) = (memory, done) }
    }

    /// Has numbers, or other words of four bytes, put into the card's memory, before what comes on the stream after it.
    /// The caller does not wait.
    func upload<Word>(_ words: UnsafeBufferPointer<Word>, to address: UInt64) throws(NetworkError) {
        precondition(MemoryLayout<Word>.size == 4, "words of four bytes")
        try inPieces(words.count) { stage, range throws(NetworkError) in
            stage.memory.base.update(
                from: UnsafeRawPointer(words.baseAddress! + range.lowerBound).assumingMemoryBound(to: Float.self),
                count: range.count)
            let place = address + UInt64(range.lowerBound * 4)
            try card.check(
                card.calls.cuMemcpyHtoDAsync_v2(place, stage.memory.base, range.count * 4, handle), "cuMemcpyHtoDAsync")
            try stage.done.record(on: self)
            stage.isUsed = true
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
        try inPieces(count) { stage, range throws(NetworkError) in
            let place = address + UInt64(range.lowerBound * 4)
            try card.check(
                card.calls.cuMemcpyDtoHAsync_v2(stage.memory.base, place, range.count * 4, handle), "cuMemcpyDtoHAsync")
            try wait()
            numbers.append(contentsOf: UnsafeBufferPointer(start: stage.memory.base, count: range.count))
        }
        return numbers
    }

    /// Calls `body` with a stage that the card no longer uses, for every piece.
    private func inPieces(
        _ count: Int, _ body: (Stage, Range<Int>) throws(NetworkError) -> Void
    ) throws(NetworkError) {
        try card.enter()
        for first in stride(from: 0, to: count, by: Self.stageFloats) {
            let range = first..<min(first + Self.stageFloats, count)
            try body(try stage(range.count), range)
        }
    }

    private func stage(_ count: Int) throws(NetworkError) -> Stage {
        let least = max(count, 1 << 16)
        if stages.count < 2 {
            stages.append(Stage(try PinnedMemory(least, card), try Event(card)))
            return stages.last!
        }
        turn = 1 - turn
        let stage = stages[turn]
        if stage.isUsed { try stage.done.wait() }
        stage.isUsed = false
        if stage.memory.count < count { stage.memory = try PinnedMemory(least, card) }
        return stage
    }
}

/// A point in a stream's work, which others wait for.
final class Event {
    private let card: Card
    let handle: UnsafeMutableRawPointer?

    init(_ card: Card) throws(NetworkError) {
        self.card = card
        var made: UnsafeMutableRawPointer?
        // CU_EVENT_BLOCKING_SYNC, CU_EVENT_DISABLE_TIMING
        try card.check(card.calls.cuEventCreate(&made, 1 | 2), "cuEventCreate")
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
