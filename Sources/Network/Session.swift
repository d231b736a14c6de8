/// What a gradient is wanted for after a forward pass; decides what the pass must remember.
public enum GradientScope: Hashable, Sendable {
    case none
    /// At the kept layers.
    case layers
    /// At the input image as well.
    case input
}

/// A network ready to run on one device: all that a method may ask for. A session remembers its last forward pass.
public protocol Session: AnyObject {
    var graph: Graph { get }

    /// Another session of the same network, which shares what is prepared and may run in another thread at the same
    /// time.
    func twin(threads: Int) -> any Session

    /// Class scores of some images.
    ///
    /// - Parameters:
    ///   - images: each channels x height x width, normalised as the network wants.
    ///   - layers: values whose activations (and gradients) will be asked for.
    /// - Returns: a row of logits an image.
    func forward(_ images: [[Float]], keeping layers: [ValueID], gradients: GradientScope) throws(NetworkError)
        -> [[Float]]

    /// The activations of a kept layer in the last forward pass.
    func activation(at layer: ValueID, image: Int) -> FeatureMap

    /// The gradient of sum_c seed[c] * logit[c] at the given values, in the last forward pass.
    ///
    /// - Parameters:
    ///   - seeds: one row a forward image, as long as the logits.
    ///   - targets: kept layers, or the graph's input.
    /// - Returns: for every image, one volume a target.
    func gradients(of seeds: [[Float]], at targets: [ValueID], rule: GradientRule) throws(NetworkError)
        -> [[FeatureMap]]

    /// Class scores of one image under many masks, streamed in batches.
    ///
    /// - Parameters:
    ///   - image: channels x height x width.
    ///   - mask: writes mask number i (height x width), by which every channel is multiplied; called from several
    ///     threads.
    func scores(
        of image: [Float], masks: Int, mask: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [[Float]]
}
