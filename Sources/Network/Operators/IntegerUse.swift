import ONNX

/// What an operator does with integers. It computes in floats, which hold integers exactly below 2^24; shapes and
/// indices that exporters compute are larger at times, and are folded exactly where the operator says how.
package struct IntegerUse: Sendable {
    /// What becomes of the operands that hold data.
    enum Effect: Sendable {
        /// The outputs are some of their elements, or 0.
        case moved
        /// They are compared: against numbers within 2^24, rounding does not change what is greater.
        case compared
        /// As `compared`, but for the first, which is what the outputs are made of.
        case bounded
        /// Sums and products of many, which may leave the range that floats hold exactly.
        case accumulated
        case computed
    }

    enum Outputs: Sendable {
        /// Numbers of the type of this operand.
        case numbers(of: Int)
        /// Numbers of the first operand's type, but indices from the output of this index on.
        case indices(from: Int)
        case truthValues
        /// Floats that stand for numbers of this type, where it is known.
        case typed(ElementType?)
    }

    /// The outputs' integers, exactly, where every operand is an integer constant; nil where they are computed as any
    /// numbers. They are ONNX's int64, whose arithmetic wraps, as numpy's does: none of it ends the program.
    typealias Fold = @Sendable (NodeReader) throws(OperatorFault) -> Operand?

    /// Operands whose integers are numbers as any other; those of others are indices, axes or extents.
    let data: [Int]
    let effect: Effect
    let outputs: Outputs
    let fold: Fold?

    /// Of an operator that computes with floats alone.
    static let none = IntegerUse([])

    init(
        _ data: [Int], _ effect: Effect = .computed, gives outputs: Outputs = .numbers(of: 0), fold: Fold? = nil
    ) {
        (self.data, self.effect, self.outputs, self.fold) = (data, effect, outputs, fold)
    }

}

// MARK: Exact folding

extension IntegerUse {
    /// f of every integer.
    static func each(_ f: @escaping @Sendable (Int64) -> Int64) -> Fold {
        { node throws(OperatorFault) in
            let (shape, values) = try node.wholeNumbers(0)
            return .integers(shape.shape, values.map(f))
        }
    }

    /// f of every pair, with broadcasting.
    static func pairs(_ f: @escaping @Sendable (Int64, Int64) -> Int64) -> Fold {
        { node throws(OperatorFault) in
            // More operands than two are folded pair by pair: see `Lowering.chainPairs`.
            guard node.operands.count == 2 else { return nil }
            let ((a, x), (b, y)) = (try node.wholeNumbers(0), try node.wholeNumbers(1))
            let both = try node.broadcast([a, b])
            return .integers(both, zip(a.shape.spread(x, to: both), b.shape.spread(y, to: both)).map(f))
        }
    }

    /// A pair's truth value.
    static func truth(_ holds: @escaping @Sendable (Int64, Int64) -> Bool) -> Fold { pairs { holds($0, $1) ? 1 : 0 } }
}

extension Shape {
    /// Repeats broadcast elements until the numbers fill the shape.
    func spread<Element>(_ values: [Element], to target: Shape) -> [Element] {
        var spread: [Element] = []
        spread.reserveCapacity(target.count)
        forEachSource(in: target) { spread.append(values[$0]) }
        return spread
    }
}

extension NodeReader {
    /// An operand that must be an integer constant, with its shape.
    func wholeNumbers(_ index: Int) throws(OperatorFault) -> (shape: Extents, values: [Int64]) {
        guard case .integers(let shape, let values) = try required(index) else { throw .notConstant(index) }
        return (Extents(shape), values)
    }

    /// What shapes of constants broadcast to; all operands and the result are there at once.
    func broadcast(_ shapes: [Extents]) throws(OperatorFault) -> Shape {
        var whole = Shape.scalar
        for shape in shapes {
            guard let both = try Shape.broadcast(whole, shape.shape) else {
                throw .shape(
                    "operands of shapes \(shapes.map(\.description).joined(separator: " and ")) do not broadcast")
            }
            whole = both
        }
        return try constant(whole, copies: shapes.count + 1)
    }
}
