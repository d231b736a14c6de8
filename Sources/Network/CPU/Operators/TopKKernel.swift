extension TopK: CPUOperator, Kernel {
    var gradientReads: GradientReads { .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.plain(arriving, outputs: 2)
    }

    /// The places of a line that are found.
    func scratch(images: Int, threads: Int) -> Int { k }

    /// Calls `body(place in the outputs, place along the axis, place in the operand)` for the elements that are found.
    private func forEach(
        _ images: Int, _ x: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>,
        _ body: (Int, Int, Int) -> Void
    ) {
        scratch.withMemoryRebound(to: UInt32.self, capacity: k) { found in
            for line in 0..<images * outer * inner {
                let (start, target) = (
                    line / inner * extent * inner + line % inner, line / inner * k * inner + line % inner
                )
                select(x + start, into: found)
                for rank in 0..<k {
                    body(target + rank * inner, Int(found[rank]), start + Int(found[rank]) * inner)
                }
            }
        }
    }

    /// Finds the places of a line that come first, in order: the best so far are a heap of which the last is on top.
    private func select(_ x: UnsafePointer<Float>, into heap: UnsafeMutablePointer<UInt32>) {
        guard k > 0 else { return }
        let sign: Float = findsGreatest ? 1 : -1
        func precedes(_ a: UInt32, _ b: UInt32) -> Bool {
            let (left, right) = (sign * x[Int(a) * inner], sign * x[Int(b) * inner])
            return left == right ? a < b : left > right
        }
        func sink(_ top: Int, _ count: Int) {
            var top = top
            while 2 * top + 1 < count {
                var next = 2 * top + 1
                if next + 1 < count, precedes(heap[next], heap[next + 1]) { next += 1 }
                guard precedes(heap[top], heap[next]) else { return }
                (heap[top], heap[next]) = (heap[next], heap[top])
                top = next
            }
        }
        for place in 0..<k { heap[place] = UInt32(place) }
        for top in (0..<k / 2).reversed() { sink(top, k) }
        for place in k..<extent where precedes(UInt32(place), heap[0]) {
            heap[0] = UInt32(place)
            sink(0, k)
        }
        for count in (1..<k).reversed() {
            (heap[0], heap[count]) = (heap[count], heap[0])
            sink(0, count)
        }
    }

    func forward(_ pass: ForwardPass) {
        let x = pass.input.base
        forEach(pass.images, x, pass.scratch) { target, index, source in
            pass.outputs[0].base[target] = x[source]
            if pass.outputs.count > 1 { pass.outputs[1].base[target] = Float(index) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        forEach(pass.images, pass.operands[0].base, pass.scratch) { target, _, source in
            dx[source] += pass.dOutput.base[target]
        }
    }
}
