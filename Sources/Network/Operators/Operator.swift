/// What one node computes. The initialiser reads the node's attributes and constant operands and works out shapes, so
/// that whatever cannot be run is refused while the file is imported; a value of a conforming type never changes. How a
/// device computes it is the device's own affair: see `CPUOperator`.
///
/// A new operator is a file here, a line in `Registry`, and a file of each device's (CPU/Operators).
package protocol Operator: Sendable {
    init(_ node: NodeReader) throws(OperatorFault)

    /// One image's shape of every output.
    var outputShapes: [Shape] { get }

    /// What it does with integers: told before it is made, by the node, for one type may serve several names.
    static func integers(_ node: NodeReader) -> IntegerUse

    /// What it does to the places of a map.
    var spatialEffect: SpatialEffect { get }

    /// What it does to numbers, apart from their places.
    var numberEffect: NumberEffect { get }

    /// The same with other weights, where it holds its own besides its operands.
    ///
    /// - Parameter weights: as many, in the same order.
    func with(weights: FloatStorage) -> any Operator

    /// Multiplications and additions an image, in pairs: about how long it takes.
    var operations: Double { get }
}

/// What an operator does to the places of a map: where those of its output come from in its operands.
package enum SpatialEffect: Sendable {
    /// From the same place of every operand that has it, aligned as in broadcasting.
    case pointwise
    /// From a window over a map [N, C, H, W], its first operand.
    case window
    /// From a map of another size, the same axes of the first operand.
    case resize
    /// Axis i of the output is axis `permutation[i]` of the operand.
    case permutation([Int])
    /// The same numbers in the same order under another shape.
    case reshape
    /// Every so many along each axis.
    case slice(starts: [Int], steps: [Int])
    /// The operands laid end to end.
    case concatenation(axis: Int, extents: [Int])
    /// From the same row of the first operand: a product, whose columns are mixed.
    case rows
    /// Along the axis of this extent before which the others make up `outer`, from these indices.
    case gather(outer: Int, extent: Int, indices: [Int])
    /// As `pointwise`, where the axes are not among those that are reduced.
    case reduction(axes: [Int])
    /// From anywhere.
    case scattered
}

/// What an operator does to numbers, apart from their places.
package enum NumberEffect: Sendable {
    /// The output holds all of the first operand's numbers and no others, perhaps more than once.
    case kept
    /// The outputs hold numbers of the operands and no others.
    case moved
    /// Sums with weights: a convolution or a product, whose weights are constants or computed.
    case mixed
    /// Means, maxima and other statistics of several numbers.
    case pooled
    /// Steps, through which no gradient passes.
    case decided
    case other
}

extension Operator {
    /// Most read their operands.
    package func with(weights: FloatStorage) -> any Operator { self }

    /// One for every number that it gives.
    package var operations: Double { outputShapes.reduce(0) { $0 + Double($1.count) } }

    /// Whether the output is the first operand's memory under another shape.
    package var isView: Bool { if case .reshape = spatialEffect { true } else { false } }

    /// Whether its outputs hold its operands' numbers as they are, in other places.
    var movesNumbers: Bool { numberEffect == .moved || numberEffect == .kept }

    /// Whether its output holds all of one operand's numbers and no others, in other places or more than once.
    var keepsNumbers: Bool { numberEffect == .kept }
}
