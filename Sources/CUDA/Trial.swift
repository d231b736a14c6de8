import Network

/// A run of a device against the CPU's of the same image, in float32.
struct Trial {
    private let run: any Run
    private let image: [Float]
    private let graph: Graph
    private let threads: Int

    init(_ run: any Run, _ image: [Float], _ graph: Graph, _ threads: Int) {
        (self.run, self.image, self.graph, self.threads) = (run, image, graph, threads)
    }

    /// By how much the device's numbers differ at the most: scores and recorded values, of the largest; and Grad-CAM's
    /// map of the best class at every layer whose gradient is recorded, or where that is no map [1, C, H, W], the
    /// gradient, of the largest. Infinite where a number is none.
    func difference() throws(NetworkError) -> Float {
        var options = LoadOptions(threads: threads, expectedImages: 1)
        options.precision = .float32
        let onPath = graph.ancestors(of: graph.logits)
        // The input's own gradient hangs, where two numbers under a maximum's window are nearly equal, on rounding.
        let layers = run.recording.gradients.filter { $0 != graph.input && onPath.contains($0) }.sorted()
        let expected = try CPU.load(graph, options).session(threads: threads)
            .run([image], recording: Recording(values: run.recording.values, gradients: Set(layers)))
        var worst = Self.relative(run.scores[0], expected.scores[0])
        for value in run.recording.values.sorted() {
            let (own, reference) = (try run.value(value, image: 0), try expected.value(value, image: 0))
            worst = max(worst, Self.relative(own.values, reference.values))
        }
        guard !layers.isEmpty else { return worst }
        let scores = expected.scores[0], best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        let cotangent = scores.indices.map { $0 == best ? Float(1) : 0 }
        let found = try run.gradients([cotangent], of: 0..<1, at: layers, rule: .plain)[0]
        let wanted = try expected.gradients([cotangent], at: layers, rule: .plain)[0]
        for (index, layer) in layers.enumerated() {
            let own = Self.map(try run.value(layer, image: 0), found[index])
            let reference = Self.map(try expected.value(layer, image: 0), wanted[index])
            worst = max(worst, Self.relative(own, reference))
        }
        return worst
    }

    /// Grad-CAM's map before it is cut off at zero.
    private static func map(_ value: Tensor, _ gradient: Tensor) -> [Float] {
        let shape = value.shape
        guard shape.rank == 4, shape[0] == 1, shape[2] * shape[3] > 1 else { return gradient.values }
        let area = shape[2] * shape[3]
        var map = [Float](repeating: 0, count: area)
        for channel in 0..<shape[1] {
            let first = channel * area
            let weight = gradient.values[first..<first + area].reduce(0, +) / Float(area)
            for i in 0..<area { map[i] += weight * value.values[first + i] }
        }
        return map
    }

    /// Smaller numbers than this are taken for rounding, and differences are never told of less.
    private static let smallest: Float = 1e-6

    /// The largest difference, of the largest finite number that is expected. Infinite where counts differ, and where
    /// a number that is not finite is not the same in both.
    static func relative(_ found: [Float], _ expected: [Float]) -> Float {
        guard found.count == expected.count else { return .infinity }
        let scale = expected.reduce(smallest) { $1.isFinite ? max($0, abs($1)) : $0 }
        return differences(found, expected).reduce(0, max) / scale
    }

    /// The mean difference, of the mean size of what is expected: single numbers of a gradient hang on rounding, where
    /// two numbers under a maximum's window are nearly equal. Infinite as `relative` is.
    static func mean(_ found: [Float], _ expected: [Float]) -> Float {
        guard found.count == expected.count else { return .infinity }
        let sizes = expected.reduce(smallest * Float(expected.count)) { $1.isFinite ? $0 + abs($1) : $0 }
        return expected.isEmpty ? 0 : differences(found, expected).reduce(0, +) / sizes
    }

    /// Of every two numbers; infinite where one of them is not finite and the other is not the same.
    private static func differences(_ found: [Float], _ expected: [Float]) -> [Float] {
        zip(found, expected).map { a, b -> Float in
            if a == b || (a.isNaN && b.isNaN) { return 0 }
            let difference = abs(a - b)
            return difference.isFinite ? difference : .infinity
        }
    }
}
