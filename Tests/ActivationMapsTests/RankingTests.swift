import Network
import Testing

@testable import ActivationMaps

/// The order of classes.
struct RankingTests {
    private static let (nan, infinite) = (Float.nan, Float.infinity)

    @Test(
        arguments: [
            ([1, 3, 2], [3, 1, 2], [0, 2, 1]), ([1, 3, 2], [nan, 1, 2], [2, 1, 0]),
            ([1, 2, 3, 4, 5], [0.1, nan, 0.3, nan, 0.2], [2, 4, 0, 3, 1]),
            ([1, nan, 3], [0.5, 0.5, 0.5], [2, 0, 1]), ([1, 2, 3], [infinite, 1, -infinite], [1, 2, 0]),
            ([nan, nan], [nan, nan], [0, 1]),
        ] as [([Float], [Float], [Int])])
    func numbersThatAreNotFiniteComeLast(_ logits: [Float], _ stated: [Float], _ order: [Int]) {
        let ranked = ClassScore.ranked(logits, .output(0, isFraction: false), stated: stated, labels: nil)
        #expect(ranked.map(\.index) == order)
    }

    @Test func ofLogitsToo() {
        for probability in [Probability.softmax, .sigmoid, .number(0)] {
            let ranked = ClassScore.ranked([.nan, 2, .infinity, 3, .nan], probability, stated: [1], labels: nil)
            #expect(ranked.map(\.index) == [3, 1, 0, 2, 4])
        }
    }
}
