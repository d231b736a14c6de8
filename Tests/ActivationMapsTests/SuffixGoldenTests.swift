import Testing
import TestSupport

@testable import ActivationMaps

/// Maps of methods that run a network again from a layer, against grad-cam 1.5.7 and, where it has none, the paper's
/// formula in PyTorch (`Tests/Goldens/suffix`), in the files of both exporters.
struct SuffixGoldenTests {
    struct Index: Decodable { let maps: [OptionGoldenTests.MapCase] }

    static let maps = (try? Golden("suffix").decode(Index.self))?.maps ?? []

    @Test func goldensAreThere() {
        #expect(Set(Self.maps.map(\.method)) == ["ablationcam", "reciprocam", "shapleycam"] && Self.maps.count >= 36)
    }

    @Test(arguments: maps)
    func mapAgrees(_ single: OptionGoldenTests.MapCase) throws {
        let expected = try Golden("suffix").tensor(single.tensor).values
        for subject in try PhotoCase.all(of: single.network, photo: single.photo) {
            let map = try subject.explain(single, with: subject.explainer)
            let worst = maxDifference(subject.sampled(map.values, depth: 1), expected)
            #expect(worst <= tolerance(3e-4), "\(subject.file): the map differs by \(worst)")
        }
    }
}
