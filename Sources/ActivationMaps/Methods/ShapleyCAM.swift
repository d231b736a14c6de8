import Network

/// Shapley-CAM: w_k = mean_ij(g - 0.5 H A)_k, H the second derivative of Y by A; map = sum_k w_k A_k.
/// H A = (g(A + s A) - g(A - s A)) / 2 s, where the network runs again from these values.
///
/// Cai, "CAMs as Shapley value-based explainers", The Visual Computer 2025, arXiv 2501.06261, with Y as chosen.
public struct ShapleyCAM: Method {
    public let info = MethodInfo(
        name: "shapleycam", summary: "activations weighted by mean_ij(g - 0.5 H A), H the second derivative",
        paper: "Cai 2025")
    public let cost = Cost.fromLayer("4 to 12 forward and backward", gradients: true)

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers).union(.resumed(layers)) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(
            try subject.layers.map { layer in
                let (a, g) = (try subject.activation(layer), try subject.gradient(layer))
                let value = try subject.value(layer.value).values
                let product = try Self.product(within: 1e-3 * (g.map(abs).means.max() ?? 0)) { factor in
                    try subject.gradient(layer, replacing: value.map { $0 * factor }).means
                }
                return a.weighted(by: zip(g.means, product).map { $0 - 0.5 * $1 })
            })
    }

    /// The means of H A, of those of g at A times a factor. A rectifier that switches within the step makes g jump, where
    /// its derivative is 0: the step shrinks, to 1e-5 at least, until two products agree.
    private static func product(within tolerance: Float, of g: (Float) throws -> [Float]) rethrows -> [Float] {
        func product(_ s: Float) throws -> [Float] { zip(try g(1 + s), try g(1 - s)).map { ($0 - $1) / (2 * s) } }
        var s: Float = 0.01, found = try product(s)
        while s > 1e-5 {
            s /= 4
            let finer = try product(s)
            if zip(found, finer).allSatisfy({ abs($0 - $1) <= tolerance }) { break }
            found = finer
        }
        return found
    }
}
