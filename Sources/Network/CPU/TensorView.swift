/// How a value's elements lie in memory.
enum Layout: Hashable, Sendable {
    /// Row-major in ONNX's own order of axes.
    case plain
    /// [1, C, H, W] stored as H x W x C: a pixel's channels are neighbours.
    case channelsLast
    /// Elements of another value's memory: floats between neighbours along each axis.
    case strided([Int])

    /// The axes of a tensor of this rank from outermost to innermost in memory, where the layout says it.
    func order(rank: Int) -> [Int] {
        switch self {
        case .plain, .strided: Array(0..<rank)
        case .channelsLast: [0] + Array(2..<rank) + [1]
        }
    }

    /// Floats between neighbours along each of a shape's axes.
    func strides(of shape: Shape) -> [Int] {
        if case .strided(let strides) = self { return strides }
        var strides = [Int](repeating: 0, count: shape.rank)
        var step = 1
        for axis in order(rank: shape.rank).reversed() {
            strides[axis] = step
            step *= shape[axis]
        }
        return strides
    }

    var isStrided: Bool { if case .strided = self { true } else { false } }

    /// Whether a tensor of this shape lies in memory the same way in either layout.
    static func coincide(_ shape: Shape) -> Bool {
        shape.rank < 3 || shape[1] == 1 || shape.count == shape[0] * shape[1]
    }
}

/// A borrowed tensor of some images, one after another: the shape is one image's.
struct TensorView {
    let base: UnsafeMutablePointer<Float>
    let shape: Shape
    let layout: Layout
    /// Floats from one image to the next; 0 for a constant, which all images share.
    let imageStride: Int

    func image(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * imageStride }

    /// Extents from outermost to innermost in memory.
    var physicalDims: [Int] { layout.order(rank: shape.rank).map { shape[$0] } }

    /// Floats between neighbours along each of the shape's own axes.
    var strides: [Int] { layout.strides(of: shape) }

    /// Strides along the axes of `target`, whose memory order is `order`; 0 where this tensor is broadcast.
    func strides(along target: Shape, order: [Int]) -> [Int] {
        let own = strides
        let offset = target.rank - shape.rank
        return order.map { axis in
            let mine = axis - offset
            return mine < 0 || shape[mine] == 1 ? 0 : own[mine]
        }
    }

    var channels: Int { shape[1] }
    var height: Int { shape.rank > 3 ? shape[2] : 1 }
    var width: Int { shape.rank > 2 ? shape[shape.rank - 1] : 1 }
}
