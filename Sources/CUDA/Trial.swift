import Network

/// By how much numbers of a device differ from the CPU's in float32. Infinite where a number is none.
struct Difference {
    /// At the most, of the largest.
    var scores: Float = 0
    /// Recorded values and maps: the same.
    var values: Float = 0
    /// Gradients: on the mean, of the mean size.
    var gradients: Float = 0

    /// The larger of both.
    func joined(_ other: Difference) -> Difference {
        Difference(
            scores: max(scores, other.scores), values: max(values, other.values),
            gradients: max(gradients, other.gradients))
    }

    /// The most that there may be; of TF32 two to three times what trained networks were seen to differ by
    /// (`docs/precision.md`).
    static func tolerance(of precision: Precision) -> Difference {
        precision == .tf32
            ? Difference(scores: 6e-2, values: 0.2, gradients: 0.7)
            : Difference(scores: 1e-3, values: 1e-3, gradients: 1e-3)
    }

    /// Draws of shaken images at the most.
    private static let draws: UInt32 = 4

    /// Whether it is more than a precision's tolerance, and yet no more than rounding may do. What is infinite is more.
    ///
    /// - Parameter shaken: what the CPU's numbers for a draw of a shaken image differ by from those for the image.
    func isRounding(
        in precision: Precision, _ shaken: (_ draw: UInt32) throws(NetworkError) -> Difference
    ) throws(NetworkError) -> Bool {
        guard excess(in: precision) != nil, max(scores, values, gradients).isFinite else { return false }
        var most = Difference()
        for draw in 1...Self.draws {
            most = most.joined(try shaken(draw))
            if excess(in: precision, beside: most) == nil { return true }
        }
        return false
    }

    /// What is more than a precision's tolerance, or than three times what shaken images give; nil: nothing is.
    func excess(in precision: Precision, beside shaken: Difference = Difference()) -> CUDA.Discrepancy? {
        let three = Difference(scores: 3 * shaken.scores, values: 3 * shaken.values, gradients: 3 * shaken.gradients)
        let most = Self.tolerance(of: precision).joined(three)
        if !(scores <= most.scores) { return .ofLargest(scores) }
        if !(values <= most.values) { return .ofLargest(values) }
        return gradients <= most.gradients ? nil : .ofGradients(gradients)
    }
}

/// Numbers of a device against the CPU's, in float32.
enum Trial {
    /// Of an image's scores and, in ascending order, each recorded value.
    ///
    /// - Parameters:
    ///   - image, other: its place in the device's run, and in the CPU's, which recorded the same.
    static func values(
        _ run: any Run, _ image: Int, _ expected: any Run, _ other: Int
    ) throws(NetworkError) -> [Difference] {
        var all = [Difference(scores: relative(run.scores[image], expected.scores[other]))]
        for value in run.recording.kept.sorted() {
            let (own, reference) = (try run.value(value, image: image), try expected.value(value, image: other))
            all.append(Difference(values: relative(own.values, reference.values)))
        }
        return all
    }

    /// The gradients of an image of a run.
    struct Walk {
        /// At values that the run recorded.
        let gradients: [Tensor]
        let run: any Run
        let image: Int

        /// At each value of the gradients and, of plain ones at layers, of Grad-CAM's map.
        ///
        /// - Parameter size: the largest number of the cotangent.
        func differences(
            from expected: Walk, at values: [ValueID], of size: Float, isPlain: Bool, _ graph: Graph
        ) throws(NetworkError) -> [Difference] {
            var all: [Difference] = []
            for (index, value) in values.enumerated() {
                let (own, reference) = (gradients[index], expected.gradients[index])
                let floor = smallest * size
                var found = Difference(gradients: mean(own.values, reference.values, smallest: floor))
                if isPlain, value != graph.input {
                    let (map, other) = (try self.map(index, value, graph), try expected.map(index, value, graph))
                    found.values = relative(map, other, smallest: floor)
                }
                all.append(found)
            }
            return all
        }

        /// Whether the gradients at each value are more than rounding, so that others can be compared with them.
        ///
        /// - Parameter size: the largest number of the cotangent.
        func tells(of size: Float) -> [Bool] { gradients.map { Trial.meanSize($0.values) > smallest * size } }

        /// Grad-CAM's map before it is cut off at zero.
        private func map(_ index: Int, _ id: ValueID, _ graph: Graph) throws(NetworkError) -> [Float] {
            let value = graph.featureMap(try run.value(id, image: image), at: id)
            let gradient = graph.featureMap(gradients[index], at: id), area = value.area
            var map = [Float](repeating: 0, count: area)
            for channel in 0..<value.channels {
                let first = channel * area
                let weight = gradient.values[first..<first + area].reduce(0, +) / Float(area)
                for i in 0..<area { map[i] += weight * value.values[first + i] }
            }
            return map
        }
    }

    /// An image that is the same but for the last digits: each number is changed by up to 2e-6 of the largest. What comes
    /// out otherwise hangs on rounding: gradients turn where a rectifier's input is near zero, or two numbers under a
    /// maximum's window are nearly equal, as all are in a plain image; quantised numbers turn at half a step.
    ///
    /// - Parameter draw: which of the images that are so; nil: the image itself.
    static func shaken(_ image: [Float], _ draw: UInt32?) -> [Float] {
        guard let draw else { return image }
        let largest = image.reduce(0) { max($0, abs($1)) }, most = 2e-6 * (largest > 0 ? largest : 1)
        var state = draw
        return image.map { number in
            // Numerical Recipes' linear congruential generator, of 32 bits.
            state = state &* 1_664_525 &+ 1_013_904_223
            return number + most * (Float(state >> 8) / Float(1 << 23) - 1)
        }
    }

    /// Smaller numbers than this are taken for rounding, and differences are never told of less.
    private static let smallest: Float = 1e-6

    /// The largest difference, of the largest finite number that is expected. Infinite where counts differ, and where
    /// a number that is not finite is not the same in both.
    static func relative(_ found: [Float], _ expected: [Float], smallest: Float = smallest) -> Float {
        guard found.count == expected.count else { return .infinity }
        let scale = expected.reduce(smallest) { $1.isFinite ? max($0, abs($1)) : $0 }
        return quotient(differences(found, expected).reduce(0) { max($0, abs($1)) }, scale)
    }

    /// The mean difference, of the mean size of what is expected. Infinite as `relative` is.
    static func mean(_ found: [Float], _ expected: [Float], smallest: Float = smallest) -> Float {
        guard found.count == expected.count else { return .infinity }
        guard !expected.isEmpty else { return 0 }
        let scale = (smallest + meanSize(expected)) * Float(expected.count)
        return quotient(differences(found, expected).reduce(0) { $0 + abs($1) }, scale)
    }

    /// Whether numbers are more than rounding, so that others can be compared with them.
    static func tells(_ numbers: [Float]) -> Bool { numbers.contains { abs($0) > smallest } }

    /// Infinite where sums are beyond float32.
    private static func quotient(_ difference: Float, _ scale: Float) -> Float {
        difference == 0 ? 0 : scale.isFinite ? difference / scale : .infinity
    }

    /// Of the finite ones among some numbers, of all of them.
    private static func meanSize(_ numbers: [Float]) -> Float {
        numbers.reduce(0) { $1.isFinite ? $0 + abs($1) : $0 } / Float(max(1, numbers.count))
    }

    /// Found from expected; infinite where one of the two is not finite and the other is not the same.
    private static func differences(_ found: [Float], _ expected: [Float]) -> [Float] {
        zip(found, expected).map { a, b -> Float in
            if a == b || (a.isNaN && b.isNaN) { return 0 }
            return (a - b).isFinite ? a - b : .infinity
        }
    }
}
