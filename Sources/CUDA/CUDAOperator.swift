import CCUDA
import Network

/// What a card does with an operator.
protocol CUDAOperator: Operator {
    var gradientReads: GradientReads { get }
    /// What its kernels read besides operands, the first of which has this shape; made once a program.
    func tables(of input: Shape) -> [Table]
    /// Whether what the node has is within what the kernels can take.
    func runs(on card: Card) -> Bool
    /// What it works in, forward or back, for so many images: the numbers of all memories that it takes at a time.
    func work(_ images: Int, on card: Card) -> [Int]
    /// Puts the computation of the outputs on the stream.
    func forward(_ pass: Pass) throws(NetworkError)
    /// Adds the operands' gradients to `dOperands`.
    func gradient(_ pass: GradientPass) throws(NetworkError)
}

extension CUDAOperator {
    var gradientReads: GradientReads { [] }
    func tables(of input: Shape) -> [Table] { [] }
    func work(_ images: Int, on card: Card) -> [Int] { [] }
    func runs(on card: Card) -> Bool { outputShapes.allSatisfy { $0.rank + 1 <= Int(GRADCAM_AXES) } }
}
