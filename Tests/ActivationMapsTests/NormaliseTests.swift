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

    /// A signed map is the unsigned one where it is positive, but for the scale, and its mirror image of what speaks
    /// against the class elsewhere.
    @Test func aSignedMapHoldsBoth() throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        let photo = try Image(contentsOf: Shared.repository + "/Photos/dog-and-cat.jpg")
        var request = Explainer.Request()
        request.targets = .classes([0])
        let plain = try explainer.explain(photo, request).classes[0].maps[0]
        request.isSigned = true
        let signed = try explainer.explain(photo, request).classes[0].maps[0]
        #expect(signed.input.values.contains { $0 < -0.1 })
        #expect(abs((signed.input.values.map(abs).max() ?? 0) - 1) < 1e-5)
        #expect((0.01...0.99).contains(plain.negativeShare) && plain.negativeShare == signed.negativeShare)
        let peak = plain.input.values.indices.max { plain.input.values[$0] < plain.input.values[$1] }!
        #expect(signed.input.values[peak] == signed.input.values.max())
        #expect(zip(plain.input.values, signed.input.values).allSatisfy { $1 > 0.01 ? $0 > 0 : true })
    }
}
