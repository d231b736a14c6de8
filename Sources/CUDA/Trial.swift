import Network

/// By how much numbers of a device differ from the CPU's in float32. Infinite where a number is none.
struct Difference {
    /// Scores, recorded values and maps: at the most, of the largest.
    var values: Float = 0
    /// Gradients: on the mean, of the mean size.
    var gradients: Float = 0

    /// The larger of both.
    func joined(_ other: Difference) -> Difference {
        Difference(values: max(values, other.values), gradients: max(gradients, other.gradients))
    }

    /// The most that there may be. Of TF32 three times what trained networks were seen to differ by (`docs/cuda.md`);
    /// gradients turn at single places, where a rectifier's input is near zero.
    static func tolerance(of precision: Precision) -> Difference {
        precision == .tf32 ? Difference(values: 3e-2, gradients: 0.3) : Difference(values: 1e-3, gradients: 1e-3)
    }

    /// What is more than that; nil: nothing is.
    func excess(in precision: Precision) -> Float? {
        let most = Self.tolerance(of: precision)
        if !(values <= most.values) { return values }
        return gradients <= most.gradients ? nil : gradients
    }
}

/// Numbers of a device against the CPU's, in float32.
enum Trial {
    /// Of an image's scores and recorded values.
    ///
    /// - Parameters:
    ///   - image, other: its place in the device's run, and in the CPU's, which recorded the same.
    static func values(
        _ run: any Run, _ image: Int, _ expected: any Run, _ other: Int
    ) throws(NetworkError) -> Difference {
        let recording = run.recording
        var worst = relative(run.scores[image], expected.scores[other])
        for value in recording.values.union(recording.gradients).union(recording.resumable).sorted() {
            let (own, reference) = (try run.value(value, image: image), try expected.value(value, image: other))
            worst = max(worst, relative(own.values, reference.values))
        }
        return Difference(values: worst)
    }

    /// The gradients of an image of a run.
    struct Walk {
        /// At values that the run recorded.
        let gradients: [Tensor]
        let run: any Run
        let image: Int

        /// Of the gradients and, of plain ones at layers [1, C, H, W], of Grad-CAM's map.
        ///
        /// - Parameter size: the largest number of the cotangent.
        func difference(
            from expected: Walk, at values: [ValueID], of size: Float, isPlain: Bool, _ graph: Graph
        ) throws(NetworkError) -> Difference {
            var worst = Difference()
            for (index, value) in values.enumerated() {
                let (own, reference) = (gradients[index], expected.gradients[index])
                var found = Difference(gradients: mean(own.values, reference.values, smallest: smallest * size))
                if isPlain, value != graph.input, Self.isMap(own.shape) {
                    let map = try expected.map(index, value)
                    found.values = relative(try self.map(index, value), map, smallest: smallest * size)
                }
                worst = worst.joined(found)
            }
            return worst
        }

        private static func isMap(_ shape: Shape) -> Bool {
            shape.rank == 4 && shape[0] == 1 && shape[2] * shape[3] > 1
        }

        /// Grad-CAM's map before it is cut off at zero.
        private func map(_ index: Int, _ id: ValueID) throws(NetworkError) -> [Float] {
            let (value, gradient) = (try run.value(id, image: image), gradients[index])
            let area = value.shape[2] * value.shape[3]
            var map = [Float](repeating: 0, count: area)
            for channel in 0..<value.shape[1] {
                let first = channel * area
                let weight = gradient.values[first..<first + area].reduce(0, +) / Float(area)
                for i in 0..<area { map[i] += weight * value.values[first + i] }
            }
            return map
        }
    }

    /// Smaller numbers than this are taken for rounding, and differences are never told of less.
    private static let smallest: Float = 1e-6

    /// The largest difference, of the largest finite number that is expected. Infinite where counts differ, and where
    /// a number that is not finite is not the same in both.
    static func relative(_ found: [Float], _ expected: [Float], smallest: Float = smallest) -> Float {
        guard found.count == expected.count else { return .infinity }
        let scale = expected.reduce(smallest) { $1.isFinite ? max($0, abs($1)) : $0 }
        return differences(found, expected).reduce(0, max) / scale
    }

    /// The mean difference, of the mean size of what is expected: single numbers of a gradient hang on rounding, where
    /// two numbers under a maximum's window are nearly equal. Infinite as `relative` is.
    static func mean(_ found: [Float], _ expected: [Float], smallest: Float = smallest) -> Float {
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
