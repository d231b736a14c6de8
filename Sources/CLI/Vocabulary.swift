/// The names that the flags take.
enum Vocabulary {
    static let version = "0.1.0"
    static let methods = ["gradcam", "gradcam++", "scorecam"]
    static let colormaps = ["jet", "viridis", "inferno", "magma", "turbo", "hot", "bone"]
}
