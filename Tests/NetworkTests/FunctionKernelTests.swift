import CKernels
import Foundation
import Testing

@testable import Network

/// The C kernels of functions against the C library's in double precision, at the width that GRADCAM_KERNELS asks for.
struct FunctionKernelTests {
    private static func values(_ function: gradcam_function, by: Float = 1, _ b: Float = 0, of x: [Float]) -> [Float] {
        KernelTests.written(over: x) { gradcam_function(function, by, b, x, 0, $0, 0, 1, x.count) }
    }

    /// Numbers from -limit to limit, as many as no vector divides.
    private static func numbers(upTo limit: Float) -> [Float] { (-5003...5003).map { Float($0) / 5003 * limit } }

    @Test func exponentials() {
        let x = Self.numbers(upTo: 87)
        for (x, y) in zip(x, Self.values(gradcam_exp, of: x)) { #expect(abs(Double(y) / exp(Double(x)) - 1) < 3e-7) }
        let limits = Self.values(gradcam_exp, of: [-.infinity, -1000, -200, 0, 89, 1000, .infinity])
        #expect(limits == [0, 0, 0, 1, .infinity, .infinity, .infinity])
        // Results that are no normal floats.
        let small: [Float] = [-88, -95, -103]
        for (x, y) in zip(small, Self.values(gradcam_exp, of: small)) {
            #expect(abs(Double(y) - exp(Double(x))) <= 2 * Double(Float.leastNonzeroMagnitude) + 1e-6 * exp(Double(x)))
        }
    }

    @Test func errorFunction() {
        let x = Self.numbers(upTo: 6)
        for (x, y) in zip(x, Self.values(gradcam_erf, of: x)) {
            #expect(abs(Double(y) - erf(Double(x))) <= 4e-7 * abs(erf(Double(x))))
        }
        #expect(Self.values(gradcam_erf, of: [-.infinity, -9, 0, 9, .infinity]) == [-1, -1, 0, 1, 1])
    }

    @Test func sigmoidsAndWhatIsMadeOfThem() {
        let x = Self.numbers(upTo: 30)
        for (x, y) in zip(x, Self.values(gradcam_sigmoid, of: x)) {
            #expect(abs(Double(y) * (1 + exp(-Double(x))) - 1) < 4e-7)
        }
        for (x, y) in zip(x, Self.values(gradcam_swish, by: 1.5, of: x)) where x != 0 {
            #expect(abs(Double(y) / Double(x) * (1 + exp(-1.5 * Double(x))) - 1) < 5e-6)
        }
        for (x, y) in zip(x, Self.values(gradcam_gelu, of: x)) {
            #expect(
                abs(Double(y) - 0.5 * Double(x) * erfc(-Double(x) / 2.0.squareRoot())) < 3e-7 * max(1, abs(Double(x))))
        }
        #expect(Self.values(gradcam_sigmoid, of: [-.infinity, 0, .infinity]) == [0, 0.5, 1])
    }

    /// Every function with a formula for one number, which the C library's functions compute.
    private static let functions: [UnaryFunction] = [
        .exp, .erf, .sigmoid, .swish(alpha: 1.702), .gelu(approximates: false), .gelu(approximates: true), .mish,
        .hardSigmoid(alpha: 0.2, beta: 0.5), .hardSwish, .leakyRelu(slope: 0.1),
    ]

    @Test(arguments: functions)
    func agreesWithTheFormula(_ function: UnaryFunction) {
        let (vectors, formula) = (VectorFunction(function)!, UnaryFormula(function))
        let x = Self.numbers(upTo: 12).filter { abs(abs($0) - 3) > 1e-3 }
        for (x, y) in zip(x, Self.values(vectors.which, by: vectors.a, vectors.b, of: x)) {
            #expect(abs(y - formula.value(x)) <= 2e-6 * max(1, abs(formula.value(x))), "\(x)")
        }
        let (before, d) = (x.map { _ in Float.random(in: -1...1) }, x.map { _ in Float.random(in: -1...1) })
        let sums = KernelTests.written(over: before) {
            gradcam_function_gradient(vectors.which, vectors.a, vectors.b, x, d, $0, x.count)
        }
        for i in x.indices {
            let slope = formula.derivative!(x[i], formula.value(x[i]))
            #expect(abs(sums[i] - before[i] - d[i] * slope) <= 3e-6 * max(1, abs(slope)), "\(x[i])")
        }
    }

    @Test(arguments: functions, [8, 15, 16, 17, 37])
    func rowsInPlaceAreThoseApart(_ function: UnaryFunction, count: Int) {
        let (vectors, rows, stride) = (VectorFunction(function)!, 5, count + 4)
        let x = (0..<rows * stride).map { _ in Float.random(in: -4...4) }
        let inPlace = KernelTests.written(over: x) {
            gradcam_function(vectors.which, vectors.a, vectors.b, $0, stride, $0, stride, rows, count)
        }
        for row in 0..<rows {
            let own = Array(x[row * stride..<row * stride + count])
            #expect(
                Array(inPlace[row * stride..<row * stride + count])
                    == Self.values(vectors.which, by: vectors.a, vectors.b, of: own))
            #expect(
                inPlace[(row * stride + count)..<(row + 1) * stride] == x[(row * stride + count)..<(row + 1) * stride])
        }
    }

    @Test func whatIsNoNumberStaysSo() {
        for function in [
            gradcam_exp, gradcam_erf, gradcam_sigmoid, gradcam_swish, gradcam_gelu, gradcam_gelu_tanh, gradcam_mish,
            gradcam_hard_swish, gradcam_leaky_relu,
        ] {
            let values = Self.values(function, of: [Float](repeating: .nan, count: 17))
            #expect(values.allSatisfy { $0.isNaN }, "\(function)")
        }
    }

    @Test(arguments: [1, 15, 16, 17, 197])
    func softmax(_ count: Int) {
        let x = (0..<count).map { _ in Float.random(in: -20...20) }
        let y = KernelTests.written(over: x) { gradcam_softmax(x, $0, count) }
        let sum = x.reduce(0) { $0 + exp(Double($1)) }
        for (x, y) in zip(x, y) { #expect(abs(Double(y) - exp(Double(x)) / sum) < 1e-5 * exp(Double(x)) / sum + 1e-37) }
        // Where some numbers are ruled out.
        let masked = [Float](repeating: -.infinity, count: count) + [3]
        let one = KernelTests.written(over: masked) { gradcam_softmax(masked, $0, count + 1) }
        #expect(one == [Float](repeating: 0, count: count) + [1])
    }
}
