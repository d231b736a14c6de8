/// A whole number that a file tells and shapes are made of: an extent, a pad, a stride, an axis. Shape rules compute
/// with nothing else: sums, differences, products and quotients that do not fit are thrown, so that no file can make
/// one wrap or end the program.
struct Extent: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// The number for a kernel, a count or a place in a list. A rule does no arithmetic with it (a test looks).
    let value: Int

    init(_ value: Int) { self.value = value }
    /// A number of the file; one that this machine cannot hold becomes the nearest that it can.
    init(_ value: Int64) { self.value = Int(clamping: value) }
    init(integerLiteral value: Int) { self.value = value }

    /// The whole part of a number, which may be no number or beyond all that fit.
    init(_ number: Double) throws(OperatorFault) {
        guard let value = Int(exactly: number.rounded(.towardZero)) else { throw .uncountable }
        self.value = value
    }

    /// What indices of 32 bits reach.
    static let mostInt32: Extent = 2_147_483_647, mostUInt32: Extent = 4_294_967_295

    var int64: Int64 { Int64(value) }
    var double: Double { Double(value) }
    var description: String { value.description }

    static func < (a: Extent, b: Extent) -> Bool { a.value < b.value }

    static func + (a: Extent, b: Extent) throws(OperatorFault) -> Extent {
        try checked(a.value.addingReportingOverflow(b.value))
    }

    static func - (a: Extent, b: Extent) throws(OperatorFault) -> Extent {
        try checked(a.value.subtractingReportingOverflow(b.value))
    }

    static func * (a: Extent, b: Extent) throws(OperatorFault) -> Extent {
        try checked(a.value.multipliedReportingOverflow(by: b.value))
    }

    /// Rounded towards 0; there is no quotient by 0.
    static func / (a: Extent, b: Extent) throws(OperatorFault) -> Extent {
        try checked(a.value.dividedReportingOverflow(by: b.value))
    }

    /// With the sign of `a`; there is no remainder by 0.
    static func % (a: Extent, b: Extent) throws(OperatorFault) -> Extent {
        try checked(a.value.remainderReportingOverflow(dividingBy: b.value))
    }

    static prefix func - (a: Extent) throws(OperatorFault) -> Extent { try 0 - a }

    func isMultiple(of other: Extent) -> Bool { value.isMultiple(of: other.value) }

    func isPositiveMultiple(of other: Extent) -> Bool { value > 0 && isMultiple(of: other) }

    private static func checked(_ result: (partialValue: Int, overflow: Bool)) throws(OperatorFault) -> Extent {
        guard !result.overflow else { throw .uncountable }
        return Extent(result.partialValue)
    }
}

extension OperatorFault {
    static let uncountable = shape(
        "its sizes are beyond what can be counted: the file is damaged; export it again")
}

extension Sequence<Extent> {
    /// The product; a zero does not hide that the others' cannot be counted.
    func product() throws(OperatorFault) -> Extent {
        var (product, isEmpty): (Extent, Bool) = (1, false)
        for extent in self { if extent == 0 { isEmpty = true } else { product = try product * extent } }
        return isEmpty ? 0 : product
    }

    func sum() throws(OperatorFault) -> Extent {
        var sum: Extent = 0
        for extent in self { sum = try sum + extent }
        return sum
    }

    /// The numbers for a kernel.
    var values: [Int] { map(\.value) }
}

/// A shape as rules compute with it.
struct Extents: Equatable, CustomStringConvertible {
    let shape: Shape

    init(_ shape: Shape) { self.shape = shape }

    var rank: Int { shape.rank }
    var axes: Range<Int> { shape.dims.indices }
    var dims: [Extent] { shape.dims.map { Extent($0) } }
    /// How many elements.
    var count: Extent { Extent(shape.count) }
    /// - Throws: where there are fewer axes.
    subscript(axis: Int) -> Extent {
        get throws(OperatorFault) {
            guard axes.contains(axis) else { throw .shape("\(shape) has too few axes") }
            return Extent(shape[axis])
        }
    }
    var description: String { shape.description }

    /// The axis that `axis` names (negative: from the end).
    func axis(_ axis: Extent) throws(OperatorFault) -> Int {
        let count = Extent(rank)
        guard axis < count, axis >= (try -count) else { throw .shape("axis \(axis) is not one of \(shape)") }
        return axis < 0 ? (try axis + count).value : axis.value
    }

    /// Products of the extents before and after an axis, and its own.
    func around(_ axis: Int) throws(OperatorFault) -> (outer: Int, extent: Int, inner: Int) {
        (try dims[..<axis].product().value, shape[axis], try dims[(axis + 1)...].product().value)
    }

    /// The same with another extent at an axis.
    func with(_ extent: Extent, at axis: Int) throws(OperatorFault) -> Shape {
        var dims = self.dims
        dims[axis] = extent
        return try Shape(dims)
    }
}
