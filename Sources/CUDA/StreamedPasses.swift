import CCUDA
import Network

/// Passes over many images, two at a time: while the card computes one, the host writes the next, which a second stream
/// brings to the card.
struct StreamedPasses {
    /// What one pass holds.
    private final class Slot {
        let host: PinnedMemory?
        let input: Buffer
        /// The numbers are on the card; the card has computed with them.
        let arrived, computed: Event
        let logits: PinnedMemory
        var images = 0

        init(_ count: Int, logits: Int, isWritten: Bool, _ stream: Stream) throws(NetworkError) {
            host = isWritten ? try PinnedMemory(count, stream.card) : nil
            input = try stream.pool.take(count)
            (arrived, computed) = (try Event(stream.card), try Event(stream.card))
            self.logits = try PinnedMemory(logits, stream.card)
        }
    }

    private let plan: Plan
    private let program: CUDAProgram
    private let stream, copies: Stream
    private let value: ValueID
    private let sides: [(ValueID, Place)]
    private let images: Int
    private let masks: Masks?
    private let slots: [Slot]

    /// - Parameters:
    ///   - value: what the images are: the input, or a value that is replaced.
    ///   - sides: what is the same for all of them.
    ///   - images: of a pass.
    ///   - masks: what makes the images on the card; nil: the host writes them.
    init(
        _ plan: Plan, _ program: CUDAProgram, _ stream: Stream, value: ValueID, sides: [(ValueID, Place)], images: Int,
        masks: Masks?
    ) throws(NetworkError) {
        (self.plan, self.program, self.stream, self.value) = (plan, program, stream, value)
        (self.sides, self.images, self.masks) = (sides, images, masks)
        let isWritten = masks == nil
        copies = isWritten ? try Stream(program.card, computes: false) : stream
        let count = images * program.graph.values[value].shape.count, logits = images * program.graph.numbers
        slots = [
            try Slot(count, logits: logits, isWritten: isWritten, stream),
            try Slot(count, logits: logits, isWritten: isWritten, stream),
        ]
    }

    /// Calls `body` with every image's row of logits, in order.
    ///
    /// - Parameter write: writes image number i, where there are no masks.
    func run(
        _ range: Range<Int>, write: (Int, UnsafeMutableBufferPointer<Float>) -> Void, _ body: ([Float]) -> Void
    ) throws(NetworkError) {
        var running: Slot?
        for (pass, first) in stride(from: range.lowerBound, to: range.upperBound, by: images).enumerated() {
            let slot = slots[pass % 2]
            slot.images = min(images, range.upperBound - first)
            try put(first, in: slot, write)
            try compute(slot)
            if let running { try tell(running, body) }
            running = slot
        }
        if let running { try tell(running, body) }
    }

    private func put(
        _ first: Int, in slot: Slot, _ write: (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) {
        if let masks { return try masks.write(first..<first + slot.images, to: slot.input.address, stream) }
        let count = program.graph.values[value].shape.count, calls = program.card.calls
        // The pass before last, which used this slot, has been told: its memory is free.
        let host = slot.host!.base
        for image in 0..<slot.images {
            write(first + image, UnsafeMutableBufferPointer(start: host + image * count, count: count))
        }
        try program.card.check(
            calls.cuMemcpyHtoDAsync_v2(slot.input.address, host, slot.images * count * 4, copies.handle),
            "cuMemcpyHtoDAsync")
        try slot.arrived.record(on: copies)
        try slot.arrived.hold(stream)
    }

    private func compute(_ slot: Slot) throws(NetworkError) {
        let graph = program.graph
        var sources = [value: slot.input]
        for (side, place) in sides {
            let count = graph.values[side].shape.count, buffer = try stream.pool.take(slot.images * count)
            sources[side] = buffer
            try stream.launch(
                copy_elements(
                    count: Int64(slot.images * count), adds: 0,
                    walk: walk([slot.images, count], [[0, 1], [count, 1]]), from: place.address, to: buffer.address))
        }
        let execution = Execution(plan, program, stream, images: slot.images, sources: sources)
        try execution.forward()
        try program.card.check(
            program.card.calls.cuMemcpyDtoHAsync_v2(
                slot.logits.base, execution.place(graph.logits)!.address, slot.images * graph.numbers * 4,
                stream.handle), "cuMemcpyDtoHAsync")
        try slot.computed.record(on: stream)
    }

    private func tell(_ slot: Slot, _ body: ([Float]) -> Void) throws(NetworkError) {
        try slot.computed.wait()
        let count = program.graph.numbers
        for image in 0..<slot.images {
            body(Array(UnsafeBufferPointer(start: slot.logits.base + image * count, count: count)))
        }
    }
}
