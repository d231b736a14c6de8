/// How exactly a device multiplies: the form of the factors of large products (convolutions, and their gradients), whose
/// sums are of float32 in any case. What is not multiplied so, or is not fit to be, stays float32.
public enum Precision: String, Sendable, CaseIterable {
    case float32
    /// Two bfloat16 a number, as their sum, and three products of them: errors of 2^-17 of a product.
    case bf16x3
    /// One bfloat16 a number: errors of 2^-9.
    case bf16
}
