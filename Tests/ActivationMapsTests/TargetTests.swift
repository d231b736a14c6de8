import Foundation
import Testing

@testable import ActivationMaps

/// Derivatives of every target, against differences.
@Suite struct TargetTests {
    private static let y: [Float] = [0.5, -1.25, 2, 0.25, -0.5, 1.5]
    private static let targets: [Target] = [
        .logit(2), .probability(2), .probability(1, .sigmoid), .rest(2), .rest(1, .sigmoid), .difference(0, 4),
        .weights([1, 0, -2, 0.5, 3, 0]), .sum([1, 3, 5], scale: 0.25), .maximum([0, 3, 4]),
        .similarity([1, 2, -1, 0.5, 0, 2]),
    ]

    @Test(arguments: targets) func derivativesAreDifferences(_ target: Target) {
        let found = target.cotangent(Self.y), step: Float = 1 / 256
        for k in Self.y.indices {
            var (low, high) = (Self.y, Self.y)
            (low[k], high[k]) = (low[k] - step, high[k] + step)
            let difference = (target.value(high) - target.value(low)) / (2 * step)
            #expect(abs(found[k] - difference) <= 1e-3, "\(target) by y_\(k)")
        }
    }

    /// A probability of nearly 1 keeps the digits of what is left to 1.
    @Test func certainProbabilitiesKeepTheirDerivatives() {
        let y: [Float] = [30, 0, 1], found = Target.probability(0).cotangent(y)
        let rest = Float(exp(-30.0) * (1 + exp(1.0)))
        #expect(abs(found[0] / rest - 1) < 1e-4 && Target.probability(0).value(y) == 1)
        #expect(Target.rest(1, .sigmoid).value([0, -200]) == -400 && Target.rest(0).value([90, -90]) == 90)
    }

    @Test func equalMaximaShare() {
        #expect(Target.maximum([0, 1, 2]).cotangent([1, 3, 3, 5]) == [0, 0.5, 0.5, 0])
        #expect(Target.maximum([0, 1]).value([1, .nan, 3]).isNaN && Target.maximum([0, 1]).value([.nan, 1]).isNaN)
    }

    @Test func aReferenceOfNoLengthIsLikeNothing() {
        #expect(Target.similarity([0, 0]).value([1, 2]) == 0)
        #expect(Target.similarity([0, 0]).cotangent([1, 2]) == [0, 0])
        #expect(Target.similarity([2, 4]).value([1, 2]) > 0.999_999)
    }
}
