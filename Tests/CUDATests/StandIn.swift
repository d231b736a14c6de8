import CCUDA
import CUDAStandIn
import Foundation
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// The card that is not there; where `$GRADCAM_TEST_DEVICE` is `cuda`, the one that is takes its place in what is
/// computed, but not in what is made to fail.
enum StandIn {
    private static let isCard = getenv("GRADCAM_TEST_DEVICE").map { String(cString: $0) } == "cuda"
    /// Without cuDNN, and with it, where a card that is there has it.
    static let card = isCard ? withoutCUDNN() : open(stand_in_calls(0))
    static let cardWithCUDNN = isCard ? try! CUDA.first() : open(stand_in_calls(1))

    private static func withoutCUDNN() -> Card {
        var calls = try! CUDA.first().libraries.calls
        calls.cudnnCreate = nil
        return try! Card(Libraries(calls: calls))
    }

    private static func open(_ calls: cuda_calls) -> Card {
        stand_in_begin()
        defer { stand_in_end() }
        return try! Card(Libraries(calls: calls), cache: KernelCache(folder: nil))
    }

    /// A small network and an image for it, on a machine of their own: of cards that this thread opens from now on.
    static func begin() throws -> (graph: Graph, image: [Float]) {
        stand_in_begin()
        let graph = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx").graph
        return (graph, (0..<graph.inputShape.count).map { Float($0 * 31 % 255) / 128 - 1 })
    }

    /// A program whose tensors end where their memory ends.
    static func program(
        _ graph: Graph, _ options: LoadOptions = LoadOptions(), on card: Card = card
    ) throws -> CUDAProgram {
        _ = try CUDA.load(graph, options, on: card)
        return CUDAProgram(graph, options, on: card, roundsSizes: false)
    }

    /// What a device tells of a failure; nil where nothing fails.
    static func fault(_ body: () throws -> Void) -> (DeviceFault, String)? {
        do { try body() } catch NetworkError.device(_, let fault, let reason) { return (fault, "\(reason)") } catch {
            Issue.record("\(error)")
        }
        return nil
    }

    /// No rule was broken.
    static func expectNoBreach(_ what: String = "") {
        var last: UnsafePointer<CChar>?
        let count = stand_in_breaches(&last)
        let seed = "GRADCAM_STAND_IN_SEED=\(stand_in_seed())"
        #expect(count == 0, "\(what): \(last.map { String(cString: $0) } ?? ""), with \(seed)")
    }
}

extension Graph {
    init(values: [Value], nodes: [Node], input: ValueID, logits: ValueID) throws {
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [.fixed(1), .fixed(3), .unknown, .unknown])
        self.init(
            values: values, nodes: nodes, input: input,
            scores: Scores(
                logits: logits, form: .classes, probability: .softmax,
                output: .init(name: values[logits].name, others: [])),
            image: try ImageInput(GraphDef(inputs: [photo])))
    }
}
