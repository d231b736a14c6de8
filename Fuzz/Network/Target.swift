import ActivationMaps
import Imaging
import Network
import ONNX

/// Reads the bytes as a network and, where it is one, explains a small picture by it.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = try? explain(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}

private let photo = Image(
    width: 20, height: 12, pixels: (0..<20 * 12 * 3).map { UInt8(truncatingIfNeeded: $0 * $0 % 253) })

private func explain(_ bytes: UnsafeRawBufferPointer) throws {
    let path = "/none/network.onnx"
    let model = try Model(MappedFile(copying: bytes, name: path))
    var options = ModelOptions()
    options.memoryLimit = MemoryLimit(bytes: 64 << 20)
    if try ImageInput(model).fixedSize == nil { options.inputSize = (16, 16) }
    let classifier = try Classifier(model, at: path, options: options)
    let graph = classifier.graph
    let session = try CPU.load(graph, LoadOptions(threads: 1, expectedImages: 2)).session(threads: 1)

    let input = classifier.preprocessing.tensor(from: photo)
    let run = try session.run([input, input], recording: Recording(gradients: [graph.input]))
    for rule in [RectifierRule.plain, .guided] {
        _ = try run.gradients(run.scores.map { $0.map { $0 * 0.3 } }, at: [graph.input], rule: rule)
    }
    var request = Explainer.Request()
    request.methods = Methods.all
    request.guided = true
    request.eigenSmooth = bytes.count % 2 == 0
    _ = try Explainer(classifier, session: session).explain(photo, request)
}
