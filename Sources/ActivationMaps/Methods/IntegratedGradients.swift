import Network

/// Integrated gradients: map = sum_c (x_c - b_c) * integral_0^1 dY/dx_c at b + t (x - b) dt, b the baseline; the
/// integral by Gauss and Legendre's rule of 50 points, unless the options say otherwise.
///
/// Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", ICML 2017, eq. 1 and proposition 1.
public struct IntegratedGradients: Method {
    public let info = MethodInfo(
        name: "integratedgradients", summary: "the input's way from a baseline times the mean gradient on it",
        paper: "Sundararajan et al. 2017")
    public let cost = Cost(passes: "2 + N forward, N backward to the input", madeOf: "gradients of N inputs on a path")
    public let sumsChannels = false, explainsLayers = false
    private static let points = 50
    public let minds: Set<MethodOptions.Kind> = [.steps, .baseline]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .inputGradient(graph, images: Self.points) }

    public func explain(_ subject: Subject) throws -> RawMap {
        let b = subject.baseline
        var way = subject.inputMap
        way.add(b, times: -1)
        var mean = way.map { _ in 0 }
        let points = gaussLegendre(points: subject.options.steps ?? Self.points)
        try subject.forEachPass(points.count) { i in
            var z = b
            z.add(way, times: points[i].place)
            mean.add(try subject.inputGradient(at: z.values), times: points[i].weight)
        }
        return try subject.attribution(way * mean, from: b)
    }
}
