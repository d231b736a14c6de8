import Imaging
import Network

/// How far the numbers of a photo are from float32's.
public struct PrecisionLoss: Sendable {
    /// The largest difference between two of the network's numbers, by float32's largest magnitude.
    public let scores: Float
    /// The largest difference between Grad-CAM's maps of the first target over the network's input, which are 0..1; nil
    /// where no layer is explained.
    public let map: Float?
    /// Whether the largest number is the same one's.
    public let keepsBest: Bool
    /// With what the numbers and the map were computed that are compared with float32's.
    public let computations: [Computation]
}

extension Explainer {
    /// With what its network multiplies.
    public var precision: Precision { session.program.precision }
    /// The loops that compute, by the name that users know.
    public var kernelName: String { session.program.kernelName }

    /// What this explainer's precision costs.
    ///
    /// - Parameters:
    ///   - request: whose targets and layers are taken.
    ///   - reference: an explainer by the same network in float32.
    public func precisionLoss(
        of photo: Image, _ request: Request, against reference: Explainer
    ) throws -> PrecisionLoss {
        let session = try fitted(to: photo).session
        _ = session.takeComputations()
        let (own, exact) = (try numbers(of: photo), try reference.numbers(of: photo))
        let computations = session.takeComputations()
        var plain = Request()
        (plain.targets, plain.layers) = (request.targets, request.layers)
        plain.methods = request.layers.isEmpty ? [] : [GradCAM()]
        let ours = try explain(photo, plain)
        if case .top(_, let number) = plain.targets, let best = ours.explained.first?.score {
            plain.targets = .classes([best.index], by: number)
        }
        let theirs = try reference.explain(photo, plain)
        let maps = [ours, theirs].map { $0.explained.first?.maps.first?.input.values }
        // What is no number stays.
        func difference(_ a: [Float], _ b: [Float]) -> Float {
            zip(a, b).map { abs($0 - $1) }.reduce(0) { $0 >= $1 || $0.isNaN ? $0 : $1 }
        }
        func best(_ numbers: [Float]) -> Int? { numbers.indices.max { numbers[$0] < numbers[$1] } }
        let largest = exact.reduce(0) { max($0, abs($1)) }
        return PrecisionLoss(
            scores: largest > 0 ? difference(own, exact) / largest : 0,
            map: maps[0].flatMap { own in maps[1].map { difference(own, $0) } }, keepsBest: best(own) == best(exact),
            computations: computations + ours.computations)
    }
}
