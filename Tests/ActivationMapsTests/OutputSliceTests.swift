import TestSupport
import Testing

@testable import ActivationMaps
@testable import Network

/// Parts of outputs, as Python writes them, against numpy.
@Suite struct OutputSliceTests {
    struct Case: Decodable, Sendable { let shape: [Int], slice: String, places: [Int] }
    private struct Index: Decodable { let slices: [Case] }

    @Test(arguments: try Golden("scalars").decode(Index.self).slices)
    func placesAreNumpys(_ single: Case) throws {
        let slice = try #require(OutputSlice(single.slice)), shape = try Shape(single.shape)
        if single.places.isEmpty {
            #expect(throws: ChoiceError.self) { try slice.places(in: shape) }
        } else {
            #expect(try slice.places(in: shape) == single.places)
            let sum = try #require(OutputSlice(single.slice + ".sum")), places = single.places
            #expect(try sum.target(in: shape) == .sum(places))
        }
    }

    @Test(arguments: [
        ("a[0]", "a"), ("a.b/c:0[0,...].mean", "a.b/c:0"), ("[0]", nil), ("a[1][0]", "a[1]"), ("a.sum", "a"),
        (".max", nil), ("a [ 0 , : ].sum", "a "),
    ])
    func nameEndsAtTheLastBracket(_ text: String, _ name: String?) throws {
        #expect(try #require(OutputSlice(text)).name == name)
    }

    @Test(arguments: [
        "", "a", "a[", "a]", "a[]", "a[0", "0]", "a[x]", "a[0].std", "a[0,]", "a[1:2:3:4]", "a[::0]", "a[...,...]",
        "a[0.5]", "a[0,1 2]", "a[1 :2 3]", "a[None]", "a[99999999999999999999]",
    ])
    func othersAreNone(_ text: String) { #expect(OutputSlice(text) == nil) }

    @Test(arguments: [
        ("[0,5]", "out of range"), ("[-2]", "axis 0"), ("[1]", "axis 0"), ("[0,0,0]", "3 indices"),
        ("[0,1:3]", ".sum, .mean or .max"), ("[0,9:].sum", "no number"),
    ])
    func whatIsNotThereIsSaid(_ text: String, _ reason: String) throws {
        let slice = try #require(OutputSlice(text))
        let fault = try #require(throws: ChoiceError.self) { try slice.target(in: try Shape([1, 5])) }
        #expect("\(fault)".contains(reason) && "\(fault)".contains(text.prefix(4)), "\(fault)")
    }
}
