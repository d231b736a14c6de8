import Network

/// Feature explanation method: w_k = share of the pixels of A_k above mean + 2 standard deviations of A_k;
/// map = sum_k w_k A_k. Blind to the class.
///
/// Fuad et al., "Features Understanding in 3D CNNs for Actions Recognition in Video", IPTA 2020, as the package
/// pytorch-grad-cam has it.
public struct FEM: Method {
    public let info = MethodInfo(
        name: "fem", summary: "sum_k w_k A_k, w_k = share of the pixels above mean + 2 std; blind to the class",
        paper: "Fuad et al. 2020")
    public let cost = Cost.activations
    public let isClassBlind = true

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .activations(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(
            try subject.layers.map { layer in
                let a = try subject.activation(layer)
                return a.weighted(by: (0..<a.channels).map { Self.share(a.channel($0)) })
            })
    }

    private static func share(_ a: ArraySlice<Float>) -> Float {
        let count = Float(a.count), mean = a.reduce(0, +) / count
        let deviation = (a.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        return Float(a.count { $0 > mean + 2 * deviation }) / count
    }
}
