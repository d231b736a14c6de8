import ActivationMaps
import CUDA
import Imaging
import Network

/// What can be timed. Written "forward 8", "photos 8", "gradcam", "cheap", "ablationcam", "backward", "guided", "masks
/// 64", "integrated 10", "rise 32", "insertion", "road".
enum Job {
    /// A forward pass of some images.
    case forward(Int)
    /// Pixels to maps by Grad-CAM of some photos that share their passes.
    case photos(Int)
    /// Pixels to map: one photo of the network's own size, its class not given.
    case gradcam
    /// The same of every method that shares the passes.
    case cheap
    /// The same by Ablation-CAM, of all channels.
    case ablationcam
    /// The gradient at the layer alone, without the forward pass before it.
    case backward
    /// Pixels to the guided gradient at the input.
    case guided
    /// Class scores of some masked images, as Score-CAM asks for them.
    case masks(Int)
    /// Pixels to the map of integrated gradients, in so many steps.
    case integrated(Int)
    /// Pixels to the map of RISE, of so many masks.
    case rise(Int)
    /// One map judged by a metric, the photo's own pass not counted.
    case insertion, road

    init?(_ words: [Substring]) {
        let count = words.count == 2 ? Int(words[1]).flatMap { $0 > 0 ? $0 : nil } : nil
        switch (words.first, count, words.count) {
        case ("forward", let count?, 2): self = .forward(count)
        case ("photos", let count?, 2): self = .photos(count)
        case ("masks", let count?, 2): self = .masks(count)
        case ("integrated", let count?, 2): self = .integrated(count)
        case ("rise", let count?, 2): self = .rise(count)
        case ("gradcam", _, 1): self = .gradcam
        case ("cheap", _, 1): self = .cheap
        case ("ablationcam", _, 1): self = .ablationcam
        case ("backward", _, 1): self = .backward
        case ("guided", _, 1): self = .guided
        case ("insertion", _, 1): self = .insertion
        case ("road", _, 1): self = .road
        default: return nil
        }
    }
}

/// A network with a photo of noise, ready to be timed.
final class Workbench {
    private let explainer: Explainer
    private let session: any Session
    private let graph: Graph
    private let layers: [Layer]
    private let photo: Image
    private let clock = ContinuousClock()
    private var images: [[Float]] = []
    /// The same at every start, and without a system call for each.
    private var noise = SeededGenerator(seed: 0)

    /// - Parameters:
    ///   - layer: whose map and gradient are taken; nil: the default one.
    ///   - expectedImages, precision: as `LoadOptions` has them.
    ///   - onCard: whether the card computes, without the CPU behind it.
    init(
        model path: String, layer: String?, threads: Int, expectedImages: Int, precision: Precision?, onCard: Bool
    ) throws {
        let classifier = try Classifier(contentsOf: path)
        graph = classifier.graph
        var options = LoadOptions(threads: threads, expectedImages: expectedImages)
        options.precision = precision
        session = try (onCard ? CUDA.load(graph, options) : CPU.load(graph, options)).session(threads: threads)
        explainer = Explainer(classifier, session: session)
        layers = try classifier.layers(named: layer.map { [$0] } ?? [])
        let (height, width) = (graph.inputShape[2], graph.inputShape[3])
        var noise = SeededGenerator(seed: 0)
        photo = Image(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &noise) })
    }

    /// Does a job once: milliseconds.
    func run(_ job: Job) throws -> Double {
        switch job {
        case .forward(let count):
            let images = images(count)
            guard let session = session as? CPUSession else {
                return try timed { _ = try session.run(images, recording: Recording()).scores }
            }
            return try timed { _ = try session.runTogether(images, recording: Recording()).scores }
        case .photos(let count):
            var request = Explainer.Request()
            request.layers = layers
            let photos = [Image](repeating: photo, count: count)
            return try timed { for result in explainer.explain(photos, request) { _ = try result.get() } }
        case .gradcam:
            return try explain([GradCAM()])
        case .cheap:
            return try explain(Methods.of(graph).filter { $0.cost.isShared })
        case .ablationcam:
            return try explain([AblationCAM()])
        case .backward:
            let values = layers.map(\.value)
            let run = try session.run(images(1), recording: Recording(gradients: Set(values)))
            let logits = run.scores[0]
            let best = logits.indices.max { logits[$0] < logits[$1] }!
            return try timed {
                _ = try run.gradients([Target.logit(best).cotangent(logits)], at: values, rule: .plain)
            }
        case .guided:
            var request = Explainer.Request()
            (request.layers, request.methods, request.guided) = (layers, [], true)
            return try timed { _ = try explainer.explain(photo, request) }
        case .masks(let count):
            let image = images(1)[0]
            let values = (0..<49 * count).map { _ in Float.random(in: 0...1, using: &noise) }
            let map = FeatureMap(channels: count, height: 7, width: 7, values: values)
            return try timed { _ = try session.scores(.masked(image, by: map)) }
        case .integrated(let count):
            var request = Explainer.Request()
            (request.methods, request.options.steps) = ([IntegratedGradients()], count)
            return try timed { _ = try explainer.explain(photo, request) }
        case .rise(let count):
            var request = Explainer.Request()
            (request.methods, request.options.samples) = ([RISE()], count)
            return try timed { _ = try explainer.explain(photo, request) }
        case .insertion:
            return try judge(by: Insertion())
        case .road:
            return try judge(by: ROAD())
        }
    }

    /// A map of 7 x 7 numbers of noise, enlarged.
    private func judge(by metric: any Metric) throws -> Double {
        let subject = try explainer.subject(photo, .logit(0), layers: layers)
        let plane = Plane(width: 7, height: 7, values: (0..<49).map { _ in Float.random(in: 0...1, using: &noise) })
            .resized(width: photo.width, height: photo.height)
        let map = JudgedMap(method: "noise", plane: plane) { _ in plane }
        return try timed { _ = try metric.measure(map, subject) }
    }

    private func explain(_ methods: [any Method]) throws -> Double {
        var request = Explainer.Request()
        (request.layers, request.methods) = (layers, methods)
        return try timed { _ = try explainer.explain(photo, request) }
    }

    /// The time of every step of a forward pass by the CPU: a table to read.
    func profile(batch: Int, runs: Int) throws -> String {
        try (session as! CPUSession).profile(images(batch), runs: runs)
    }

    private func images(_ count: Int) -> [[Float]] {
        while images.count < count {
            images.append((0..<graph.inputShape.count).map { _ in Float.random(in: -2...2, using: &noise) })
        }
        return Array(images.prefix(count))
    }

    private func timed(_ body: () throws -> Void) rethrows -> Double { try clock.measure(body) / .milliseconds(1) }
}
