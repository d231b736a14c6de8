extension Image {
    /// A picture of signed values, such as the gradient with respect to the input.
    ///
    /// (x - mean) / (std + 1e-5) * 0.1 + 0.5, clipped to 0...1, times 255, truncated: `deprocess_image` of
    /// pytorch-grad-cam 1.5.7, with numpy's float32 arithmetic and its order of summation over a contiguous array.
    /// - Parameter values: height x width x 3; mean and standard deviation are taken over all of them. NaN becomes
    ///   black.
    /// - Precondition: there are `width * height * 3` values; both sides are at least 1.
    public init(deprocessing values: [Float], width: Int, height: Int) {
        precondition(
            width > 0 && height > 0 && values.count == width * height * 3, "an image needs width * height * 3 values")
        let mean = values.withUnsafeBufferPointer { pairwiseSum($0) { $0 } } / Float(values.count)
        let variance =
            values.withUnsafeBufferPointer { pairwiseSum($0) { ($0 - mean) * ($0 - mean) } } / Float(values.count)
        let spread = variance.squareRoot() + 1e-5
        self.init(width: width, height: height) { target in
            values.withUnsafeBufferPointer { values in
                for i in 0..<values.count { target[i] = truncated(((values[i] - mean) / spread * 0.1 + 0.5) * 255) }
            }
        }
    }
}

/// The sum of `term(x)` in the order in which numpy adds up a contiguous array: halves down to 128 values, those in 8
/// interleaved sums.
private func pairwiseSum(_ values: UnsafeBufferPointer<Float>, term: (SIMD8<Float>) -> SIMD8<Float>) -> Float {
    let count = values.count
    if count > 128 {
        let middle = count / 2 / 8 * 8
        return pairwiseSum(UnsafeBufferPointer(rebasing: values[..<middle]), term: term)
            + pairwiseSum(UnsafeBufferPointer(rebasing: values[middle...]), term: term)
    }
    var sum: Float = 0
    let vectors = count / 8 * 8
    if vectors > 0 {
        var sums = SIMD8<Float>(repeating: 0)
        for i in stride(from: 0, to: vectors, by: 8) {
            sums += term(UnsafeRawPointer(values.baseAddress! + i).loadUnaligned(as: SIMD8<Float>.self))
        }
        let pairs = sums.evenHalf + sums.oddHalf, fours = pairs.evenHalf + pairs.oddHalf
        sum = fours[0] + fours[1]
    }
    for i in vectors..<count { sum += term(SIMD8(repeating: values[i]))[0] }
    return sum
}
