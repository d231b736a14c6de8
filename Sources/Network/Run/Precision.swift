/// How exactly a device multiplies: the form of the factors of large products (convolutions, and their gradients), whose
/// sums are of float32 in any case. What is not multiplied so, or is not fit to be, stays float32.
public enum Precision: String, Sendable, CaseIterable {
    case float32
    /// Two bfloat16 a number, as their sum, and three products of them: a number's error is up to 2^-16 of it.
    case bf16x3
    /// One bfloat16 a number: 2^-8.
    case bf16
    /// TensorFloat-32: float32 with ten bits after the point, 2^-11, or 2^-10 where they are not rounded; an NVIDIA GPU's,
    /// for all products.
    case tf32

    /// The precision that a device computes with in the place of another that it has not.
    package func among(_ precisions: [Precision]) -> Precision { precisions.contains(self) ? self : .float32 }
}
