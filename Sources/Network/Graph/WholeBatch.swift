import ONNX

extension Importer {
    /// A file imported as it stands, for all the photos that it is written for: beside its import for one, this shows
    /// what it does with several.
    ///
    /// - Parameter one: the import for one photo, whose weights are taken over.
    init(
        _ model: Model, whole image: ImageInput, width: Int, height: Int, like one: Importer
    ) throws(NetworkError) {
        self.init(model, like: one)
        let (all, overflow) = limits.operations.multipliedReportingOverflow(by: one.batch)
        limits.operations = overflow ? .max : all
        addInitializers(model.graph)
        _ = try addInput(image, width: width, height: height, images: one.batch)
        add(model.graph.nodes, opset: opset, results: Set(model.graph.outputs.map(\.name)))
    }

    /// Whether a node has a fault here.
    func fails(_ name: String) -> Bool { faults.contains { if case .node(name, _, _, _) = $0 { true } else { false } } }

    /// Why a node cannot be run for one photo that can for all of a batch.
    func batchReason(_ reason: Wording) -> Wording {
        "the file is written for \(batch) photos at a time, which are not apart here (\(reason)); "
            + "\(NetworkError.batchAdvice)"
    }
}

extension Graph {
    /// Refuses a file, written for several photos at a time, that mixes them: what it computes of all of them is then
    /// not as many times as large as what it computes of one.
    func refuseMixedBatch(_ graph: GraphDef, one: Importer, all: Importer, output: String?) throws(NetworkError) {
        let onPath = ancestors(of: logits)
        func isProduct(_ product: Int, _ a: Int, _ b: Int) -> Bool {
            (product, false) == a.multipliedReportingOverflow(by: b)
        }
        for node in graph.nodes {
            for name in node.outputs {
                guard case .value(let id, let single)? = one.tensors[name],
                    case .value(_, let whole)? = all.tensors[name], onPath.contains(id),
                    whole.count > 1, !isProduct(whole.count, one.batch, single.count)
                else { continue }
                throw .mixedBatch(one.batch, node: node.name)
            }
        }
        // Scores of several photos in one row.
        let scores = descendants(of: [logits])
        for name in output.map({ [$0] }) ?? graph.outputs.map(\.name) {
            guard case .value(let id, let single)? = one.tensors[name], case .value(_, let whole)? = all.tensors[name],
                scores.contains(id),
                single.rank > 1, whole.dims.first == 1
            else { continue }
            throw .mixedBatch(one.batch, node: values[id].producer.map { nodes[$0].name } ?? name)
        }
    }

    /// The node that joins several pictures of the photo (its mirror image, crops of it) into one batch, so that no
    /// value is a map over the photo.
    var joinedPictures: String? {
        let onPath = ancestors(of: logits)
        // What joined the pictures in each value, and whether along an axis in front of a picture's three.
        var (pictures, joints): (Set<ValueID>, [ValueID: (node: String, isOfBatch: Bool)]) = ([input], [:])
        for node in nodes {
            let read = node.operands.compactMap { $0?.value }
            guard !read.isEmpty, read.allSatisfy(pictures.contains) else { continue }
            var joint = read.lazy.compactMap { joints[$0] }.first
            if node.op is Conv {
                guard let joint, values[read[0]].shape[0] > 1, joint.isOfBatch || defaultLayer == nil,
                    onPath.contains(node.outputs[0])
                else { continue }
                return joint.node
            }
            if let concat = node.op as? Concat, read.count > 1, !(joint?.isOfBatch ?? false) {
                joint = (node.name, concat.pieces.axis < values[node.outputs[0]].shape.rank - 3)
            }
            pictures.formUnion(node.outputs)
            for output in node.outputs { joints[output] = joint }
        }
        return nil
    }
}
