import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// One forward pass serves every class, method and rule: asking for all at once gives what asking one by one gives.
struct SharedPassTests {
    @Test(arguments: NetworkGoldenTests.networks)
    func allAtOnceIsOneByOne(_ name: String) throws {
        let explainer = try Explainer(contentsOf: "\(Golden.folder)/\(name)/torchscript.onnx", threads: 2)
        let (width, height) = (explainer.classifier.preprocessing.width, explainer.classifier.preprocessing.height)
        let photo = Image(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* $0 / 97) })
        let methods = Methods.of(explainer.classifier.graph).filter(\.cost.isShared) + [FinerCAM()]

        var request = Explainer.Request()
        (request.methods, request.targets, request.guided) = (methods, .top(3), true)
        let together = try explainer.explain(photo, request)

        for (place, explained) in together.classes.enumerated() {
            for (index, method) in methods.enumerated() {
                (request.methods, request.targets, request.guided) = (
                    [method], .classes([explained.score.index]), false
                )
                let alone = try explainer.explain(photo, request).classes[0].maps[0]
                #expect(explained.maps[index].input == alone.input, "\(method.name), class number \(place)")
            }
            (request.methods, request.guided) = ([], true)
            #expect(
                try explainer.explain(photo, request).classes[0].guided?.values == explained.guided?.values,
                "guided, class number \(place)")
        }
    }
}
