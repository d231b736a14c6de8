import Network

/// A forward pass of some images, with the memory of what it keeps.
final class Execution {
    let program: CUDAProgram
    let stream: Stream
    let plan: Plan
    let images: Int
    /// By value; those that a view shares are the operand's.
    private(set) var buffers: [ValueID: Buffer]

    /// - Parameter sources: [images][shape] of every value that is given.
    init(_ plan: Plan, _ program: CUDAProgram, _ stream: Stream, images: Int, sources: [ValueID: Buffer]) {
        (self.plan, self.program, self.stream, self.images, buffers) = (plan, program, stream, images, sources)
    }

    private var graph: Graph { program.graph }

    func forward() throws(NetworkError) {
        try program.card.enter()
        for (place, index) in plan.nodes.enumerated() {
            let node = graph.nodes[index], op = program.op(index)
            if op.isView, let operand = node.operands[0]?.value {
                buffers[node.outputs[0]] = buffers[operand]
            } else {
                for (output, shape) in zip(node.outputs, op.outputShapes) {
                    buffers[output] = try stream.pool.take(images * shape.count)
                }
                try op.forward(pass(index, 0..<images))
            }
            for value in plan.released[place] { buffers[value] = nil }
        }
    }

    /// Where a value's numbers are from an image on; nil where they are not kept.
    func place(_ value: ValueID, from image: Int = 0) -> Place? {
        let count = graph.values[value].shape.count
        return buffers[value].map { Place(address: $0.address + UInt64(image * count * 4), stride: count) }
    }

    func numbers(of value: ValueID, image: Int) throws(NetworkError) -> [Float] {
        let count = graph.values[value].shape.count
        return try stream.download(place(value, from: image)!.address, count)
    }

    /// A row of logits an image.
    func scores() throws(NetworkError) -> [[Float]] {
        let count = graph.numbers
        let all = try stream.download(place(graph.logits)!.address, images * count)
        return (0..<images).map { Array(all[$0 * count..<($0 + 1) * count]) }
    }

    private func pass(_ index: Int, _ images: Range<Int>) -> Pass {
        let node = graph.nodes[index]
        return Pass(
            stream: stream, program: program, node: index, images: images.count,
            computed: node.operands.map { $0?.value.flatMap { place($0, from: images.lowerBound) } },
            outputs: node.outputs.map { place($0, from: images.lowerBound) })
    }

    /// The gradients of some images at some values on the path, [values][images]: see `Run.gradients`.
    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [ValueID: [[Float]]] {
        try program.card.enter()
        var gradients: [ValueID: Buffer] = [:], found: [ValueID: [[Float]]] = [:]
        let seed = try stream.pool.take(images.count * graph.numbers)
        try stream.upload(Array(cotangents.joined()), to: seed.address)
        gradients[graph.logits] = seed

        func collect(_ value: ValueID) throws(NetworkError) {
            guard values.contains(value), found[value] == nil else { return }
            let count = graph.values[value].shape.count
            guard let buffer = gradients[value] else {
                found[value] = images.map { _ in [Float](repeating: 0, count: count) }
                return
            }
            let all = try stream.download(buffer.address, images.count * count)
            found[value] = (0..<images.count).map { Array(all[$0 * count..<($0 + 1) * count]) }
        }

        for index in plan.nodes.reversed() {
            let node = graph.nodes[index], op = program.op(index)
            // A gradient is complete when the walk comes to the node that gives its value.
            for output in node.outputs { try collect(output) }
            if values.allSatisfy({ found[$0] != nil }) { break }
            defer { for output in node.outputs { gradients[output] = nil } }
            guard node.outputs.contains(where: { gradients[$0] != nil }) else { continue }
            let wanted = node.operands.map { $0?.value.flatMap { plan.onPath.contains($0) ? $0 : nil } }
            guard wanted.contains(where: { $0 != nil }) else { continue }
            if op.isView, let operand = wanted[0], gradients[operand] == nil {
                gradients[operand] = gradients[node.outputs[0]]
                continue
            }
            for value in wanted.compactMap({ $0 }) where gradients[value] == nil {
                gradients[value] = try stream.zeros(images.count * graph.values[value].shape.count)
            }
            try op.gradient(
                GradientPass(
                    pass: pass(index, images), dOutputs: node.outputs.map { gradients[$0]?.address },
                    dOperands: wanted.map { $0.flatMap { gradients[$0]?.address } }, rule: rule))
        }
        for value in values { try collect(value) }
        return found
    }
}
