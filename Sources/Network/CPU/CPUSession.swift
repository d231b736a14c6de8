/// One caller's way to run a network on the processor: plans, memory and threads.
public final class CPUSession: Session {
    public var program: any Program { cpu }
    private let cpu: CPUProgram
    let threads: Threads
    private let arenas: ArenaPool
    /// The last used at the end.
    private var plans: [Plan] = []

    /// As many as a run, its suffixes and a stream of images take, for some choices of layers.
    private static let mostPlans = 16
    /// Of a run that images share for speed alone.
    private static let sharedFloats = 64 << 20
    /// Of a stream's pass: it is split into passes that take no more.
    private static let streamedFloats = 32 << 20, mostStreamed = 32

    init(_ program: CPUProgram, threads: Int) {
        cpu = program
        self.threads = Threads(count: threads)
        arenas = ArenaPool(limit: program.graph.limits.memory)
    }

    public func session(of graph: Graph) throws(NetworkError) -> any Session {
        var options = cpu.options
        options.expectedImages = 1
        return try CPU.load(graph, options).session(threads: threads.count)
    }

    public func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
        try run(images, recording: recording, isApart: true)
    }

    /// The same with all images in every call, as streams run: their numbers depend on how many there are.
    public func runTogether(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
        try run(images, recording: recording, isApart: false)
    }

    private func run(_ images: [[Float]], recording: Recording, isApart: Bool) throws(NetworkError) -> any Run {
        precondition(!images.isEmpty, "a run is of one image at least")
        let count = graph.inputShape.count
        for image in images where image.count != count { throw .inputSize(expected: count, found: image.count) }
        let request = try graph.request(images.count, recording, isApart: isApart)
        let execution = try execution(request, passes: [images.count])
        execution.write(graph.input) { _ = $1.update(fromContentsOf: images[$0]) }
        execution.forward()
        return CPURun(execution, self, recording)
    }

    /// A run of one image, given its sources' numbers.
    func run(_ numbers: [(ValueID, [Float])], _ request: PlanRequest) throws(NetworkError) -> CPURun {
        let execution = try execution(request, passes: [1])
        for (source, numbers) in numbers { execution.write(source) { _ = $1.update(fromContentsOf: numbers) } }
        execution.forward()
        return CPURun(execution, self, Recording(gradients: request.gradientAt))
    }

    public func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError) {
        let plan = try plan(graph.request(images, recording, isApart: true))
        var weights = plan.weights(passes: [images]),
            streams = streams ? [PlanRequest(images: 1, sources: [graph.input])] : []
        // The images lie there once more, as they were given.
        var own = plan.arenaFloats + plan.copiedFloats(in: graph) + images * graph.inputShape.count
        for value in recording.resumable {
            streams.append(
                PlanRequest(
                    images: 1, gradientAt: recording.gradients.intersection([value]),
                    sources: [value] + (try graph.sideInputs(of: value))))
        }
        for request in streams {
            let stream = try self.plan(request)
            weights += stream.weights(passes: [1])
            own += stream.arenaFloats
        }
        let all = .sizeProduct(runs, own) + weights.missing.floats
        do throws(MemoryShortage) {
            try Memory.check(all, within: graph.limits.memory, for: plan.purpose(in: graph))
        } catch {
            throw .memory(error)
        }
        cpu.spare.store(
            Memory.room(within: graph.limits.memory, after: all) / (runs * max(streams.count, 1)), ordering: .relaxed)
    }

    public func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
        let shape = graph.inputShape
        if case .masked(let image, _) = batch, image.count != shape.count {
            throw .inputSize(expected: shape.count, found: image.count)
        }
        return try stream(batch.count, from: [graph.input], keeping: keep) { execution, images in
            switch batch {
            case .written(_, let write): execution.write(graph.input) { write(images.lowerBound + $0, $1) }
            case .masked(let image, let map):
                execution.writeMasked(image, map, channels: images, width: shape[3], height: shape[2])
            }
        }
    }

    /// Scores of many images, in passes that fit. The last pass may hold fewer than the others.
    ///
    /// - Parameters:
    ///   - keep: what of an image's row of logits is kept.
    ///   - fill: writes the sources of the images of a pass.
    func stream<Kept>(
        _ count: Int, from sources: [ValueID], keeping keep: ([Float]) -> Kept, fill: (Execution, Range<Int>) -> Void
    ) throws(NetworkError) -> [Kept] {
        guard count > 0 else { return [] }
        let most = if let batch = cpu.options.batch { max(1, batch) } else { try imagesThatFit(from: sources) }
        // Few images run in a plan that serves somewhat more, so that there are few plans.
        var batch = min(most, 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount))
        let execution = try execution(for: &batch, of: count, from: sources)
        var scores: [Kept] = []
        for start in stride(from: 0, to: count, by: batch) {
            let images = start..<min(start + batch, count)
            execution.images = images.count
            fill(execution, images)
            execution.forward()
            scores += execution.scores(of: graph).map(keep)
        }
        return scores
    }

    /// A plan for so many images at a time, or for fewer where the memory is short, or would be for other sessions.
    private func execution(
        for batch: inout Int, of count: Int, from sources: [ValueID]
    ) throws(NetworkError) -> Execution {
        let one = try plan(PlanRequest(images: 1, sources: sources)).takes([1])
        let spare = cpu.spare.load(ordering: .relaxed)
        while true {
            do throws(NetworkError) {
                let passes = Set([min(batch, count), count % batch]).subtracting([0])
                let request = PlanRequest(images: batch, sources: sources)
                let fits = try plan(request).takes(passes) - one <= spare
                guard batch == 1 || fits else { batch /= 2; continue }
                return try execution(request, passes: passes)
            } catch {
                guard case .memory = error, batch > 1 else { throw error }
                batch /= 2
            }
        }
    }

    private func imagesThatFit(from sources: [ValueID]) throws(NetworkError) -> Int {
        // Without what each thread needs besides, as numbers may depend on how many images are multiplied at a time.
        let one = try plan(PlanRequest(images: 1, sources: sources)).scratchOffset
        return min(Self.mostStreamed, max(1, Self.streamedFloats / max(one, 1)))
    }

    /// A plan with memory to run in and all weights that its passes read, whose bytes are compared with the limit
    /// before any is allocated.
    ///
    /// - Parameter passes: how many images will run at a time.
    private func execution(_ request: PlanRequest, passes: Set<Int>) throws(NetworkError) -> Execution {
        let (plan, graph) = (try plan(request), graph)
        let weights = plan.weights(passes: passes).missing
        do throws(MemoryShortage) {
            let arena = try arenas.borrow(
                plan.arenaFloats, leaving: weights.floats + plan.copiedFloats(in: graph), for: plan.purpose(in: graph))
            let execution = Execution(plan, arena: arena, of: arenas, threads: threads)
            for weights in weights { try weights.prepare(within: graph.limits.memory) }
            return execution
        } catch {
            throw .memory(error)
        }
    }

    public func usefulImages(_ recording: Recording) throws(NetworkError) -> Int {
        func operations(_ kernels: [any Kernel]) -> Double { kernels.reduce(0) { $0 + $1.operations(images: 1) } }
        let kernels = try plan(graph.request(1, recording, isApart: true)).steps.map(\.kernel)
        let joining = kernels.filter { $0.mostJoined(gradient: false) > 1 }
        // One row does two operations a weight, which is read in the time of some forty: a twentieth of the time is
        // spent on reading.
        guard 400 * operations(joining) >= operations(kernels) else { return 1 }
        var images = joining.map { $0.mostJoined(gradient: false) }.max() ?? 1
        while images > 1, try plan(graph.request(images, recording, isApart: true)).arenaFloats > Self.sharedFloats {
            images /= 2
        }
        return images
    }

    /// Numbers that idle arenas hold.
    var idleFloats: Int { arenas.idleFloats }

    func plan(_ request: PlanRequest) throws(NetworkError) -> Plan {
        if let known = plans.lastIndex(where: { $0.request == request }) {
            plans.append(plans.remove(at: known))
        } else {
            if plans.count == Self.mostPlans { plans.removeFirst() }
            plans.append(try cpu.plan(request, threads: threads.count))
        }
        return plans.last!
    }

    /// Times every step of a forward pass: a table to read.
    public func profile(_ images: [[Float]], runs: Int) throws(NetworkError) -> String {
        let run = try runTogether(images, recording: Recording()) as! CPURun
        return run.execution.profile(runs: runs, cpu.precision)
    }
}

extension Graph {
    fileprivate func request(
        _ images: Int, _ recording: Recording, isApart: Bool
    ) throws(NetworkError) -> PlanRequest {
        PlanRequest(
            images: images, kept: try kept(for: recording), gradientAt: recording.gradients, sources: [input],
            isApart: isApart && images > 1)
    }

    /// What a plan keeps for a recording: the values themselves, and what suffix runs start from.
    private func kept(for recording: Recording) throws(NetworkError) -> Set<ValueID> {
        var kept = recording.values.union(recording.resumable)
        for value in recording.resumable { kept.formUnion(try sideInputs(of: value)) }
        return kept
    }
}
