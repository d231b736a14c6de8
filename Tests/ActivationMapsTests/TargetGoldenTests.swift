import Foundation
import Imaging
import Network
import TestSupport
import Testing

@testable import ActivationMaps

/// Networks that are no classifiers: what is found in them, and gradients and maps of their targets beside PyTorch's and
/// grad-cam's (`Tests/Goldens/targets`).
struct TargetGoldenTests {
    struct Index: Decodable {
        struct Network: Decodable, CustomTestStringConvertible {
            let name, form, layer: String
            let classes: Int?
            let labels: [String]?
            let counts: [Int]?
            let boxes: [[Float]]?
            let scores: [Float]?
            var testDescription: String { name }
        }
        struct Case: Decodable, CustomTestStringConvertible {
            struct Target: Decodable {
                let category, box: Int?
                let score: Float?
                let mask: [Int]?
                let reference: [Float]?
                enum CodingKeys: String, CodingKey {
                    case box, score, mask, reference
                    case category = "class"
                }
            }
            let network, gradient, map: String
            let target: Target
            let value: Float
            var testDescription: String { map }
        }
        let width, height, stride: Int
        let networks: [Network]
        let cases: [Case]
    }

    static let golden = try? Golden("targets")
    static let index = try? golden?.decode(Index.self)
    static let networks = index?.networks ?? []
    static let cases = index?.cases ?? []

    @Test func goldensAreThere() { #expect(Self.networks.count >= 8 && Self.cases.count >= 16) }

    /// Rows of the cases' photo, perhaps mirrored.
    private func photo(from row: Int = 16, mirrored: Bool = false) throws -> Image {
        let whole = try Image(contentsOf: Case.photo), index = try #require(Self.index), width = index.width
        let pixels = (0..<index.height * width).flatMap { i -> ArraySlice<UInt8> in
            let column = mirrored ? width - 1 - i % width : i % width
            let first = 3 * ((row + i / width) * whole.width + column)
            return whole.pixels[first..<first + 3]
        }
        return Image(width: width, height: index.height, pixels: pixels)
    }

    private func explainer(_ network: Index.Network, _ use: OutputUse = .scores) throws -> Explainer {
        var options = ModelOptions()
        (options.mean, options.std, options.use) = ([0.5], [0.5], network.form == "embedding" ? .similarity : use)
        if network.name == "siamese" {
            options.imageInput = "left"
            options.inputs = ["right": .picture(try photo(from: 8, mirrored: true))]
        }
        let folder = FileManager.default.temporaryDirectory.path + "/labels-\(UUID().uuidString).txt"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if let labels = network.labels {
            try labels.joined(separator: "\n").write(toFile: folder, atomically: true, encoding: .utf8)
            options.labels = folder
        }
        return try Explainer(contentsOf: Golden.folder + "/targets/\(network.name).onnx", options: options, threads: 1)
    }

    @Test(arguments: networks)
    func formIsFound(_ network: Index.Network) throws {
        let explainer = try explainer(network), graph = explainer.classifier.graph
        let layer = try explainer.classifier.layers(named: [])[0]
        let named = try explainer.classifier.layers(named: [network.layer])[0]
        let subject = try explainer.subject(photo(), .logit(0), layers: [layer])
        switch (network.form, graph.form) {
        case ("pixels", .pixels(let form)):
            #expect(form.classes == network.classes && graph.classes == network.classes)
            #expect(form.winners(of: subject.logits).counts == network.counts)
            // DeepLab's last window follows its pyramid.
            #expect(network.name == "deeplab" || layer.value == named.value, "\(layer)")
        case ("boxes", .boxes(let form)):
            #expect(form.classes == network.classes && graph.classes == network.classes)
            let boxes = form.boxes(in: subject.logits), right = try #require(network.boxes)
            for (number, expected) in right.enumerated() {
                let box = boxes[7 * number].rectangle
                let found = [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.x1 - box.x0, box.y1 - box.y0].map {
                    Float($0)
                }
                #expect(maxDifference(found, expected) <= 1e-3)
                #expect(abs(boxes[7 * number].score - network.scores![number]) <= 1e-5)
            }
            let isChosenFrom = ["yolo10", "yolo8_suppressed"].contains(network.name)
            // Those have no neck: the coarse map is read by the coarse boxes alone.
            let size = isChosenFrom ? (width: 12, height: 8) : (width: 6, height: 4)
            #expect(layer.width == size.width && layer.height == size.height, "\(layer)")
            #expect(graph.output.selection == (isChosenFrom ? "output" : nil))
        case ("classes", .classes): #expect(graph.classes == 2)
        case ("embedding", .embedding): #expect(graph.numbers == 12)
        default: Issue.record("\(graph.form)")
        }
    }

    @Test(arguments: cases)
    func gradientAndMapAgree(_ single: Index.Case) throws {
        let network = try #require(Self.networks.first { $0.name == single.network })
        let explainer = try explainer(network), graph = explainer.classifier.graph, photo = try photo()
        let layer = try explainer.classifier.layers(named: [network.layer])[0]
        let logits = try explainer.subject(photo, .logit(0), layers: [layer]).logits
        let target = try target(single.target, graph.form, logits)
        let subject = try explainer.subject(photo, target, layers: [layer])
        #expect(abs(subject.score - single.value) <= 1e-4 * max(1, abs(single.value)), "\(subject.score)")
        let gradient = try Self.golden!.tensor(single.gradient)
        let found = try subject.gradient(layer)
        #expect([found.channels, found.height, found.width] == gradient.shape)
        let size = gradient.values.map(abs).max()!
        #expect(maxDifference(found.values, gradient.values) <= 1e-4 * size)
        try expectMap(UnplacedMap(GradCAM().explain(subject), eigenSmooth: false, of: graph).plane, single.map)
        if single.target.mask == nil, let category = single.target.category {
            // As the program chooses it.
            var request = Explainer.Request()
            (request.targets, request.layers) = (.classes([category]), [layer])
            let explained = try explainer.explain(photo, request).explained[0]
            #expect(explained.target == target)
            try expectMap(explained.maps[0].input, single.map)
        }
    }

    private func expectMap(_ map: Plane, _ key: String) throws {
        let expected = try Self.golden!.tensor(key), step = Self.index!.stride
        let found = stride(from: 0, to: map.height, by: step).flatMap { y in
            stride(from: 0, to: map.width, by: step).map { map.values[y * map.width + $0] }
        }
        let worst = maxDifference(found, expected.values)
        #expect(worst <= 1e-4, "the map differs by \(worst)")
    }

    private func target(_ right: Index.Case.Target, _ form: OutputForm, _ logits: [Float]) throws -> Target {
        switch form {
        case .pixels(let form):
            let category = try #require(right.category)
            let places =
                right.mask.map { box in
                    form.places(of: category) {
                        (box[0]..<box[2]).contains($0 % form.width) && (box[1]..<box[3]).contains($0 / form.width)
                    }
                } ?? form.places(of: category, in: form.winners(of: logits))
            return .sum(places, scale: form.sign(of: category))
        case .boxes(let form):
            let box = try #require(form.best(in: logits, of: right.category))
            #expect(box.index == right.box && abs(box.score - right.score!) <= 1e-4)
            // The box found by its own corners, and by its number, is the same.
            #expect(form.best(in: logits, of: right.category, overlapping: box.rectangle) == box)
            #expect(form.box(box.index, of: right.category, in: logits) == box)
            return .sum([box.place])
        case .embedding: return .similarity(try #require(right.reference))
        case .classes: return .logit(try #require(right.category))
        case .numbers: throw CancellationError()
        }
    }
}
