/// The extents of a tensor, outermost first, as ONNX writes them. A network's values carry the shape of **one image**
/// (leading extent 1 where ONNX has a batch); how many images run together is known to the plan alone.
///
/// No extent is negative, there are at most `mostAxes` of them, and the product of any of them is at most
/// `mostElements`: whatever kernels and plans compute of one shape's extents fits.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// The extents.
    public let dims: [Int]
    /// How many elements: their product.
    public let count: Int

    static let mostAxes = 64
    static let mostElements = 1 << 40

    /// A shape of these extents, outermost first.
    ///
    /// - Throws: where a tensor cannot have them, as a damaged file may ask for.
    init(_ extents: [Extent]) throws(OperatorFault) {
        guard extents.count <= Self.mostAxes else {
            throw .shape(
                "a tensor of \(extents.count) axes cannot be computed, only of \(Self.mostAxes) at most: the file is "
                    + "damaged; export it again")
        }
        // A zero must not hide the others' product: strides are computed without it.
        var size = 1
        for extent in extents {
            let (product, overflow) = size.multipliedReportingOverflow(by: max(extent.value, 1))
            guard extent >= 0, !overflow, product <= Self.mostElements else {
                throw .shape(
                    "a tensor would be of shape \(extents), which cannot be computed; if the network was exported for "
                        + "another input size, give that one (\(.inputSize))"
                )
            }
            size = product
        }
        self.init(unchecked: extents.values)
    }

    /// A shape of these extents, outermost first.
    init(_ dims: [Int]) throws(OperatorFault) { try self.init(dims.map { Extent($0) }) }

    private init(unchecked dims: [Int]) {
        self.dims = dims
        count = dims.reduce(1, *)
    }

    /// Of a single number.
    static let scalar = Shape(unchecked: [])
    /// Of numbers that lie in memory, one after another.
    static func vector(_ count: Int) -> Shape { Shape(unchecked: [count]) }

    /// Whether one axis at the most has several elements: [1, numbers], or [1, numbers, 1, 1].
    public var isRow: Bool { count == dims.max() }

    /// How many axes.
    public var rank: Int { dims.count }
    /// The extent of an axis, counted from the outermost.
    public subscript(axis: Int) -> Int { dims[axis] }

    /// `[1, 3, 224, 224]`
    public var description: String { "[" + dims.map(String.init).joined(separator: ", ") + "]" }

    /// Floats from one element to the next along each axis of a row-major tensor.
    var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * dims[axis + 1] }
        return strides
    }

    /// The same with one element along some axes.
    func single(along axes: some Sequence<Int>) -> Shape {
        var dims = dims
        for axis in axes { dims[axis] = 1 }
        return Shape(unchecked: dims)
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
    ///
    /// - Throws: where a tensor cannot have that shape.
    static func broadcast(_ a: Shape, _ b: Shape) throws(OperatorFault) -> Shape? {
        let rank = max(a.rank, b.rank)
        var dims = [Int](repeating: 1, count: rank)
        for axis in 0..<rank {
            let x = axis < rank - a.rank ? 1 : a[axis - (rank - a.rank)]
            let y = axis < rank - b.rank ? 1 : b[axis - (rank - b.rank)]
            guard x == y || x == 1 || y == 1 else { return nil }
            dims[axis] = x == 1 ? y : x
        }
        return try Shape(dims)
    }
}
