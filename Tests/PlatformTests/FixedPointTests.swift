import Platform
import Testing

/// Numbers as people read them.
@Suite struct FixedPointTests {
    @Test(arguments: [
        (0.0005 as Float, 3, "0.001"), (1, 3, "1.000"), (12.34, 1, "12.3"), (-0.0001, 2, "0.00"), (-1.25, 1, "-1.3"),
        (99.6, 0, "100"), (.nan, 2, "nan"),
    ])
    func fixedPoint(_ number: Float, _ digits: Int, _ text: String) {
        #expect(fixed(number, digits: digits) == text)
    }
}
