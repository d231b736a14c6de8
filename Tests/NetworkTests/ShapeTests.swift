import Testing

@testable import Network

struct ShapeTests {
    @Test(arguments: [
        ([2, 3], [3], [2, 3]), ([1, 3, 1, 1], [1, 3, 4, 5], [1, 3, 4, 5]), ([], [4], [4]), ([2, 1], [1, 3], [2, 3]),
    ])
    func broadcasts(_ a: [Int], _ b: [Int], _ both: [Int]) {
        #expect(Shape.broadcast(Shape(a), Shape(b)) == Shape(both))
        #expect(Shape.broadcast(Shape(b), Shape(a)) == Shape(both))
    }

    @Test func refusesWhatDoesNotBroadcast() { #expect(Shape.broadcast(Shape([2]), Shape([3])) == nil) }

    @Test func namesAxesFromTheEnd() {
        #expect(Shape([2, 3]).axis(-1) == 1)
        #expect(Shape([2, 3]).axis(2) == nil)
    }
}
