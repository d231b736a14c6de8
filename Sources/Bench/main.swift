#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import Network
import ONNX

// gradcam-bench forward|gradient|guided|masks|profile MODEL [--batch N] [--threads N] [--runs N]
// Times the engine on an image of random numbers; milliseconds a pass, the median of the runs.

let arguments = Array(CommandLine.arguments.dropFirst())
func option(_ name: String, default value: Int) -> Int {
    arguments.firstIndex(of: name).flatMap { $0 + 1 < arguments.count ? Int(arguments[$0 + 1]) : nil } ?? value
}
guard arguments.count >= 2 else {
    print("usage: gradcam-bench forward|gradient|guided|masks|profile MODEL [--batch N] [--threads N] [--runs N]")
    exit(2)
}
let (job, path) = (arguments[0], arguments[1])
let (batch, runs) = (option("--batch", default: 1), option("--runs", default: 15))
let threads = option("--threads", default: processorCount())

do {
    let clock = ContinuousClock()
    let begin = clock.now
    let model = try Model(contentsOf: path)
    let size = Graph.fixedInputSize(model) ?? (224, 224)
    let graph = try Graph(model, width: size.width, height: size.height)
    let session = CPUSession(graph: graph, threads: threads, maskBatch: option("--masks", default: 0) > 0 ? option("--masks", default: 0) : nil)
    var generator = SystemRandomNumberGenerator()
    let images = (0..<batch).map { _ in (0..<graph.inputShape.count).map { _ in Float.random(in: -2...2, using: &generator) } }
    let seeds = images.map { _ in (0..<graph.classes).map { $0 == 0 ? Float(1) : 0 } }
    let layer = graph.defaultLayer.map { [$0.value] } ?? []

    func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) * 1e-15
    }
    func measure(_ body: () throws -> Void) rethrows -> [Double] {
        try (0..<runs).map { _ in milliseconds(try clock.measure(body)) }.sorted()
    }

    let prepared = milliseconds(clock.now - begin)
    _ = try session.forward(images, keeping: layer, gradients: .none)
    let first = milliseconds(clock.now - begin)
    var times: [Double] = []
    switch job {
    case "forward":
        times = try measure { _ = try session.forward(images, keeping: layer, gradients: .none) }
    case "gradient":
        times = try measure {
            _ = try session.forward(images, keeping: layer, gradients: .layers)
            _ = try session.gradients(of: seeds, at: layer, rule: .plain)
        }
    case "guided":
        times = try measure {
            _ = try session.forward(images, keeping: layer, gradients: .input)
            _ = try session.gradients(of: seeds, at: [graph.input], rule: .guided)
        }
    case "masks":
        times = try measure {
            _ = try session.scores(of: images[0], masks: batch) { index, mask in mask.update(repeating: Float(index % 7) / 7) }
        }
    case "profile":
        print(try session.profile(images, runs: runs))
        exit(0)
    default:
        print("unknown job \(job)")
        exit(2)
    }
    func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    print("\(job) \(path) batch \(batch) threads \(threads): median \(rounded(times[times.count / 2])) ms, least \(rounded(times[0])) ms a pass; "
        + "\(rounded(prepared)) ms to import, \(rounded(first)) ms to the end of the first pass")
} catch {
    print("\(error)")
    exit(3)
}
