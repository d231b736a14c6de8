import ONNX

/// A batch norm that an exporter folded into the convolution before it: the convolution's tensor holds what followed
/// the norm.
struct FoldedNorm: Sendable {
    /// The convolution's module.
    let convolution: String
    /// The norm's module; nil where the file does not tell it.
    let norm: String?

    /// The metadata in which the dynamo exporter's optimiser leaves the names of the rules that it used.
    static let rules = "pkg.onnxscript.rewriter.rule_name"

    /// The sign of the folding differs by exporter: TorchScript's gives weight and bias names of its own
    /// (`onnx::Conv_39`), the dynamo exporter names the rule and leaves the norm's module with the node and the
    /// convolution's with the weights, tf2onnx leaves the norm's name with the tensor
    /// (`model/conv1_bn/FusedBatchNormV3:0`), and ONNX Runtime's optimiser writes into the names of the weights what it
    /// did.
    init?(_ node: NodeDef) {
        guard ["Conv", "ConvTranspose", "Gemm", "MatMul"].contains(node.opType), node.inputs.count > 1,
            let result = node.outputs.first
        else { return nil }
        let path = ModulePath(node).text, parameters = node.inputs[1...]
        let origin = ModulePath(slashed: result.split(separator: "/").dropLast().joined(separator: "/")).text
        if node.metadata[Self.rules]?.contains("FuseBatchNorm") ?? false, parameters.first!.hasSuffix(".weight") {
            (convolution, norm) = (
                ModulePath(dotted: parameters.first!.dropLast(".weight".count)).text, path
            )
        } else if result.lowercased().contains("batchnorm"), !origin.isEmpty, origin != path {
            (convolution, norm) = (path, origin)
        } else if parameters.count > 1,
            parameters.allSatisfy({ $0.hasPrefix("onnx::\(node.opType)_") || $0.contains("ConvBnFusion") })
        {
            (convolution, norm) = (path, nil)
        } else {
            return nil
        }
    }

    /// Whether a module of this name can be the norm of `convolution`, one of the `siblings` with folded norms in the
    /// same module: the next by number (`0`, `1`), of the same number (`conv2`, `bn2`), the norm of that rank
    /// (`conv_dw`, `bn1`), or the only one.
    static func isNorm(_ name: String, of convolution: String, among siblings: [String]) -> Bool {
        if let number = Int(name) { return Int(convolution).map { $0 < number && number - $0 == 1 } ?? false }
        guard ["bn", "norm", "batch"].contains(where: name.lowercased().contains) else { return false }
        func number(_ name: String) -> Int? { Int(String(name.reversed().prefix { $0.isNumber }.reversed())) }
        guard let wanted = number(name) else { return siblings == [convolution] }
        if siblings.contains(where: { number($0) != nil }) { return number(convolution) == wanted }
        return siblings.indices.contains(wanted - 1) && siblings[wanted - 1] == convolution
    }
}
