/// Computes one step of a plan for a batch of images. What it computes allocates no memory whose size hangs on a
/// file's: scratch memory and packed weights are there before.
protocol Kernel: Sendable {
    /// What its gradient reads besides the incoming gradient; everything else may be forgotten after the forward pass.
    var gradientReads: GradientReads { get }
    /// Floats of scratch memory that a call for this many images needs.
    func scratch(images: Int, threads: Int) -> Int
    /// The weights that a call of `forward`, or of `gradient`, for this many images reads; they are prepared before.
    func weights(images: Int, gradient: Bool) -> [PackedWeights]
    /// How it computes, for a profile; empty where there is one way only.
    func algorithmName(images: Int) -> String
    /// Floating-point operations of a forward call; 0 where they do not count.
    func operations(images: Int) -> Double
    /// Whether an operand that lies somewhere by these strides is read there, and where a gradient passes, its own
    /// added there; else it comes in a layout that the operator wants.
    func reads(_ strides: [Int], operand: Int, gradient: Bool) -> Bool
    func forward(_ pass: ForwardPass)
    /// Adds the operands' gradients to `pass.dOperands`; writes those of `pass.overwritten` over what is there.
    func gradient(_ pass: GradientPass)
    /// Whether the gradient of an operand can be written without being set to zero first.
    func overwritesGradient(of operand: Int) -> Bool
    /// The most images that one call computes for less than a call for each would take, every image with the numbers
    /// that it has by itself.
    func mostJoined(gradient: Bool) -> Int
}

extension Kernel {
    var gradientReads: GradientReads { [] }
    func scratch(images: Int, threads: Int) -> Int { 0 }
    func weights(images: Int, gradient: Bool) -> [PackedWeights] { [] }
    func algorithmName(images: Int) -> String { "" }
    func operations(images: Int) -> Double { 0 }
    func reads(_ strides: [Int], operand: Int, gradient: Bool) -> Bool { false }
    func overwritesGradient(of operand: Int) -> Bool { false }
    func mostJoined(gradient: Bool) -> Int { 1 }
}

/// What of the forward pass a gradient reads.
struct GradientReads: OptionSet {
    let rawValue: Int
    static let operands = GradientReads(rawValue: 1)
    static let outputs = GradientReads(rawValue: 2)
}

struct ForwardPass {
    let images: Int
    let operands: [TensorView]
    let outputs: [TensorView]
    let scratch: UnsafeMutablePointer<Float>
    let threads: Threads

    var input: TensorView { operands[0] }
    var output: TensorView { outputs[0] }
}

struct GradientPass {
    let images: Int
    let operands: [TensorView]
    let outputs: [TensorView]
    /// The incoming gradient of every output; a kernel may use it up as scratch memory.
    let dOutputs: [TensorView]
    /// Where to add the gradient of every operand; nil where nobody asks for it.
    let dOperands: [TensorView?]
    /// Operands whose gradient begins here, of those for which the kernel's `overwritesGradient` holds.
    var overwritten: Set<Int> = []
    let rule: RectifierRule
    let scratch: UnsafeMutablePointer<Float>
    let threads: Threads

    var dOutput: TensorView { dOutputs[0] }
}
