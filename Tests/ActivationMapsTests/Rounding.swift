import Network

/// What may differ from a golden where products are of the processor's own precision: those of networks with weights
/// drawn at random multiply rounding more than trained ones do, and bf16x3 rounds to 2^-16.
///
/// - Parameter float32: what may differ in float32.
func tolerance(_ float32: Float) -> Float { CPU.precision == .float32 ? float32 : 4 * float32 }
