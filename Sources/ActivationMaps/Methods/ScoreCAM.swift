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

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        .activations(layers, images: layers.reduce(0) { $0 + $1.channels })
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(
            try subject.layers.map { layer in
                let a = try subject.activation(layer)
                // A channel that is constant masks everything: one pass of the empty photo stands for all of these.
                let constant = (0..<a.channels).map { k in a.channel(k).allSatisfy { $0 == a.values[k * a.area] } }
                let varying = constant.indices.filter { !constant[$0] }
                let masks = varying + constant.indices.filter { constant[$0] }.prefix(1)
                let scores = try subject.scores(.masked(subject.input, by: a.channels(masks)))
                var f = [Float](repeating: scores.last!, count: a.channels)
                for (k, score) in zip(varying, scores) { f[k] = score }
                return a.weighted(by: softmax(f))
            })
    }
}
