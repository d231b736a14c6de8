import Network

/// Blur integrated gradients: the path from the blurred input to the input leads through ever less blurred ones, z_i of
/// sigma_i = s (1 - i / N)^2, s a fifth of the longer side; map = sum_c sum_i (z_i+1 - z_i)_c dY/dx_c at the middle of
/// z_i and z_i+1. N is 50, unless the options say otherwise.
///
/// Xu, Venugopalan and Sundararajan, "Attribution in Scale and Space", CVPR 2020, eq. 5.
public struct BlurIG: Method {
    public let info = MethodInfo(
        name: "blurig", summary: "gradients on a way of ever less blur, times what each step brings into view",
        paper: "Xu et al. 2020")
    public let cost = Cost(passes: "2 + N forward, N backward to the input", madeOf: "gradients of N inputs on a path")
    public let sumsChannels = false, explainsLayers = false
    private static let steps = 50
    public let minds: Set<MethodOptions.Kind> = [.steps]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .inputGradient(graph, images: Self.steps) }

    public func explain(_ subject: Subject) throws -> RawMap {
        let x = subject.inputMap, steps = subject.options.steps ?? Self.steps
        let blurred = x.blurred(sigma: x.widestBlur)
        var (z, sum) = (blurred, x.map { _ in 0 })
        try subject.forEachPass(steps) { i in
            let blur = 1 - Float(i + 1) / Float(steps)
            var step = x.blurred(sigma: x.widestBlur * blur * blur)
            step.add(z, times: -1)
            z.add(step, times: 0.5)
            sum.add(step * (try subject.inputGradient(at: z.values)))
            z.add(step, times: 0.5)
        }
        return try subject.attribution(sum, from: blurred)
    }
}
