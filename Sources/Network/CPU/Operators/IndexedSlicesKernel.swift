extension IndexedSlices {
    /// Where a slice begins in an image's tensor.
    func start(_ slice: Int, _ operands: [TensorView], image: Int) -> Int {
        if let constant { return Int(constant[slice]) }
        let indices = operands[1].image(image)
        var start = base(of: slice)
        for (level, axis) in axes.enumerated() {
            // A float may lie beyond the axis that its integer lies in, and be no number at all.
            let index = Int(exactly: indices[slice * axes.count + level].rounded(.towardZero)) ?? 0
            let place = index < 0 ? index + axis.extent : index
            start += max(0, min(axis.extent - 1, place)) * axis.stride
        }
        return start
    }
}
