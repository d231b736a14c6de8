/// The extents of a tensor, outermost first, as ONNX writes them. A network's values carry the shape of **one image**
/// (leading extent 1 where ONNX has a batch); how many images run together is known to the plan alone.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// The extents.
    public let dims: [Int]
    /// How many elements: their product.
    public let count: Int

    /// A shape of these extents, outermost first.
    public init(_ dims: [Int]) {
        self.dims = dims
        count = Self.product(dims)
    }

    /// The product of extents; `Int.max` where it does not fit, as a damaged file may have it.
    static func product<Extents: Sequence<Int>>(_ extents: Extents) -> Int {
        extents.contains(0)
            ? 0
            : extents.reduce(1) { product, extent in
                let (next, overflow) = product.multipliedReportingOverflow(by: extent)
                return overflow ? Int.max : next
            }
    }

    /// Whether a tensor of this shape can be computed: no extent is negative, and its bytes can be counted (those of
    /// any part of its axes, too).
    var isUsable: Bool { dims.allSatisfy { $0 >= 0 } && Self.product(dims.map { max($0, 1) }) < 1 << 40 }

    /// How many axes.
    public var rank: Int { dims.count }
    /// The extent of an axis, counted from the outermost.
    public subscript(axis: Int) -> Int { dims[axis] }

    /// `[1, 3, 224, 224]`
    public var description: String { "[" + dims.map(String.init).joined(separator: ", ") + "]" }

    /// Floats from one element to the next along each axis of a row-major tensor.
    var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = Shape.product([strides[axis + 1], dims[axis + 1]])
        }
        return strides
    }

    /// The axis that `axis` names (negative: from the end), or nil where there is none.
    func axis(_ axis: Int) -> Int? {
        let resolved = axis < 0 ? axis + rank : axis
        return dims.indices.contains(resolved) ? resolved : nil
    }

    /// Calls `body` for each element of `target`, to which this shape broadcasts, with its place in a row-major tensor of
    /// this shape.
    func forEachSource(in target: Shape, _ body: (Int) -> Void) {
        let own = strides, offset = target.rank - rank
        let steps = target.dims.indices.map { $0 >= offset && self[$0 - offset] > 1 ? own[$0 - offset] : 0 }
        var index = [Int](repeating: 0, count: target.rank), source = 0
        for _ in 0..<target.count {
            body(source)
            for axis in stride(from: target.rank - 1, through: 0, by: -1) {
                (index[axis], source) = (index[axis] + 1, source + steps[axis])
                if index[axis] < target[axis] { break }
                (index[axis], source) = (0, source - steps[axis] * target[axis])
            }
        }
    }

    /// ONNX's multidirectional broadcast of two shapes, or nil where they do not fit.
    static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
        let rank = max(a.rank, b.rank)
        var dims = [Int](repeating: 1, count: rank)
        for axis in 0..<rank {
            let x = axis < rank - a.rank ? 1 : a[axis - (rank - a.rank)]
            let y = axis < rank - b.rank ? 1 : b[axis - (rank - b.rank)]
            guard x == y || x == 1 || y == 1 else { return nil }
            dims[axis] = x == 1 ? y : x
        }
        return Shape(dims)
    }
}
