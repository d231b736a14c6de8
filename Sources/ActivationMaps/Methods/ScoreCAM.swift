import Network

/// Score-CAM: U_k = A_k upsampled to the input (corners aligned), min-max normalised; f_k = Y(input * U_k);
/// w = softmax_k(f); map = sum_k w_k A_k.
///
/// Wang et al., "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks", CVPRW 2020, eq. 4-8.
public struct ScoreCAM: Method {
    public let info = MethodInfo(
        name: "scorecam", summary: "activations weighted by the score of the photo seen through them",
        paper: "Wang et al. 2020")
    public let cost = Cost.maskedPhotos
    public let minds: Set<MethodOptions.Kind> = [.channels]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        .activations(layers, images: layers.reduce(0) { $0 + $1.channels })
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        try MaskScores.map(subject) { try subject.scores(.masked(subject.input, by: $0)) }
    }
}
