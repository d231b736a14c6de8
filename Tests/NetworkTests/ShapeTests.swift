import Testing

@testable import Network

struct ShapeTests {
    @Test(arguments: [
        ([2, 3], [3], [2, 3]), ([1, 3, 1, 1], [1, 3, 4, 5], [1, 3, 4, 5]), ([], [4], [4]), ([2, 1], [1, 3], [2, 3]),
        ([0, 1], [1, 3], [0, 3]),
    ])
    func broadcasts(_ a: [Int], _ b: [Int], _ both: [Int]) throws {
        #expect(try Shape.broadcast(Shape(a), Shape(b)) == Shape(both))
        #expect(try Shape.broadcast(Shape(b), Shape(a)) == Shape(both))
    }

    @Test func refusesWhatDoesNotBroadcast() throws {
        #expect(try Shape.broadcast(.vector(2), .vector(3)) == nil)
        #expect(throws: OperatorFault.self) { try Shape.broadcast(Shape([1, 1 << 30]), Shape([1 << 30, 1])) }
    }

    @Test(arguments: [-3: nil, -2: 0, -1: 1, 0: 0, 1: 1, 2: nil, Int.min: nil, Int.max: nil] as [Int: Int?])
    func namesAxesFromTheEnd(_ stated: Int, _ axis: Int?) throws {
        let shape = Extents(try Shape([2, 3]))
        #expect((try? shape.axis(Extent(stated))) == axis)
    }

    @Test(arguments: [[], [0], [3, 0], [1 << 40], [1 << 20, 0, 1 << 20], [Int](repeating: 1, count: 64)])
    func takesWhatCanBeComputed(_ dims: [Int]) throws {
        let shape = try Shape(dims)
        #expect(shape.count == dims.reduce(1, *) && shape.strides.allSatisfy { $0 >= 0 })
    }

    /// A zero hides neither the others' product nor that one is negative.
    @Test(arguments: [
        [-1], [0, -1], [Int.min], [Int.max, Int.max], [1 << 40, 2], [0, 1 << 40, 1 << 40], [1 << 40, 1 << 40, 0],
        [Int](repeating: 1, count: 65), [Int](repeating: 2, count: 64),
    ])
    func refusesWhatCannotBeComputed(_ dims: [Int]) {
        #expect(throws: OperatorFault.self) { try Shape(dims) }
    }
}

struct ExtentTests {
    @Test func throwsWhereANumberDoesNotFit() throws {
        let (least, most) = (Extent(Int.min), Extent(Int.max))
        let impossible: [() throws -> Extent] = [
            { try most + 1 }, { try least - 1 }, { try most * 2 }, { try least * -1 }, { try -least },
            { try least / -1 },
            { try least % -1 }, { try most / 0 }, { try most % 0 }, { try [most, 1].sum() },
            { try [most, 2].product() },
            { try [0, most, 2].product() }, { try [most, 2, 0].product() }, { try Extent(Double.nan) },
            { try Extent(Double.infinity) }, { try Extent(1e30) },
        ]
        for number in impossible { #expect(throws: OperatorFault.self) { try number() } }
        #expect(try [most, 0].product() == 0 && [].product() == 1 && [].sum() == 0)
        #expect(try (7 as Extent) / 2 == 3 && (-7 as Extent) % 2 == -1 && Extent(-0.7) == 0)
    }
}
