import ONNX

/// Where in a network's modules a node was traced: `layer4.1.conv1`. Read from the metadata that the dynamo exporter
/// writes (`pkg.torch.onnx.name_scopes`), else from the node name that the TorchScript exporter
/// (`/layer4/layer4.1/conv1/Conv`) and tf2onnx (`model/top_activation/Relu`) give; empty where neither is there, or
/// where modules stand deeper in one another than in any network.
struct ModulePath {
    let text: String

    private static let deepest = 64

    init(_ node: NodeDef) {
        if let scopes = node.metadata["pkg.torch.onnx.name_scopes"] {
            // A printed Python list, outermost first; the last entry is the operation itself.
            self.init(
                dotted: scopes.split(separator: "'").filter {
                    !$0.contains("[") && !$0.contains("]") && $0.first != ","
                }
                .dropLast().last ?? "")
        } else {
            self.init(dotted: Self.join(node.name.split(separator: "/").dropLast()))
        }
    }

    /// A path written with slashes, as the exporters write it.
    init(slashed text: String) { self.init(dotted: Self.join(text.split(separator: "/")[...])) }

    /// A path written as a PyTorch user writes it.
    init(dotted text: some StringProtocol) {
        let depth = text.utf8.count { $0 == UInt8(ascii: ".") } + 1
        self.text = depth <= Self.deepest ? String(text) : ""
    }

    /// A scope that repeats its parent's name ("layer4", "layer4.1") stands for the longer path; others are appended.
    private static func join(_ scopes: ArraySlice<Substring>) -> String {
        var path = ""
        var parent: Substring = ""
        for scope in scopes {
            if scope.hasPrefix(parent + "."), !parent.isEmpty {
                path += scope.dropFirst(parent.count)
            } else {
                path += path.isEmpty ? scope : "." + scope
            }
            parent = scope
        }
        return path
    }
}
