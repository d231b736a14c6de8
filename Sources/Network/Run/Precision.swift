/// How exactly a device multiplies: the form of the factors of large products (convolutions, and their gradients), whose
/// sums are of float32 in any case. What is not multiplied so, or is not fit to be, stays float32.
public enum Precision: String, Sendable, CaseIterable {
    case float32
    /// Two bfloat16 a number, as their sum, and three products of them: a number's error is up to 2^-16 of it.
    case bf16x3
    /// One bfloat16 a number: 2^-8.
    case bf16
}
