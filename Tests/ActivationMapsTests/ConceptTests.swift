import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Deep feature factorisation against scikit-learn's NMF and PyTorch (`Tests/Goldens/concepts`), in the files of both
/// exporters; and where there is little to factorise.
struct ConceptTests {
    struct Index: Decodable {
        struct Case: Decodable, CustomTestStringConvertible {
            let network, photo, layer: String
            let rank: Int
            /// The share of the sum of squares that W H leaves.
            let left: Float
            let classes: [Int]
            let tensor: String
            var testDescription: String { tensor }
        }
        let cases: [Case]
    }

    static let cases = (try? Golden("concepts").decode(Index.self))?.cases ?? []

    @Test func goldensAreThere() { #expect(Set(Self.cases.map(\.network)).count >= 6 && Self.cases.count >= 14) }

    /// The factors, concept by concept, and what is left of A.
    @Test(arguments: cases)
    func factorsAreScikitLearns(_ single: Index.Case) throws {
        let maps = try Golden("concepts").tensor(single.tensor + " maps").values
        for subject in try PhotoCase.all(of: single.network, photo: single.photo) {
            let layers = try subject.explainer.classifier.layers(named: [single.layer])
            let a = try subject.explainer.subject(subject.photo, .logit(0), layers: layers).activation(layers[0])
            let parts = try Factorisation(a, concepts: single.rank, within: .standard).parts
            #expect(parts.count == single.rank)
            for (k, part) in parts.enumerated() {
                let expected = Array(maps[k * a.area..<(k + 1) * a.area])
                let worst = maxDifference(part.map.values, expected)
                #expect(worst <= 1e-3, "\(subject.file): concept \(k) differs by \(worst)")
            }
            let left = left(of: a, parts)
            #expect(abs(left - single.left) <= 0.001 * single.left, "\(subject.file): \(left) is left")
        }
    }

    /// Of the whole way: the classes and their softmax.
    @Test(arguments: cases)
    func classesArePyTorchs(_ single: Index.Case) throws {
        let logits = try Golden("concepts").tensor(single.tensor + " logits")
        let rows = (0..<single.rank).map { Array(logits.values[$0 * logits.shape[1]..<($0 + 1) * logits.shape[1]]) }
        for subject in try PhotoCase.all(of: single.network, photo: single.photo) {
            var request = Explainer.Request()
            (request.methods, request.concepts) = ([], single.rank)
            request.layers = try subject.explainer.classifier.layers(named: [single.layer])
            let concepts = try subject.explainer.explain(subject.photo, request).concepts
            #expect(concepts.map(\.index).sorted() == single.classes.sorted())
            #expect(concepts.map(\.share) == concepts.map(\.share).sorted(by: >))
            for (found, expected) in zip(
                concepts.map(\.score).sorted(), zip(rows, single.classes).map { softmax($0)[$1] }.sorted())
            {
                #expect(abs(found - expected) <= 2e-3, "\(subject.file): \(found) for \(expected)")
            }
        }
    }

    /// More concepts than the layer can hold: as many as its rank.
    @Test func thereAreNoMoreThanTheRank() throws {
        // Two channels of their own, and two that are sums of these.
        let one: [Float] = [1, 0, 0, 2, 0, 3], two: [Float] = [0, 4, 1, 0, 1, 0]
        let values = one + two + zip(one, two).map { $0 + $1 } + zip(one, two).map { 2 * $0 + $1 }
        let a = FeatureMap(channels: 4, height: 2, width: 3, values: values)
        let parts = try Factorisation(a, concepts: 9, within: .standard).parts
        #expect(parts.count == 2)
        #expect(left(of: a, parts) < 1e-4)
    }

    /// What is below 0 is lifted to it, what is above stays; one concept is A's own shape where A has rank 1.
    @Test func oneConceptOfOneShape() throws {
        let shape: [Float] = [0, 1, 2, 4],
            a = FeatureMap(
                channels: 3, height: 2, width: 2,
                values: shape.map { $0 - 1 } + shape.map { 3 * $0 } + shape.map { $0 / 2 })
        let parts = try Factorisation(a, concepts: 1, within: .standard).parts
        #expect(parts.count == 1)
        #expect(maxDifference(parts[0].map.values, shape.map { $0 / 4 }) < 1e-6)
        #expect(maxDifference(parts[0].features, [3, 12, 2]) < 1e-5)
    }

    /// Of layers that are the same everywhere, or not finite, there are none.
    @Test(arguments: [0, 1, -2, Float.nan, .infinity])
    func constantLayersHaveNone(_ number: Float) throws {
        for side in [1, 3] {
            let a = FeatureMap(
                channels: 2, height: side, width: side,
                values: (0..<2 * side * side).map { $0 < side * side ? number : 5 })
            #expect(try Factorisation(a, concepts: 4, within: .standard).parts.isEmpty)
        }
    }

    @Test func memoryIsComparedWithTheLimit() throws {
        let a = FeatureMap(channels: 64, height: 32, width: 32, values: (0..<65536).map { Float($0 % 251) })
        #expect(throws: Spectrum.Failure.self) {
            try Factorisation(a, concepts: 5, within: MemoryLimit(bytes: 500_000))
        }
    }

    /// The share of the sum of squares of A - o that the parts leave.
    private func left(of a: FeatureMap, _ parts: [Factorisation.Part]) -> Float {
        var rest = 0.0, all = 0.0
        for k in 0..<a.channels {
            let o = min(0, a.channel(k).min()!)
            for (i, value) in a.channel(k).enumerated() {
                let whole = Double(value - o)
                let sum = parts.reduce(0) { $0 + Double($1.features[k] - o) * Double($1.map.values[i]) }
                (rest, all) = (rest + (whole - sum) * (whole - sum), all + whole * whole)
            }
        }
        return Float(rest / all)
    }
}
