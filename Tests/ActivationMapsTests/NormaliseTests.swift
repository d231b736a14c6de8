import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// Maps of several layers as one, and maps of both signs.
struct NormaliseTests {
    private let raw = [
        Plane(width: 2, height: 2, values: [-4, 2, 1, 0]), Plane(width: 2, height: 2, values: [8, -2, 4, 2]),
    ]

    /// By hand: rectified and divided by their range, the layers are [0, 1, 0.5, 0] and [1, 0, 0.5, 0.25]; divided by
    /// their magnitude [-1, 0.5, 0.25, 0] and [1, -0.25, 0.5, 0.25].
    private static let cases: [(fusion: LayerFusion, isSigned: Bool, map: [Float])] = [
        (.mean, false, [1, 1, 1, 0]),
        (.max, false, [1, 1, 0.333333, 0]),
        (.product, false, [0, 0, 1, 0]),
        (.mean, true, [0, 0.333333, 1, 0.333333]),
        (.max, true, [-1, 0.5, 0.5, 0.25]),
    ]

    @Test(arguments: cases)
    func layersBecomeOne(_ single: (fusion: LayerFusion, isSigned: Bool, map: [Float])) {
        let normalise = Normalise(fusion: single.fusion, isSigned: single.isSigned)
        let map = normalise.combine(raw, width: 2, height: 2)
        #expect(maxDifference(map.values, single.map) < 2e-6, "\(map.values)")
    }

    /// What is not enlarged becomes, enlarged and normalised again, the map over the input; by hand for two layers of
    /// one size. There is none of layers that differ in size, or that are multiplied.
    @Test(arguments: [false, true], [1, 2])
    func mapsOnTheLayersOwnGrid(_ isSigned: Bool, _ layers: Int) throws {
        let normalise = Normalise(isSigned: isSigned)
        let grid = try #require(normalise.combineUnenlarged(Array(raw.prefix(layers))))
        if layers == 2 {
            #expect(maxDifference(grid.values, isSigned ? [0, 0.333333, 1, 0.333333] : [1, 1, 1, 0]) < 2e-6)
        }
        let enlarged = grid.resized(width: 9, height: 6)
        let map = isSigned ? Normalise.byMagnitude(enlarged) : Normalise.minMax(enlarged)
        let expected = normalise.combine(Array(raw.prefix(layers)), width: 9, height: 6)
        #expect(map.width == 9 && map.height == 6 && maxDifference(map.values, expected.values) < 2e-6)
    }

    @Test func layersWithoutAGridOfTheirOwn() {
        let other = Plane(width: 1, height: 2, values: [1, 0])
        #expect(Normalise().combineUnenlarged([raw[0], other]) == nil)
        #expect(Normalise(fusion: .max).combineUnenlarged(raw) == nil)
        #expect(Normalise(fusion: .product).combineUnenlarged(raw) == nil)
        #expect(Normalise(fusion: .max).combineUnenlarged([raw[0]]) != nil)
    }

    /// A signed map is the unsigned one where it is positive, but for the scale, and its mirror image of what speaks
    /// against the class elsewhere.
    @Test func aSignedMapHoldsBoth() throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        let photo = try Image(contentsOf: Shared.repository + "/Photos/dog-and-cat.jpg")
        var request = Explainer.Request()
        request.targets = .classes([0])
        let plain = try explainer.explain(photo, request).explained[0].maps[0]
        request.isSigned = true
        let signed = try explainer.explain(photo, request).explained[0].maps[0]
        #expect(signed.input.values.contains { $0 < -0.1 })
        #expect(abs((signed.input.values.map(abs).max() ?? 0) - 1) < 1e-5)
        #expect((0.01...0.99).contains(plain.negativeShare) && plain.negativeShare == signed.negativeShare)
        let peak = plain.input.values.indices.max { plain.input.values[$0] < plain.input.values[$1] }!
        #expect(signed.input.values[peak] == signed.input.values.max())
        #expect(zip(plain.input.values, signed.input.values).allSatisfy { $1 > 0.01 ? $0 > 0 : true })
    }
}
