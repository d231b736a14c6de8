/// When each buffer of a plan is in use. Step i runs forward at time i and backward at 2 * steps - i; the cotangents of
/// the scores are put in at `steps`; what is read when all has run lives until 2 * steps + 1.
struct Lifetimes {
    /// By slot; nil for views, whose times count for what they look at, and for slots that nothing uses.
    private(set) var forward: [ClosedRange<Int>?]
    /// Those of gradients, by slot.
    private(set) var gradient: [Int: ClosedRange<Int>] = [:]
    private let end: Int

    /// Finds them, and with them the plan's `gradientSteps` and how many images each slot holds.
    init(_ plan: inout Plan, _ graph: Graph) {
        end = 2 * plan.steps.count + 1
        forward = [ClosedRange<Int>?](repeating: nil, count: plan.slots.count)
        useForward(plan, graph)
        holdImages(&plan)
        useBackward(&plan, graph)
    }

    private mutating func use(_ slot: Int, at time: Int, _ plan: Plan) {
        let root = plan.slots[slot].root
        forward[root] = forward[root].map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
    }

    private mutating func useForward(_ plan: Plan, _ graph: Graph) {
        for value in plan.request.sources { use(plan.slotOf[value]!, at: 0, plan) }
        for (index, step) in plan.steps.enumerated() {
            for slot in step.operands.compactMap(\.slot) + step.outputs { use(slot, at: index, plan) }
        }
        for value in plan.request.read(in: graph) {
            use(plan.slotOf[value]!, at: end, plan)
        }
    }

    /// What enters the prologue or leaves it holds every image, as long as the prologue runs; what lives inside it
    /// holds one.
    private mutating func holdImages(_ plan: inout Plan) {
        let prologue = plan.prologue
        let sources = Set(plan.request.sources.map { plan.slots[plan.slotOf[$0]!].root })
        for slot in plan.slots.indices {
            guard let life = forward[slot], sources.contains(slot) || life.upperBound >= prologue.upperBound else {
                continue
            }
            plan.slots[slot].images = plan.request.images
            if life.lowerBound < prologue.upperBound {
                forward[slot] = 0...max(life.upperBound, prologue.upperBound - 1)
            }
        }
    }

    /// The gradient walks only from the scores to where it is wanted.
    private mutating func useBackward(_ plan: inout Plan, _ graph: Graph) {
        let wanted = plan.request.gradientAt
        guard !wanted.isEmpty else { return }
        let live = plan.request.walked(in: graph)
        guard !live.isEmpty else { return }
        let count = plan.steps.count
        // A view of what no gradient passes has none, even where its own value is wanted: that one is a copy.
        func isLive(_ slot: Int) -> Bool {
            live.contains(plan.slots[slot].value) && live.contains(plan.slots[plan.slots[slot].root].value)
        }
        gradient[plan.slots[plan.slotOf[graph.logits]!].root] = count...count
        for index in plan.steps.indices.reversed() {
            let step = plan.steps[index]
            let operands = step.operands.compactMap(\.slot)
            guard step.outputs.contains(where: { isLive($0) && gradient[plan.slots[$0].root] != nil }),
                operands.contains(where: isLive)
            else { continue }
            var gradientStep = Plan.GradientStep(index: index, begins: [])
            for slot in step.outputs + operands.filter(isLive) {
                let root = plan.slots[slot].root, time = 2 * count - index
                if gradient[root] == nil { gradientStep.begins.append(root) }
                gradient[root] = (gradient[root]?.lowerBound ?? time)...time
            }
            plan.gradientSteps.append(gradientStep)
            // To the end, not until this step: the gradient may walk again, for another class or by another rule.
            if step.kernel.gradientReads.contains(.operands) { for slot in operands { use(slot, at: end, plan) } }
            if step.kernel.gradientReads.contains(.outputs) { for slot in step.outputs { use(slot, at: end, plan) } }
        }
        // What no step produces is read when the walk has ended.
        for value in wanted {
            let root = plan.slots[plan.slotOf[value]!].root
            if let before = gradient[root] { gradient[root] = before.lowerBound...end }
        }
    }
}
