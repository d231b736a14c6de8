/// What one node computes. The initialiser reads the node's attributes and constant operands and works out shapes, so
/// that whatever cannot be run is refused while the file is imported; a value of a conforming type never changes. How a
/// device computes it is the device's own affair: see `CPUOperator`.
///
/// A new operator is a file here, a line in `Registry`, and a file of each device's (CPU/Operators).
package protocol Operator: Sendable {
    init(_ node: NodeReader) throws(OperatorFault)

    /// One image's shape of every output.
    var outputShapes: [Shape] { get }

    /// Whether the output is the first operand's memory under another shape.
    var isView: Bool { get }
}

extension Operator {
    package var isView: Bool { false }
}
