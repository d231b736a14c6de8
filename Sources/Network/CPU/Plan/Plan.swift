/// What a plan is made for.
struct PlanRequest: Hashable {
    /// The most images that run at once; fewer run as the first of them.
    var images: Int
    /// Values read after the pass besides the logits.
    var kept: Set<ValueID> = []
    /// Values whose gradient will be asked for; empty for a forward pass alone.
    var gradientAt: Set<ValueID> = []
    /// Values that are given instead of computed: the image, or a layer with what the nodes downstream of it read
    /// besides it.
    var sources: [ValueID]
    /// Whether every image has the numbers that it has by itself: a step's call then holds no more images than its
    /// kernel joins (`Kernel.mostJoined`).
    var isApart = false

    /// What is read when all has run, so that nothing is fused over it and nothing takes its memory.
    func read(in graph: Graph) -> Set<ValueID> { kept.union(gradientAt).union([graph.logits]) }

    /// The values that a gradient passes.
    func walked(in graph: Graph) -> Set<ValueID> {
        gradientAt.isEmpty
            ? [] : graph.descendants(of: Array(gradientAt)).intersection(graph.ancestors(of: graph.logits))
    }
}

/// Everything decided before a network runs: steps, layouts and a place in one allocation for every buffer.
struct Plan {
    /// A value in one layout. Views are in the memory of the slot that they look at.
    struct Slot {
        let value: ValueID
        let shape: Shape
        let layout: Layout
        /// The slot whose memory this one is; its own index where it is nobody's view.
        let root: Int
        /// How many images it holds.
        var images = 1
        var offset = 0
        /// Of a view: its first number's place in an image of `root`.
        var start = 0
        /// Where the gradient is summed up; nil where none passes.
        var gradientOffset: Int?
    }

    enum Place {
        case slot(Int)
        case constant(Shape, FloatStorage)
        case absent

        var slot: Int? { if case .slot(let index) = self { index } else { nil } }
    }

    struct Step {
        let name: String
        let opType: String
        let kernel: any Kernel
        let operands: [Place]
        let outputs: [Int]
    }

    /// A step whose gradient runs, with the slots whose gradient begins at it (to be set to zero first).
    struct GradientStep {
        let index: Int
        var begins: [Int]
    }

    /// Floats from one image of a slot to the next.
    func imageStride(_ slot: Slot) -> Int {
        // A view that is dense is of one image, or of all of what it looks at.
        slot.layout.isStrided ? slots[slot.root].shape.count : slot.shape.count
    }

    /// Whether a slot holds all numbers of what it looks at.
    func isWhole(_ slot: Int) -> Bool { slots[slot].shape.count == slots[slots[slot].root].shape.count }

    let request: PlanRequest
    let steps: [Step]
    /// The first steps, which run image by image before the rest runs on all images at once.
    let prologue: Range<Int>
    var slots: [Slot]
    /// The slot in which each value was first put.
    let slotOf: [ValueID: Int]
    /// In the order in which they run: the last step first.
    var gradientSteps: [GradientStep] = []
    var arenaFloats = 0
    var scratchOffset = 0

    /// The most images that a call of a step holds.
    func mostAtOnce(_ index: Int, gradient: Bool) -> Int {
        if !gradient, prologue.contains(index) { return 1 }
        return request.isApart
            ? min(request.images, steps[index].kernel.mostJoined(gradient: gradient)) : request.images
    }
}
