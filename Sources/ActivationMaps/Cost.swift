/// What a map of one class takes of a network, and of what it is made.
public enum Cost: Sendable {
    /// The photo's forward pass, which all classes and methods share.
    case activations
    /// Besides it the class's backward pass, which all methods share.
    case gradients
    /// A backward pass that no other method shares.
    case ownGradients
    /// A forward pass of the masked photo for each of the layer's C channels.
    case maskedPhotos

    /// Whether methods of the kind have one forward and one backward pass together, however many they are.
    public var isShared: Bool { self == .activations || self == .gradients }

    /// How many passes it takes, of a layer of C channels.
    public var passes: String {
        switch self {
        case .activations: "1 forward"
        case .gradients: "1 forward, 1 backward"
        case .ownGradients: "1 forward, 1 backward of its own"
        case .maskedPhotos: "1 + C forward"
        }
    }

    /// What it is made of.
    public var needs: String {
        switch self {
        case .activations: "activations"
        case .gradients, .ownGradients: "activations, gradients"
        case .maskedPhotos: "activations, masked photos"
        }
    }
}
