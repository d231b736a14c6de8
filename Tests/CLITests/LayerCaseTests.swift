import Foundation
import Testing
import TestSupport

/// The layer found where none is named, and layers by the names that people write, against maps of the oracle.
struct LayerCaseTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let model: String
        /// nil: the default one.
        let layer: String?
        let map: String
        let words: [String]
        let testDescription: String

        /// - Parameter model: a case and its file, as is `map`.
        init(_ model: String, _ layer: String?, _ map: String, category: Int = 1, _ words: [String] = []) {
            (self.model, self.layer, self.map) = (model, layer, map)
            self.words = ["--target-category", "\(category)"] + words
            testDescription = "\(model) \(layer ?? "default") \(category)"
        }
    }

    static let tokens: [Row] = [
        Row("c1-clip-tokens-first/clip-tokens-first", nil, "c1-clip-tokens-first/right_map", category: 2),
        Row(
            "c1-clip-tokens-first/clip-tokens-first", "resblocks[-1].ln_1", "c1-clip-tokens-first/right_map",
            category: 2),
        Row("layers-tokens-first/encoder-mean", nil, "layers-tokens-first/encoder-mean"),
        Row("layers-tokens-first/encoder-mean", "encoder.layers[-1]", "layers-tokens-first/encoder-mean"),
        Row("layers-tokens-first/encoder-class-token", nil, "layers-tokens-first/encoder-class-token"),
        Row("layers-tokens-first/encoder-class-token", "encoder.layers[0]", "layers-tokens-first/encoder-class-token"),
        Row("layers-tokens-first/encoder-dynamo", nil, "layers-tokens-first/encoder-dynamo"),
        Row("layers-tokens-first/without-batch", nil, "layers-tokens-first/without-batch"),
        Row("layers-tokens-first/without-batch", "blocks[-1].norm1", "layers-tokens-first/without-batch"),
    ]

    static let poolings: [Row] =
        [Row("h1-gem-default-layer/gem", nil, "h1-gem-default-layer/right_map_class1")]
        + [
            "gem-a-channel", "gem-dynamo", "log-sum-exp", "root-mean-square", "maximum-and-mean", "attention-sum",
            "attention-product", "attention-tokens",
            "side-by-side",
        ].map { Row("layers-poolings/\($0)", nil, "layers-poolings/\($0)") }

    static let names: [Row] = [
        Row("l1-keras-layer-names/keras-names", "top_activation", "l1-keras-layer-names/right_map_class1"),
        Row("l1-keras-layer-names/keras-names", "functional_1/top_activation", "l1-keras-layer-names/right_map_class1"),
        Row("l1-keras-layer-names/keras-names", "top_activation/Relu", "l1-keras-layer-names/right_map_class1"),
        Row("layers-keras/nested", nil, "layers-keras/relu"),
        Row("layers-keras/nested", "block3_relu", "layers-keras/relu"),
        Row("layers-keras/nested", "model_1/backbone/block3_relu", "layers-keras/relu"),
        Row("layers-keras/nested", "backbone", "layers-keras/relu"),
        Row("layers-keras/nested", "stem1_relu", "layers-keras/stem"),
        // tf2onnx folded the norm and kept its name for the tensor.
        Row("layers-keras/nested", "block3_bn", "layers-keras/norm"),
        Row(
            "layers-keras/nested", "StatefulPartitionedCall/model_1/backbone/block3_bn/FusedBatchNormV3:0",
            "layers-keras/norm"),
        Row("n1-batch-norm-folded/bn-folded", "f[-1][1]", "n1-batch-norm-folded/right_map_f_2_1"),
        Row("n1-batch-norm-folded/bn-folded", "f[-1][-2]", "n1-batch-norm-folded/right_map_f_2_1"),
        Row("n1-batch-norm-folded/bn-folded", "f.2.1", "n1-batch-norm-folded/right_map_f_2_1"),
        Row("layers-folded-norm/residual", "layer4[-1].bn2", "layers-folded-norm/bn2"),
        Row("layers-folded-norm/residual", "model.layer4.1.bn1", "layers-folded-norm/bn1"),
        Row("layers-folded-norm/dynamo", "f[-1][1]", "layers-folded-norm/dynamo"),
    ]

    private static let square = ["--mean", ".5", "--std", ".5"]

    static let quantised: [Row] = [nil, "resnet.encoder.stages.3"].flatMap { (layer: String?) -> [Row] in
        (0..<3).map { category in
            let map = "real-ort-qoperator-module-path/square224_class\(category)_map_of_the_dequantised_tensor"
            return Row("real-ort-qoperator-module-path/model", layer, map, category: category, square)
        }
    }

    private static let ends: [(name: String, layer: String?)] = [
        ("qoperator-sigmoid", nil), ("qoperator-concat", nil), ("qoperator-maximum", nil), ("qoperator-resnet", nil),
        ("qdq-resnet", nil),
        ("qoperator-resnet", "layer4[-1]"), ("qdq-resnet", "layer4"), ("qoperator-sigmoid", "/Sigmoid_quant"),
        ("qoperator-concat", "/Concat_quant"),
        ("qoperator-maximum", "/MaxPool"),
    ]
    static let quantisedEnds: [Row] = ends.map {
        Row("layers-quantised/\($0.name)", $0.layer, "layers-quantised/\($0.name)")
    }

    @Test(arguments: tokens + poolings + names + quantised + quantisedEnds)
    func mapIsTheOracles(_ row: Row) throws {
        let photo =
            row.model.hasPrefix("layers-")
            ? "photo48.png" : row.model.hasPrefix("real-ort") ? "square224.png" : "photo.png"
        let run = try CaseRun(
            model: "\(Case.folder)/\(row.model).onnx", photo: "\(Case.folder)/\(photo)",
            row.words + (row.layer.map { ["--target-layer", $0] } ?? []))
        #expect(run.finished.status == 0, "\(run.finished.errors)")
        let worst = maxDifference(run.map, try readNPY("\(Case.folder)/\(row.map).npy"))
        #expect(worst <= 1e-3, "the map of \(run.report["layer"] ?? "no layer") differs by \(worst)")
        #expect(!run.finished.errors.contains("folded"), "\(run.finished.errors)")
    }

    @Test func theQuantisedDefaultIsNamedByItsBlock() throws {
        let run = try CaseRun(
            model: Case("real-ort-qoperator-module-path").path("model.onnx"), photo: Case.folder + "/square224.png")
        #expect(run.report["layer"] as? String == "resnet.encoder.stages.3.layers.0")
    }

    /// The tensor before the norm is not in the file: what stands there is given, and the remark says so, once a run
    /// and in the JSON.
    @Test(arguments: [
        ("n1-batch-norm-folded/bn-folded", "f[-1][0]", "a batch norm"),
        ("n1-batch-norm-folded/bn-folded", "/f/f.2/f.2.0/Conv", "a batch norm"),
        ("layers-folded-norm/residual", "layer4[-1].conv2", "a batch norm"),
        ("layers-folded-norm/dynamo", "f[-1][0]", "the batch norm 'f.2.1'"),
        ("layers-keras/nested", "block3_conv", "the batch norm 'StatefulPartitionedCall.model_1.backbone.block3_bn'"),
    ])
    func aFoldedNormIsTold(_ model: String, _ layer: String, _ norm: String) throws {
        let run = try CaseRun(
            model: "\(Case.folder)/\(model).onnx", ["--target-category", "1", "--target-layer", layer])
        let told = "'\(layer)' is a convolution into which \(norm) was folded at export"
        #expect(run.finished.status == 0)
        #expect(run.finished.errors.components(separatedBy: told).count == 2, "\(run.finished.errors)")
        #expect((run.report["diagnosis"] as? [String])?.contains { $0.hasPrefix(told) } ?? false)
    }

    /// A convolution without a norm is itself.
    @Test func aConvolutionAloneHasNoRemark() throws {
        let run = try CaseRun(
            model: Case("layers-folded-norm").path("residual.onnx"),
            ["--target-category", "1", "--target-layer", "plain"])
        #expect(run.finished.status == 0 && !run.finished.errors.contains("folded"), "\(run.finished.errors)")
    }

    @Test(arguments: [
        ("l1-keras-layer-names/keras-names", "Top_Activation", "did you mean 'functional_1.top_activation'"),
        ("l1-keras-layer-names/keras-names", "tp_activation", "did you mean 'functional_1.top_activation'"),
        ("layers-folded-norm/residual", "layr4[-1].conv2", "did you mean 'layer4.1.conv2'"),
        (
            "layers-folded-norm/residual", "conv2",
            "'conv2' is the end of several layers' names ('layer4.0.conv2', 'layer4.1.conv2')"
        ),
        ("layers-folded-norm/residual", "layer4[-1].bn3", "no layer 'layer4[-1].bn3'"),
        ("n1-batch-norm-folded/bn-folded", "f[-1][5]", "no layer 'f[-1][5]'"),
    ])
    func namesThatFitNothingOrSeveralAreToldWith(_ model: String, _ layer: String, _ told: String) throws {
        let run = try CaseRun(model: "\(Case.folder)/\(model).onnx", ["--target-layer", layer])
        #expect(run.finished.status != 0)
        #expect(run.finished.errors.contains(told), "\(run.finished.errors)")
    }
}
