import CCUDA
import Network
import Synchronization

/// One caller's way to run a network on a card.
final class CUDASession: Session {
    var program: any Program { cuda }
    let cuda: CUDAProgram
    private var opened: Stream?
    private var plans: [PlanRequest: Plan] = [:]
    /// As many as a run, its suffixes and a stream of images take, for some choices of layers.
    private static let mostPlans = 16
    /// Photos whose passes keep a card from waiting for the next.
    private static let usefulPhotos = 8
    /// The pass of the last stream of which a row was told last.
    private(set) var streamed = PassKind(images: 0)
    /// What convolutions are not computed by.
    var left: Set<LeftAlgorithm> { opened?.left ?? [] }
    /// Bytes that cuBLAS and cuDNN take for a stream, about.
    private static let libraryBytes = 64 << 20
    /// What write the images of a stream.
    private let threads: Threads

    init(_ program: CUDAProgram, threads: Int) { (cuda, self.threads) = (program, Threads(count: threads)) }

    private func stream() throws(NetworkError) -> Stream {
        try cuda.card.enter()
        if let opened { return opened }
        let own = try Stream(cuda.card, roundsSizes: cuda.roundsSizes, precision: cuda.precision)
        opened = own
        return own
    }

    func session(of graph: Graph) throws(NetworkError) -> any Session {
        try CUDA.load(graph, cuda.options, on: cuda.card).session(threads: threads.count)
    }

    func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
        precondition(!images.isEmpty, "a run is of one image at least")
        let count = graph.inputShape.count
        for image in images where image.count != count { throw .inputSize(expected: count, found: image.count) }
        let stream = try stream(), input = try stream.pool.take(images.count * count)
        for (index, image) in images.enumerated() {
            try stream.upload(image, to: input.address + UInt64(index * count * 4))
        }
        return try run(try request(recording), images: images.count, sources: [graph.input: input], recording)
    }

    func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError) {
        let request = try request(recording)
        // Passes of a stream hold what there is room for: one image is enough.
        var rooms = [plan(request).room(images, cuda, sources: request.sources)]
        if streams { rooms.append(plan(PlanRequest(sources: [graph.input])).room(1, cuda, sources: [graph.input])) }
        // What waits in a pool makes room for one run, at the price of waiting.
        let bytes = rooms.reduce(0) { $0 + (images * runs == 1 ? $1.least : $1.pooled) }
        cuda.card.emptyPools()
        let free = try cuda.card.free(), all = runs * (bytes + Self.libraryBytes) + cuda.constantBytes
        guard all <= free else {
            let photos: Wording = runs == 1 ? "a photo" : "\(runs) photos at a time"
            throw .device(
                CUDA.title, .memory,
                reason: "\(photos) would take \(all >> 20) MB of the card's memory, of which "
                    + "\(free >> 20) MB are free: end what else runs on it, or give a smaller input (\(.inputSize))")
        }
        cuda.spare.store((free - all) / runs, ordering: .relaxed)
    }

    func usefulImages(_ recording: Recording) throws(NetworkError) -> Int { Self.usefulPhotos }

    private func request(_ recording: Recording) throws(NetworkError) -> PlanRequest {
        var kept = recording.values.union(recording.resumable)
        for value in recording.resumable { kept.formUnion(try graph.sideInputs(of: value)) }
        return PlanRequest(sources: [graph.input], kept: kept, gradientAt: recording.gradients)
    }

    func run(
        _ request: PlanRequest, images: Int, sources: [ValueID: Buffer], _ recording: Recording
    ) throws(NetworkError) -> CUDARun {
        let execution = Execution(plan(request), cuda, try stream(), images: images, sources: sources)
        try execution.forward()
        return try CUDARun(execution, self, recording)
    }

    private func plan(_ request: PlanRequest) -> Plan {
        if let known = plans[request] { return known }
        if plans.count >= Self.mostPlans { plans = [:] }
        let plan = Plan(request, cuda)
        plans[request] = plan
        return plan
    }

    func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
        switch batch {
        case .written(let count, let write):
            return try stream(count, from: graph.input, keeping: keep, write: write)
        case .masked(let image, let map):
            guard image.count == graph.inputShape.count else {
                throw .inputSize(expected: graph.inputShape.count, found: image.count)
            }
            let masks = try Masks(image, graph.inputShape, map, stream())
            return try stream(map.channels, from: graph.input, keeping: keep, masks: masks) { _, _ in }
        }
    }

    /// Scores of many images, in passes that fit: where the card has not enough memory for one, in smaller ones.
    ///
    /// - Parameters:
    ///   - value: what the images are: the input, or a value that is replaced.
    ///   - sides: what is the same for all of them.
    ///   - masks: what makes the images on the card; nil: `write` writes image number i.
    func stream<Kept>(
        _ count: Int, from value: ValueID, beside sides: [(ValueID, Place)] = [], keeping keep: ([Float]) -> Kept,
        masks: Masks? = nil, write: (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept] {
        guard count > 0 else { return [] }
        let plan = plan(PlanRequest(sources: [value] + sides.map(\.0))), stream = try stream()
        var images =
            if let batch = cuda.options.batch {
                min(count, max(1, batch), StreamedPasses.imagesOfHost(cuda, value: value, masks: masks))
            } else {
                StreamedPasses.images(
                    count, plan, cuda, value: value, sides: sides.map(\.0), masks: masks,
                    room: try cuda.card.free() + stream.pool.waitingBytes, spare: cuda.spare.load(ordering: .relaxed))
            }
        var kept: [Kept] = []
        while kept.count < count {
            do throws(NetworkError) {
                let passes = try StreamedPasses(
                    plan, cuda, stream, value: value, sides: sides, images: images, masks: masks, threads)
                try passes.run(kept.count..<count, write: write) {
                    streamed = $0
                    kept.append(keep($1))
                }
            } catch {
                guard error.isShortage, images > 1 else { throw error }
                images = (images + 1) / 2
                try stream.wait()
                cuda.card.emptyPools()
            }
        }
        return kept
    }
}
