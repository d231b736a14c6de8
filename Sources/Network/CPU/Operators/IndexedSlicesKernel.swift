extension IndexedSlices {
    /// Where every slice begins in an image's tensor.
    func starts(_ operands: [TensorView], image: Int) -> [Int] {
        if let constant { return constant }
        let indices = operands[1].image(image)
        return bases.enumerated().map { tuple, base in
            axes.enumerated().reduce(base) { start, axis in
                let index = indices[tuple * axes.count + axis.offset]
                let extent = Float(axis.element.extent)
                let inside = max(0, min(extent - 1, index < 0 ? index + extent : index))
                return start + Int(inside) * axis.element.stride
            }
        }
    }
}
