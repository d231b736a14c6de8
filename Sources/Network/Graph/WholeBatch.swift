import ONNX
import Platform

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

    /// Refuses a file, written for several photos at a time, that scores a photo beside others differently than alone:
    /// it runs on photos that differ, together and one by one. What there is no memory for is not compared.
    func refuseMixedScores(one: Importer, all: Importer) throws(NetworkError) {
        guard let (single, whole) = lastRow(of: one, in: all) else { return }
        let output = output
        func rows(_ importer: Importer, _ value: ValueID, runs: Int, images: Int) -> [Float]? {
            let graph = Graph(
                values: importer.values, nodes: importer.nodes, input: input,
                scores: Scores(logits: value, form: .numbers, probability: .softmax, output: output), image: image,
                limits: limits)
            let size = inputShape.count
            let batch = Batch.written(runs) { run, pixels in
                for image in 0..<images { Self.writePhoto(run * images + image, to: pixels, at: image * size, size) }
            }
            var options = LoadOptions(expectedImages: one.batch)
            options.precision = .float32
            guard let program = try? CPU.load(graph, options),
                let scores = try? program.session(threads: options.threads).scores(batch)
            else { return nil }
            return scores.flatMap { $0 }
        }
        guard let apart = rows(one, single, runs: one.batch, images: 1),
            let beside = rows(all, whole, runs: 1, images: one.batch)
        else { return }
        // Rounding, of quantised numbers too, is far less than what tells photos from one another.
        let count = values[single].shape.count
        let spread = apart.indices.map { abs(apart[$0] - apart[$0 % count]) }.reduce(0, max)
        let bound = max(0.05 * spread, 1e-3 * apart.map(abs).reduce(0, max))
        guard zip(apart, beside).contains(where: { abs($0 - $1) > bound }) else { return }
        throw .mixedBatch(one.batch, node: values[single].producer.map { nodes[$0].name } ?? values[single].name)
    }

    /// The last value on the way to the scores that both imports hold, in the second with a row a photo.
    private func lastRow(of one: Importer, in all: Importer) -> (single: ValueID, whole: ValueID)? {
        var names: [ValueID: String] = [:]
        for case (let name, .value(let id, _)) in one.tensors { names[id] = name }
        let ways = ancestors(of: logits).union(probability.value.map { ancestors(of: $0) } ?? [])
        for id in ways.sorted(by: >) where id != input {
            let dims = values[id].shape.dims
            guard let name = names[id], dims.first == 1, case .value(let whole, let shape)? = all.tensors[name],
                shape.dims == [one.batch] + dims.dropFirst()
            else { continue }
            return (id, whole)
        }
        return nil
    }

    /// A photo unlike those of other numbers, in its brightness too.
    private static func writePhoto(
        _ number: Int, to pixels: UnsafeMutableBufferPointer<Float>, at start: Int, _ count: Int
    ) {
        let (level, pitch) = (sinf(Float(number) * 2.4 + 0.5), 0.05 + Float(number % 17) * 0.03)
        for i in 0..<count { pixels[start + i] = level + 0.7 * sinf(Float(i) * pitch + level) }
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
