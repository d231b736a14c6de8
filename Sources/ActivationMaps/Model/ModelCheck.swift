import Imaging
import Network
import ONNX

/// What can be told of a model file before any photo is there: whether it can be explained, and every reason why not.
public struct ModelCheck {
    /// How long a run on a grey picture took, with and without the gradient.
    public struct TestRun {
        public let scores, gradient: Duration
    }

    public let model: Model
    public let operators: [OperatorUse]
    /// nil where the file cannot be explained.
    public let classifier: Classifier?
    /// The layer that is explained where none is named.
    public let layer: Layer?
    public let run: TestRun?
    /// Why the file cannot be explained, one line each; empty where it can.
    public let faults: [String]

    /// - Throws: `ModelError.file` where the file cannot be read at all, `ModelError.option` where an option does not fit it.
    public init(contentsOf path: String, options: ModelOptions = .init(), threads: Int? = nil) throws(ModelError) {
        do throws(ONNXError) { model = try Model(contentsOf: path) } catch { throw .file(error) }
        operators = OperatorUse.all(in: model)
        let classifier: Classifier
        do throws(ModelError) {
            classifier = try Classifier(contentsOf: path, options: options)
        } catch {
            switch error {
            case .option, .file: throw error
            case .network(_, .several(let faults)): self.faults = faults.map { "\($0)" }
            case .network(_, let fault): faults = ["\(fault)"]
            case .description: faults = ["\(error)"]
            }
            (self.classifier, layer, run) = (nil, nil, nil)
            return
        }
        self.classifier = classifier
        layer = classifier.graph.defaultLayer
        var faults = layer == nil ? ["\(NetworkError.noSpatialLayer)"] : []
        do throws(NetworkError) {
            run = try Self.tried(classifier, layer, threads: threads ?? processorCount())
        } catch {
            run = nil
            faults.append("\(error)")
        }
        self.faults = faults
    }

    private static func tried(_ classifier: Classifier, _ layer: Layer?, threads: Int) throws(NetworkError) -> TestRun {
        let session = CPUSession(graph: classifier.graph, threads: threads, expectedImages: 2)
        let grey = Image(width: 8, height: 8, pixels: [UInt8](repeating: 128, count: 3 * 64))
        let input = classifier.preprocessing.tensor(from: grey)
        let clock = ContinuousClock(), start = clock.now
        let logits = try session.forward([input], keeping: [], gradients: .none)[0]
        let scored = clock.now
        if let layer {
            _ = try session.forward([input], keeping: [layer.value], gradients: .layers)
            var seed = [Float](repeating: 0, count: logits.count)
            seed[0] = 1
            _ = try session.gradients(of: [seed], at: [layer.value], rule: .plain)
        }
        return TestRun(scores: scored - start, gradient: clock.now - scored)
    }
}
