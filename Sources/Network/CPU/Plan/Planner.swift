extension Graph {
    /// Makes a plan.
    ///
    /// - Parameter kernel: what computes a step.
    /// - Throws: `.noKernel`.
    func plan(
        _ request: PlanRequest, threads: Int, kernel: (FusedStep, any CPUOperator) -> any Kernel
    ) throws(NetworkError) -> Plan {
        let kept = request.read(in: self)
        var builder = StepBuilder(graph: self, request, kept: kept)
        let needed = nodes.ancestors(of: kept, after: Set(request.sources))
        for step in Fusion(self, needed: needed, kept: kept, walked: builder.walked).steps {
            let op = try onCPU(step)
            builder.add(step, op, kernel: kernel(step, op))
        }
        var plan = Plan(
            request: request, steps: builder.steps, prologue: builder.prologue(), slots: builder.slots,
            slotOf: builder.slotOf)
        let lifetimes = Lifetimes(&plan, self)
        plan.place(lifetimes, threads: threads)
        return plan
    }

    /// The operator that a step's epilogue follows.
    private func onCPU(_ step: FusedStep) throws(NetworkError) -> any CPUOperator {
        guard let written = step.written else { return try nodes[step.nodes[0]].onCPU }
        return Unary(written.function, of: values[written.input].shape)
    }
}

extension [Graph.Node] {
    /// The values that `targets` are computed from (which count themselves), no further back than `sources`.
    fileprivate func ancestors(of targets: Set<ValueID>, after sources: Set<ValueID>) -> Set<ValueID> {
        var found = targets.subtracting(sources)
        for node in reversed() where node.outputs.contains(where: found.contains) {
            for case .value(let operand)? in node.operands where !sources.contains(operand) { found.insert(operand) }
        }
        return found
    }
}

extension Plan {
    /// Gives every buffer a place in one allocation, and after them all the scratch memory of a step.
    fileprivate mutating func place(_ lifetimes: Lifetimes, threads: Int) {
        let roots = slots.indices.filter { lifetimes.forward[$0] != nil && slots[$0].root == $0 }
        let gradientRoots = lifetimes.gradient.keys.sorted()
        var layout = ArenaLayout()
        let offsets = layout.place(
            roots.map { (slots[$0].shape.count * slots[$0].images, lifetimes.forward[$0]!) }
                + gradientRoots.map { (slots[$0].shape.count * request.images, lifetimes.gradient[$0]!) })
        for (root, offset) in zip(roots, offsets) { slots[root].offset = offset }
        for (root, offset) in zip(gradientRoots, offsets.dropFirst(roots.count)) { slots[root].gradientOffset = offset }
        for slot in slots.indices {
            let root = slots[slots[slot].root]
            (slots[slot].offset, slots[slot].images) = (root.offset, root.images)
            slots[slot].gradientOffset = root.gradientOffset
        }
        scratchOffset = layout.size
        arenaFloats = layout.size + scratchFloats(threads: threads)
    }

    /// What the step that needs the most scratch memory needs, or the writing of a source, image by image on every
    /// thread; fewer images may be computed in another way.
    private func scratchFloats(threads: Int) -> Int {
        let largest = request.sources.map { slots[slotOf[$0]!].shape.count }.max() ?? 0
        var most = largest.cacheLines * min(threads, request.images)
        for (index, step) in steps.enumerated() {
            for images in 1...max(mostAtOnce(index, gradient: false), mostAtOnce(index, gradient: true)) {
                most = max(most, step.kernel.scratch(images: images, threads: threads))
            }
        }
        return most
    }
}

extension Plan {
    /// The weights that passes of so many images read.
    func weights(passes: Set<Int>) -> [PackedWeights] {
        var weights: [PackedWeights] = []
        for (index, step) in steps.enumerated() {
            for images in atOnce(index, of: passes, gradient: false) {
                weights += step.kernel.weights(images: images, gradient: false)
            }
        }
        for index in gradientSteps.map(\.index) {
            guard let first = steps[index].operands.first?.slot, slots[first].gradientOffset != nil else { continue }
            for images in atOnce(index, of: passes, gradient: true) {
                weights += steps[index].kernel.weights(images: images, gradient: true)
            }
        }
        return weights
    }

    /// How many images the calls of a step hold.
    private func atOnce(_ index: Int, of passes: Set<Int>, gradient: Bool) -> Set<Int> {
        let most = mostAtOnce(index, gradient: gradient)
        return passes.reduce(into: []) { found, images in
            if images >= most { found.insert(most) }
            if images % most > 0 { found.insert(images % most) }
        }
    }

    /// Floats that are allocated for passes of so many images, where no arena waits.
    func takes(_ passes: Set<Int>) -> Int { arenaFloats + weights(passes: passes).missing.floats }

    /// Numbers of the copies that are made of what is read.
    func copiedFloats(in graph: Graph) -> Int {
        func count(_ values: Set<ValueID>) -> Int { values.reduce(0) { $0 + graph.values[$1].shape.count } }
        return request.images * (count(request.read(in: graph)) + count(request.gradientAt))
    }

    /// What memory for it is for, with the node that gives the most.
    func purpose(in graph: Graph) -> Wording {
        let pass: Wording = request.images == 1 ? "a pass" : "a pass of \(request.images) images"
        guard let largest = slots.max(by: { $0.shape.count < $1.shape.count }) else { return pass }
        let source: Wording =
            graph.values[largest.value].producer.map { "node '\(graph.nodes[$0].name)' gives" } ?? "the input is"
        return pass + " (" + source + " \(largest.shape))"
    }
}
