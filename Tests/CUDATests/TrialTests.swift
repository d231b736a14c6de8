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
}
