import Network

/// SS-CAM: Score-CAM with f_k = mean over n of Y(input * (U_k + 2 * noise_n)), noise_n standard normal at every pixel,
/// drawn anew for every channel.
///
/// Wang et al., "SS-CAM: Smoothed Score-CAM for Sharper Visual Feature Localization", arXiv 2006.14255, section 3, with
/// the numbers of the package torch-cam.
public struct SSCAM: Method {
    private static let samples = 35, deviation: Float = 2

    public let info = MethodInfo(
        name: "sscam", summary: "scorecam with the score averaged over noisy masks", paper: "Wang et al. 2020")
    public let cost = Cost(passes: "1 + 35 C forward", madeOf: "activations, masked photos")
    public let minds: Set<MethodOptions.Kind> = [.channels, .samples, .seed]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        .activations(layers, images: layers.reduce(0) { $0 + $1.channels * Self.samples })
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let seed = subject.options.seed
        return try MaskScores.map(subject, variants: subject.options.samples ?? Self.samples) { _, image, mask in
            var generator = SeededGenerator(seed: seed, stream: image)
            for i in mask.indices { mask[i] += Self.deviation * generator.gaussian() }
        }
    }
}
