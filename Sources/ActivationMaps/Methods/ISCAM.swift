import Network

/// IS-CAM: Score-CAM with f_k = 1/N sum_i Y(input * s_i U_k), s_i = sum_j<=i j/N for i = 1...N.
///
/// Naidu et al., "IS-CAM: Integrated Score-CAM for axiomatic-based explanations", arXiv 2010.03023, as the package
/// torch-cam has it.
public struct ISCAM: Method {
    private static let steps = 10

    public let info = MethodInfo(
        name: "iscam", summary: "scorecam with the score averaged over masks of rising strength",
        paper: "Naidu et al. 2020")
    public let cost = Cost(passes: "1 + 10 C forward", madeOf: "activations, masked photos")
    public let minds: Set<MethodOptions.Kind> = [.channels, .steps]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        .activations(layers, images: layers.reduce(0) { $0 + $1.channels * Self.steps })
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let steps = subject.options.steps ?? Self.steps
        return try MaskScores.map(subject, variants: steps) { step, _, mask in
            let strength = Float((step + 1) * (step + 2)) / Float(2 * steps)
            for i in mask.indices { mask[i] *= strength }
        }
    }
}
