import CCUDA
import Network

/// What two passes over many images at a time go through, besides the card's memory: the host's side of them, and a
/// stream that brings it to the card.
final class PassSlots {
    final class Slot {
        /// What the host writes, and what it reads.
        private(set) var host, logits: PinnedMemory?
        /// The numbers are on the card; the card has computed with them.
        let arrived, computed: Event

        fileprivate init(_ card: Card) throws(NetworkError) { (arrived, computed) = (try Event(card), try Event(card)) }

        /// Makes room for so many numbers, where there is less.
        func reserve(host: Int, logits: Int, _ card: Card) throws(NetworkError) {
            try Self.reserve(&self.host, host, card)
            try Self.reserve(&self.logits, logits, card)
        }

        private static func reserve(_ memory: inout PinnedMemory?, _ count: Int, _ card: Card) throws(NetworkError) {
            guard (memory?.count ?? 0) < count else { return }
            memory = nil
            memory = try PinnedMemory(count, card)
        }
    }

    let copies: Stream
    let slots: [Slot]

    init(_ card: Card) throws(NetworkError) {
        copies = try Stream(card, computes: false)
        slots = [try Slot(card), try Slot(card)]
    }
}

/// Passes over many images, two at a time: while the card computes one, the host writes the next, which a second stream
/// brings to the card.
struct StreamedPasses {
    private let plan: Plan
    private let program: CUDAProgram
    private let stream: Stream
    private let value: ValueID
    private let sides: [(ValueID, Place)]
    private let images: Int
    private let masks: Masks?
    private let threads: Threads
    private let slots: PassSlots
    /// The card's memory of each slot's images.
    private let inputs: [Buffer]

    /// - Parameters:
    ///   - value: what the images are: the input, or a value that is replaced.
    ///   - sides: what is the same for all of them.
    ///   - images: of a pass.
    ///   - masks: what makes the images on the card; nil: the host's threads write them.
    init(
        _ plan: Plan, _ program: CUDAProgram, _ stream: Stream, value: ValueID, sides: [(ValueID, Place)], images: Int,
        masks: Masks?, _ threads: Threads
    ) throws(NetworkError) {
        (self.plan, self.program, self.stream, self.value) = (plan, program, stream, value)
        (self.sides, self.images, self.masks, self.threads) = (sides, images, masks, threads)
        slots = try stream.slots()
        let count = images * program.graph.values[value].shape.count
        for slot in slots.slots {
            try slot.reserve(
                host: masks == nil ? count : 0, logits: images * program.graph.numbers, program.card)
        }
        inputs = [try stream.pool.take(count), try stream.pool.take(count)]
        // Their memory may still be read by what is on the stream.
        try slots.slots[0].computed.record(on: stream)
        try slots.slots[0].computed.hold(slots.copies)
    }

    /// Images of a pass at most, which fill a card.
    static let mostImages = 256
    /// Numbers that the host writes, or reads, for a pass at most: it keeps memory for them.
    private static let mostOfHost = 12 << 20

    /// How many images the host's side of a pass has room for.
    static func imagesOfHost(_ program: CUDAProgram, value: ValueID, masks: Masks?) -> Int {
        let graph = program.graph, written = masks == nil ? graph.values[value].shape.count : 0
        return max(1, mostOfHost / max(1, written, graph.numbers))
    }

    /// How many images a pass should hold: no more than there are, nor than fit into some bytes of the card's memory.
    ///
    /// - Parameter spare: bytes that may be taken besides those of one image.
    static func images(
        _ count: Int, _ plan: Plan, _ program: CUDAProgram, value: ValueID, sides: [ValueID], masks: Masks?,
        room: Int, spare: Int
    ) -> Int {
        let shape = program.graph.values[value].shape
        func bytes(_ images: Int) -> Int {
            plan.room(images, program, sources: [value] + sides).pooled + program.bytes(images * shape.count)
                + (masks?.bytes(images, program) ?? 0)
        }
        var images = min(count, mostImages, imagesOfHost(program, value: value, masks: masks))
        let one = bytes(1)
        while images > 1 {
            let all = bytes(images)
            if all <= room, all - one <= spare { break }
            images = (images + 1) / 2
        }
        return images
    }

    /// Calls `body` with every image's row of logits, in order, and with the pass that it is of.
    ///
    /// - Parameter write: writes image number i, where there are no masks.
    func run(
        _ range: Range<Int>, write: (Int, UnsafeMutableBufferPointer<Float>) -> Void,
        _ body: (PassKind, [Float]) -> Void
    ) throws(NetworkError) {
        do throws(NetworkError) {
            var running: Running?
            for (pass, first) in stride(from: range.lowerBound, to: range.upperBound, by: images).enumerated() {
                var own = Running(
                    slot: slots.slots[pass % 2], input: inputs[pass % 2], first: first,
                    images: min(images, range.upperBound - first))
                try put(own, write)
                try compute(own)
                own.left = stream.left
                if let running { try tell(running, body) }
                running = own
            }
            if let running { try tell(running, body) }
        } catch {
            // What is under way uses what the next one does.
            try? slots.copies.wait()
            try? stream.wait()
            throw error
        }
    }

    /// Images from one on in a slot.
    private struct Running {
        let slot: PassSlots.Slot
        let input: Buffer
        let first, images: Int
        /// What was not computed by.
        var left: Set<LeftAlgorithm> = []
    }

    private func put(
        _ running: Running, _ write: (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) {
        let (slot, address) = (running.slot, running.input.address), images = running.images
        if let masks { return try masks.write(running.first..<running.first + images, to: address, stream) }
        let count = program.graph.values[value].shape.count, calls = program.card.calls
        // The pass before last, which used this slot, has been told: its memory is free.
        let host = slot.host!.base
        threads.each(images) { image in
            write(running.first + image, UnsafeMutableBufferPointer(start: host + image * count, count: count))
        }
        try program.card.check(
            calls.cuMemcpyHtoDAsync_v2(address, host, images * count * 4, slots.copies.handle), "cuMemcpyHtoDAsync")
        try slot.arrived.record(on: slots.copies)
        try slot.arrived.hold(stream)
    }

    private func compute(_ running: Running) throws(NetworkError) {
        let graph = program.graph, slot = running.slot
        var sources = [value: running.input]
        for (side, place) in sides {
            let count = graph.values[side].shape.count, buffer = try stream.pool.take(running.images * count)
            sources[side] = buffer
            try stream.launch(
                copy_elements(
                    count: Int64(running.images * count), adds: 0,
                    walk: walk([running.images, count], [[0, 1], [count, 1]]), from: place.address, to: buffer.address))
        }
        let execution = Execution(plan, program, stream, images: running.images, sources: sources)
        try execution.forward()
        try program.card.check(
            program.card.calls.cuMemcpyDtoHAsync_v2(
                slot.logits!.base, execution.place(graph.logits)!.address, running.images * graph.numbers * 4,
                stream.handle), "cuMemcpyDtoHAsync")
        withExtendedLifetime(execution) {}
        try slot.computed.record(on: stream)
    }

    private func tell(_ running: Running, _ body: (PassKind, [Float]) -> Void) throws(NetworkError) {
        try running.slot.computed.wait()
        let count = program.graph.numbers, pass = PassKind(images: running.images, left: running.left)
        for image in 0..<running.images {
            body(pass, Array(UnsafeBufferPointer(start: running.slot.logits!.base + image * count, count: count)))
        }
    }
}
