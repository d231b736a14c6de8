import CCUDA
import CUDAStandIn
import Testing

@testable import CUDA
@testable import Network

/// How a device's numbers are compared with the CPU's.
struct TrialTests {
    @Test func differencesAreOfTheLargest() {
        #expect(Trial.relative([1, 2, 4], [1, 2, 4]) == 0)
        #expect(Trial.relative([1, 3, 4], [1, 2, 4]) == 0.25)
        #expect(Trial.relative([], []) == 0)
        // Rounding where all should be zero.
        #expect(Trial.relative([1e-12, -1e-12], [0, 0]) <= Difference.tolerance(of: .float32).values)
    }

    /// Numbers that are not finite and equal hide none of the others.
    @Test func allNumbersCount() {
        let (infinity, none) = (Float.infinity, Float.nan)
        #expect(Trial.relative([infinity, none, -infinity, 1], [infinity, none, -infinity, 1]) == 0)
        #expect(Trial.relative([infinity, 3, 4], [infinity, 2, 4]) == 0.25)
        #expect(Trial.relative([none, 3, 4], [none, 2, 4]) == 0.25)
        #expect(Trial.relative([3, 4, none], [2, 4, none]) == 0.25)
        for (found, expected) in [(none, 1), (1, none), (infinity, 1), (1, infinity), (-infinity, infinity)] {
            #expect(Trial.relative([1, found], [1, expected]) == infinity)
        }
        #expect(Trial.relative([1], [1, 2]) == infinity && Trial.relative([1, 2], [1]) == infinity)
    }

    @Test func gradientsAreComparedOnTheMean() {
        #expect(Trial.mean([1, -2, 3], [1, -2, 3]) == 0 && Trial.mean([], []) == 0)
        #expect(Trial.mean([1, -2, 0], [1, -2, 3], smallest: 0) == 0.5)
        #expect(Trial.mean([0, 0], [1, -1], smallest: 0) == 1)
        for wrong in [Float.infinity, .nan] {
            #expect(Trial.mean([wrong, 1], [wrong, 1]) == 0)
            #expect(Trial.mean([wrong, 1], [2, 1]) == .infinity && Trial.mean([2, 1], [wrong, 1]) == .infinity)
        }
    }

    /// Sums that are beyond float32 are no agreement.
    @Test func whatCannotBeDividedDiffers() {
        let large = Float.greatestFiniteMagnitude
        #expect(Trial.mean([large, large], [large / 2, large]) == .infinity)
        #expect(Trial.mean([large, large], [large, large]) == 0)
        #expect(Trial.mean([1, 2], [1, 3], smallest: .infinity) == .infinity)
    }

    /// What is more than a tolerance is rounding where shaken images differ by a third of it, in one of four draws.
    @Test func roundingIsWhatShakenImagesDo() throws {
        func isRounding(_ own: Float, _ shaken: [Float]) throws -> (Bool, draws: Int) {
            var draws = 0
            let found = try Difference(gradients: own).isRounding(in: .float32) { draw throws(NetworkError) in
                draws += 1
                return Difference(gradients: shaken[Int(draw) - 1])
            }
            return (found, draws)
        }
        #expect(try isRounding(1e-4, []) == (false, 0))
        #expect(try isRounding(0.3, [0.11, 0, 0, 0]) == (true, 1))
        #expect(try isRounding(0.3, [0, 0, 0, 0.11]) == (true, 4))
        #expect(try isRounding(0.3, [0.09, 0.09, 0.09, 0.09]) == (false, 4))
        #expect(try isRounding(.infinity, [.infinity]) == (false, 0))
    }

    /// A shaken image is the same but for the last digits.
    @Test func shakingIsSmall() {
        let image = (0..<1000).map { Float($0 % 7) - 3 }, shaken = Trial.shaken(image, 1)
        #expect((1e-7...2.1e-6).contains(Trial.relative(shaken, image)))
        #expect(Trial.shaken([0, 0, 0], 1) != [0, 0, 0] && Trial.shaken(image, 2) != shaken)
        #expect(Trial.shaken(image, nil) == image)
    }
}
