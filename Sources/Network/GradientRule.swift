/// How a gradient passes a rectifier.
public enum GradientRule: Hashable, Sendable {
    /// d * (x > 0)
    case plain
    /// d * (x > 0) * (d > 0): guided backpropagation (Springenberg et al. 2015, section 3.4).
    case guided
    /// d * (d > 0): deconvnet (Zeiler and Fergus 2014).
    case deconvnet
}
