import CKernels

/// A plan with the memory that it runs in, which goes back to the pool at the end.
final class Execution {
    let plan: Plan
    /// How many images run: the first of those that the plan is made for.
    var images: Int
    let threads: Threads
    private let arena: Arena
    private let pool: ArenaPool

    init(_ plan: Plan, arena: Arena, of pool: ArenaPool, threads: Threads) {
        (self.plan, self.arena, self.pool, self.threads) = (plan, arena, pool, threads)
        images = plan.request.images
    }

    deinit { pool.giveBack(arena) }

    func forward() { OpenBLAS.onOneThread { forEachStep(forward) } }

    /// A row of logits an image, row-major.
    func scores(of graph: Graph) -> [[Float]] {
        let logits = view(plan.slotOf[graph.logits]!)
        return (0..<images).map { logits.plainCopy(image: $0) }
    }

    /// Calls `body(step, images)` in the order in which the plan runs.
    func forEachStep(_ body: (Int, Range<Int>) -> Void) {
        for image in 0..<images { for index in plan.prologue { body(index, image..<image + 1) } }
        for index in plan.prologue.upperBound..<plan.steps.count {
            forEachCall(of: index, 0..<images, gradient: false) { body(index, $0) }
        }
    }

    /// Calls `body` with as many of some images at a time as a call of a step holds.
    private func forEachCall(of step: Int, _ images: Range<Int>, gradient: Bool, _ body: (Range<Int>) -> Void) {
        let most = plan.mostAtOnce(step, gradient: gradient)
        for first in stride(from: images.lowerBound, to: images.upperBound, by: most) {
            body(first..<min(first + most, images.upperBound))
        }
    }

    func forward(_ index: Int, _ images: Range<Int>) {
        let step = plan.steps[index]
        step.kernel.forward(
            ForwardPass(
                images: images.count,
                operands: step.operands.map { view($0, from: images.lowerBound) },
                outputs: step.outputs.map { view($0, from: images.lowerBound) },
                scratch: scratch, threads: threads))
    }

    /// The step's gradient of some images, added to what is there but for the gradients that begin with it.
    func gradient(_ step: Plan.GradientStep, of images: Range<Int>, rule: RectifierRule) {
        forEachCall(of: step.index, images, gradient: true) { call(step, $0, rule) }
    }

    private func call(_ gradientStep: Plan.GradientStep, _ images: Range<Int>, _ rule: RectifierRule) {
        let first = images.lowerBound
        let step = plan.steps[gradientStep.index]
        var overwritten: Set<Int> = [], operandsOf: [Int: [Int]] = [:]
        for (index, place) in step.operands.enumerated() {
            if let slot = place.slot { operandsOf[plan.slots[slot].root, default: []].append(index) }
        }
        for root in gradientStep.begins {
            let operands = operandsOf[root] ?? []
            if operands.count == 1, plan.isWhole(step.operands[operands[0]].slot!),
                step.kernel.overwritesGradient(of: operands[0])
            {
                overwritten.insert(operands[0])
            } else {
                let view = gradientView(root, from: first)!
                threads.split(view.shape.count * images.count, grain: 1 << 14) {
                    (view.base + $0.lowerBound).update(repeating: 0, count: $0.count)
                }
            }
        }
        let pass = GradientPass(
            images: images.count, operands: step.operands.map { view($0, from: first) },
            outputs: step.outputs.map { view($0, from: first) },
            dOutputs: step.outputs.map { gradientView($0, from: first)! },
            dOperands: step.operands.map { $0.slot.flatMap { gradientView($0, from: first) } },
            overwritten: overwritten, rule: rule,
            scratch: scratch, threads: threads)
        step.kernel.gradient(pass)
    }

    /// Times every step of a forward pass: a table to read.
    ///
    /// - Parameter precision: the program's, of which the peak is measured.
    func profile(runs: Int, _ precision: Precision) -> String {
        OpenBLAS.onOneThread { timed(runs: runs, precision) }
    }

    private func timed(runs: Int, _ precision: Precision) -> String {
        let clock = ContinuousClock()
        var times = plan.steps.map { _ in [Double]() }
        for run in 0..<max(runs, 1) {
            for index in times.indices { times[index].append(0) }
            forEachStep { index, images in
                times[index][run] += clock.measure { forward(index, images) } / .milliseconds(1)
            }
        }
        let rows = plan.steps.enumerated().map { index, step in
            ProfileTable.Row(
                name: step.name, opType: step.opType, shape: "\(plan.slots[step.outputs[0]].shape)",
                algorithm: step.kernel.algorithmName(images: min(images, plan.mostAtOnce(index, gradient: false))),
                milliseconds: times[index].sorted()[times[index].count / 2],
                operations: step.kernel.operations(images: images))
        }
        return ProfileTable(rows: rows, peak: threads.peakProductRate(precision), precision: precision).text
    }

    // MARK: Views into the arena

    private var scratch: UnsafeMutablePointer<Float> { arena.base + plan.scratchOffset }

    /// A slot from an image on; one that holds a single image has that of the moment.
    func view(_ slot: Int, from image: Int = 0) -> TensorView {
        let slot = plan.slots[slot], stride = plan.imageStride(slot)
        let offset = slot.offset + slot.start + (slot.images > 1 ? image * stride : 0)
        return TensorView(base: arena.base + offset, shape: slot.shape, layout: slot.layout, imageStride: stride)
    }

    func gradientView(_ slot: Int, from image: Int = 0) -> TensorView? {
        let slot = plan.slots[slot], stride = plan.imageStride(slot)
        return slot.gradientOffset.map {
            TensorView(
                base: arena.base + $0 + slot.start + image * stride, shape: slot.shape, layout: slot.layout,
                imageStride: stride)
        }
    }

    private func view(_ place: Plan.Place, from image: Int = 0) -> TensorView {
        switch place {
        case .slot(let slot): view(slot, from: image)
        case .constant(let shape, let storage):
            TensorView(
                base: UnsafeMutablePointer(mutating: storage.base), shape: shape, layout: .plain, imageStride: 0)
        case .absent: TensorView(base: arena.base, shape: .vector(0), layout: .plain, imageStride: 0)
        }
    }

    // MARK: Sources

    /// Fills a source of every image, which the closure writes row-major.
    func write(_ source: ValueID, _ fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void) {
        let view = view(plan.slotOf[source]!)
        let count = view.shape.count
        forEachImage(scratch: count) { index, numbers in
            if view.isPlain {
                return fill(index, UnsafeMutableBufferPointer(start: view.image(index), count: count))
            }
            fill(index, UnsafeMutableBufferPointer(start: numbers, count: count))
            view.write(image: index, plain: numbers)
        }
    }

    /// Calls `body(image, scratch memory of its own)` for every image, as many at a time as there are threads.
    private func forEachImage(scratch count: Int, _ body: (Int, UnsafeMutablePointer<Float>) -> Void) {
        for start in stride(from: 0, to: images, by: threads.count) {
            threads.each(min(threads.count, images - start)) { body(start + $0, scratch + $0 * count.cacheLines) }
        }
    }

    /// Fills the input with an image under masks, one a channel of a map.
    func writeMasked(_ image: [Float], _ map: FeatureMap, channels: Range<Int>, width: Int, height: Int) {
        let view = view(plan.slotOf[plan.request.sources[0]]!), area = width * height, depth = view.channels
        image.withUnsafeBufferPointer { image in
            forEachImage(scratch: area) { index, mask in
                map.enlarge(
                    channel: channels.lowerBound + index, to: UnsafeMutableBufferPointer(start: mask, count: area),
                    width: width, height: height)
                let target = view.image(index)
                for c in 0..<depth {
                    for pixel in 0..<area { target[pixel * depth + c] = image[c * area + pixel] * mask[pixel] }
                }
            }
        }
    }
}

extension TensorView {
    /// Whether an image's numbers lie row-major.
    fileprivate var isPlain: Bool { layout == .plain || Layout.coincide(shape) }

    /// Fills an image with row-major numbers.
    func write(image: Int, plain numbers: UnsafePointer<Float>) {
        if isPlain { return self.image(image).update(from: numbers, count: shape.count) }
        let pixels = shape.count / shape[1] / shape[0]
        for map in 0..<shape[0] {
            let offset = map * pixels * channels
            gradcam_transpose(numbers + offset, pixels, channels, pixels, self.image(image) + offset, channels)
        }
    }

    /// An image's numbers, row-major.
    func plainCopy(image: Int) -> [Float] {
        let source = self.image(image)
        if isPlain {
            return Array(UnsafeBufferPointer(start: source, count: shape.count))
        }
        let pixels = shape.count / shape[1] / shape[0]
        return [Float](unsafeUninitializedCapacity: shape.count) { target, count in
            for map in 0..<shape[0] {
                let offset = map * pixels * channels
                gradcam_transpose(source + offset, channels, pixels, channels, target.baseAddress! + offset, pixels)
            }
            count = shape.count
        }
    }
}
