import Network

/// SmoothGrad: map = max_c abs(mean_n dY/dx_c at x + e_n), e_n normal noise with a standard deviation of 0.15 of the
/// range of the input x; 25 samples unless the options say otherwise.
///
/// Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017, section 3, with the defaults of the authors'
/// code.
public struct SmoothGrad: Method {
    public let info = MethodInfo(
        name: "smoothgrad", summary: "the gradient at noisy copies of the input, averaged", paper: "Smilkov et al. 2017"
    )
    public let cost = Cost(passes: "1 + N forward, N backward to the input", madeOf: "gradients of N noisy inputs")
    public let sumsChannels = false, explainsLayers = false
    private static let samples = 25
    public let minds: Set<MethodOptions.Kind> = [.samples, .seed]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .inputGradient(graph, images: Self.samples) }

    public func explain(_ subject: Subject) throws -> RawMap {
        let x = subject.input, sigma = 0.15 * (x.max()! - x.min()!)
        let samples = subject.options.samples ?? Self.samples
        var sum = subject.inputMap.map { _ in 0 }
        try subject.forEachPass(samples) { sample in
            var noise = SeededGenerator(seed: subject.options.seed, stream: sample)
            sum.add(try subject.inputGradient(at: x.map { $0 + sigma * noise.gaussian() }))
        }
        return .input(sum.map { $0 / Float(samples) })
    }
}
