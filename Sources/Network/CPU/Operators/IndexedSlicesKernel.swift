extension IndexedSlices {
    /// Where a slice begins in an image's tensor.
    func start(_ slice: Int, _ operands: [TensorView], image: Int) -> Int {
        if let constant { return Int(constant[slice]) }
        let indices = operands[1].image(image)
        var start = base(of: slice)
        for (level, axis) in axes.enumerated() {
            let index = indices[slice * axes.count + level]
            let extent = Float(axis.extent)
            let inside = max(0, min(extent - 1, index < 0 ? index + extent : index))
            start += Int(inside) * axis.stride
        }
        return start
    }
}
