/// What one node computes. The initialiser reads the node's attributes and constant operands and works out shapes, so
/// that whatever cannot be run is refused while the file is imported; a value of a conforming type never changes.
///
/// A new operator is a new file (shape rule, forward, gradient, guided rule) and a line in `Registry`.
protocol Operator: Sendable {
    init(_ node: NodeReader) throws(OperatorFault)

    /// One image's shape of every output.
    var outputShapes: [Shape] { get }

    /// The layouts it wants its operands in and gives its outputs in, where `arriving` is how they come (nil: a
    /// constant).
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout])

    /// Whether the output is the first operand's memory under another shape.
    var isView: Bool { get }

    /// The CPU's way to compute it, made once and run many times.
    func kernel() -> any Kernel
}

struct GradientReads: OptionSet {
    let rawValue: Int
    static let operands = GradientReads(rawValue: 1)
    static let outputs = GradientReads(rawValue: 2)
}

extension Operator {
    var isView: Bool { false }

    /// Takes the operands in the first operand's layout where that is a map and the outputs are maps too.
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.compactMap { $0 }.first ?? .plain
        return (arriving.map { _ in layout }, outputShapes.map { _ in layout })
    }
}

/// Layout rules that operators share.
enum LayoutRule {
    static func channelsLast(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        (arriving.map { _ in .channelsLast }, [.channelsLast])
    }

    static func plain(_ arriving: [Layout?], outputs: Int = 1) -> (operands: [Layout], outputs: [Layout]) {
        (arriving.map { _ in .plain }, [Layout](repeating: .plain, count: outputs))
    }
}

/// Computes one step of a plan for a batch of images.
protocol Kernel: Sendable {
    /// What its gradient reads besides the incoming gradient; everything else may be forgotten after the forward pass.
    var gradientReads: GradientReads { get }
    /// Floats of scratch memory that a call for this many images needs.
    func scratch(images: Int, threads: Int) -> Int
    /// How it computes, for a profile; empty where there is one way only.
    func algorithmName(images: Int) -> String
    /// Floating-point operations of a forward call; 0 where they do not count.
    func operations(images: Int) -> Double
    func forward(_ pass: ForwardPass)
    /// Adds the operands' gradients to `pass.dOperands`; writes those of `pass.overwritten` over what is there.
    func gradient(_ pass: GradientPass)
    /// Whether the gradient of an operand can be written without being set to zero first.
    func overwritesGradient(of operand: Int) -> Bool
}

extension Kernel {
    var gradientReads: GradientReads { [] }
    func scratch(images: Int, threads: Int) -> Int { 0 }
    func algorithmName(images: Int) -> String { "" }
    func operations(images: Int) -> Double { 0 }
    func overwritesGradient(of operand: Int) -> Bool { false }
}

extension Operator where Self: Kernel {
    func kernel() -> any Kernel { self }
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
