import ONNX

extension Model {
    /// The newest operator set and version of the format that this reader was written for.
    private static let newest = (opset: 28, format: 14)

    /// Sentences on what of the file is newer than this reader.
    public var remarks: [Wording] {
        var remarks: [Wording] = []
        if let opset = opsets[""], opset > Self.newest.opset {
            remarks.append(
                "the file is of opset \(opset), newer than \(Self.newest.opset): operators are taken for what they "
                    + "were then")
        }
        if irVersion > Self.newest.format {
            remarks.append(
                "the file is of IR version \(irVersion), newer than \(Self.newest.format): what that added is not read")
        }
        return remarks
    }

    /// Refuses operator sets that cannot be, and names that are given to more than one tensor.
    func checkNames() throws(NetworkError) {
        let node = graph.nodes.enumerated().first { $0.element.domain.isEmpty }
        if let opset = opsets[""] {
            guard opset > 0 else { throw .operatorSet("opset \(opset), where they count from 1") }
        } else if let (index, node) = node {
            throw .operatorSet("no opset of ONNX's own operators, of which node '\(node.shownName(index))' is one")
        }
        try graph.checkNames()
        for function in functions { try GraphDef(nodes: function.nodes).checkNames() }
    }
}

extension GraphDef {
    /// What gives a tensor its name.
    private enum Giver {
        case input, initializer
        case node(Int)
    }

    /// Every tensor is given once (static single assignment), in the graphs of attributes too; an initializer may stand
    /// among the inputs, as old files have it.
    fileprivate func checkNames() throws(NetworkError) {
        let named = inputs.map(\.name) + initializers.map(\.name) + sparseInitializers + outputs.map(\.name)
        for name in named + nodes.flatMap({ $0.inputs + $0.outputs + [$0.name] })
        where name.utf8.contains(0) {
            throw .tensor(
                name: TensorName.shown(name),
                reason: "its name holds a NUL character: the file is damaged; export it again")
        }
        var givers: [String: Giver] = [:]
        for input in inputs where givers.updateValue(.input, forKey: input.name) != nil {
            throw .givenTwice(input.name, by: "the input", and: "another input")
        }
        for tensor in initializers where !tensor.name.isEmpty {
            if case .initializer? = givers.updateValue(.initializer, forKey: tensor.name) {
                throw .givenTwice(tensor.name, by: "an initializer", and: "another one")
            }
        }
        for (index, node) in nodes.enumerated() {
            for output in node.outputs where !output.isEmpty {
                if let first = givers.updateValue(.node(index), forKey: output) {
                    throw .givenTwice(output, by: words(first), and: words(.node(index)))
                }
            }
            for case .graph(let inner) in node.attributes.values { try inner.checkNames() }
        }
    }

    private func words(_ giver: Giver) -> Wording {
        switch giver {
        case .input: "the input"
        case .initializer: "an initializer"
        case .node(let index): "node '\(nodes[index].shownName(index))'"
        }
    }
}

extension NodeDef {
    /// Its name, or what it is and where it stands.
    func shownName(_ index: Int) -> String { name.isEmpty ? "\(opType)_\(index)" : name }
}
