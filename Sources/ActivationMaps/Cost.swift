/// What a map of one class takes of a network, and of what it is made.
public struct Cost: Sendable {
    /// How many passes it takes, of a layer of C channels and P places.
    public let passes: String
    /// What it is made of.
    public let madeOf: String
    /// Whether methods of the kind have one forward and one backward pass together, however many they are.
    public let isShared: Bool

    /// All of it is told to users.
    public init(passes: String, madeOf: String, isShared: Bool = false) {
        (self.passes, self.madeOf, self.isShared) = (passes, madeOf, isShared)
    }

    /// The photo's forward pass, which all classes and methods share.
    public static let activations = Cost(passes: "1 forward", madeOf: "activations", isShared: true)
    /// Besides it the class's backward pass, which all methods share.
    public static let gradients = Cost(
        passes: "1 forward, 1 backward", madeOf: "activations, gradients", isShared: true)
    /// A backward pass that no other method shares.
    public static let ownGradients = Cost(
        passes: "1 forward, 1 backward of its own", madeOf: "activations, gradients")
    /// A backward pass to the input, which methods of the same rule share.
    public static let inputGradient = Cost(
        passes: "1 forward, 1 backward to the input", madeOf: "gradient at the input")
    /// A forward pass of the masked photo for each channel of the layer.
    public static let maskedPhotos = Cost(passes: "1 + C forward", madeOf: "activations, masked photos")
    /// Passes that begin at the layer, besides those of the photo.
    public static func fromLayer(_ passes: String, gradients: Bool = false) -> Cost {
        Cost(
            passes: (gradients ? "1 forward, 1 backward, " : "1 forward, ") + "from the layer " + passes,
            madeOf: gradients ? "activations, gradients" : "activations")
    }
}
