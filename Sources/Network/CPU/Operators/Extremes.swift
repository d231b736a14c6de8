/// The greater of two numbers; NaN where either is, as in PyTorch, so that it is seen in the scores.
@inline(__always)
func greater(_ a: Float, _ b: Float) -> Float { b > a || b.isNaN ? b : a }

/// The lesser of two numbers; NaN where either is.
@inline(__always)
func lesser(_ a: Float, _ b: Float) -> Float { b < a || b.isNaN ? b : a }
