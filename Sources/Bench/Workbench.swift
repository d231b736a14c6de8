import ActivationMaps
import Imaging
import Network

/// What can be timed. Written "forward 8", "gradcam", "backward", "guided", "masks 64".
enum Job {
    /// A forward pass of some images.
    case forward(Int)
    /// Pixels to map: one photo of the network's own size, its class not given.
    case gradcam
    /// The gradient at the layer alone, without the forward pass before it.
    case backward
    /// Pixels to the guided gradient at the input.
    case guided
    /// Class scores of some masked images, as Score-CAM asks for them.
    case masks(Int)

    init?(_ words: [Substring]) {
        let count = words.count == 2 ? Int(words[1]).flatMap { $0 > 0 ? $0 : nil } : nil
        switch (words.first, count, words.count) {
        case ("forward", let count?, 2): self = .forward(count)
        case ("masks", let count?, 2): self = .masks(count)
        case ("gradcam", _, 1): self = .gradcam
        case ("backward", _, 1): self = .backward
        case ("guided", _, 1): self = .guided
        default: return nil
        }
    }
}

/// The same numbers at every start, and without a system call for each. Steele, Lea and Flood, "Fast splittable
/// pseudorandom
/// number generators", OOPSLA 2014.
private struct Noise: RandomNumberGenerator {
    private var state: UInt64 = 0

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A network with a photo of noise, ready to be timed.
final class Workbench {
    private let explainer: Explainer
    private let session: CPUSession
    private let graph: Graph
    private let layers: [Layer]
    private let photo: Image
    private let clock = ContinuousClock()
    private var images: [[Float]] = []
    private var noise = Noise()

    /// - Parameters:
    ///   - layer: whose map and gradient are taken; nil: the default one.
    ///   - expectedImages: as `CPUSession` has it.
    init(model path: String, layer: String?, threads: Int, expectedImages: Int) throws {
        let classifier = try Classifier(contentsOf: path)
        graph = classifier.graph
        session = CPUSession(graph: graph, threads: threads, expectedImages: expectedImages)
        explainer = Explainer(classifier, session: session)
        layers = try classifier.layers(named: layer.map { [$0] } ?? [])
        let (height, width) = (graph.inputShape[2], graph.inputShape[3])
        var noise = Noise()
        photo = Image(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &noise) })
    }

    /// Does a job once: milliseconds.
    func run(_ job: Job) throws -> Double {
        switch job {
        case .forward(let count):
            let images = images(count)
            return try timed { _ = try session.forward(images, keeping: [], gradients: .none) }
        case .gradcam:
            var request = Explainer.Request()
            request.layers = layers
            return try timed { _ = try explainer.explain(photo, request) }
        case .backward:
            let values = layers.map(\.value)
            let best = try session.forward(images(1), keeping: values, gradients: .layers)[0]
            let seed = best.map { $0 == best.max() ? Float(1) : 0 }
            return try timed { _ = try session.gradients(of: [seed], at: values, rule: .plain) }
        case .guided:
            var request = Explainer.Request()
            (request.layers, request.methods, request.guided) = (layers, [], true)
            return try timed { _ = try explainer.explain(photo, request) }
        case .masks(let count):
            let image = images(1)[0]
            return try timed {
                _ = try session.scores(of: image, masks: count) { index, mask in
                    mask.update(repeating: Float(index + 1) / Float(count))
                }
            }
        }
    }

    /// The time of every step of a forward pass: a table to read.
    func profile(batch: Int, runs: Int) throws -> String { try session.profile(images(batch), runs: runs) }

    private func images(_ count: Int) -> [[Float]] {
        while images.count < count {
            images.append((0..<graph.inputShape.count).map { _ in Float.random(in: -2...2, using: &noise) })
        }
        return Array(images.prefix(count))
    }

    private func timed(_ body: () throws -> Void) rethrows -> Double { try clock.measure(body) / .milliseconds(1) }
}
