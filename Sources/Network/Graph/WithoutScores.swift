import ONNX
import Platform

extension Importer {
    /// Why there are no class scores, as the outputs tell: networks of other kinds are named, before what cannot be run
    /// on the way there.
    ///
    /// - Parameter whole: the import for all photos, where the file is written for several.
    func refined(_ error: NetworkError, _ graph: GraphDef, named name: String?, _ whole: Importer?) -> NetworkError {
        let outputs = graph.outputs
        let kind =
            unknownSelection(graph, of: name)
            ?? (name != nil || outputs.isEmpty
                ? nil : otherKind(outputs, of: graph).map { NetworkError.noScores($0) })
        switch (error, kind) {
        case (.noScores, let kind?), (.unknownForm, let kind?): return kind
        case (.noScores(let reason), nil) where whole != nil && !outputs.isEmpty: return .noScores(batchReason(reason))
        case (.several(let faults), _):
            return .several((kind.map { [$0] } ?? []) + faults.map { ofOnePhoto($0, whole) })
        case (.node, let kind?), (.file, let kind?), (.unresolvedInput, let kind?), (.cycle, let kind?):
            return .several([kind, ofOnePhoto(error, whole)])
        default: return ofOnePhoto(error, whole)
        }
    }

    /// An output whose rows are chosen among others of no form that is known; nil where none is.
    private func unknownSelection(_ graph: GraphDef, of name: String?) -> NetworkError? {
        guard let selection = Selection(self, graph, of: name) else { return nil }
        let heads = selection.heads.map { values[$0] }.filter { !$0.shape.isRow && $0.shape.rank > 1 }
        return heads.isEmpty
            ? nil
            : .selection(output: selection.output, of: heads.prefix(3).map { "\($0.name.elided(to: 40)) \($0.shape)" })
    }

    private func ofOnePhoto(_ fault: NetworkError, _ whole: Importer?) -> NetworkError {
        guard case .node(let name, let op, let opset, let reason) = fault, let whole, !whole.fails(name) else {
            return fault
        }
        return .node(name: name, operator: op, opset: opset, reason: batchReason(reason))
    }

    /// What outputs are that networks other than classifiers give; nil where one of them may be scores.
    private func otherKind(_ outputs: [ValueInfo], of graph: GraphDef) -> Wording? {
        var extents: [[Int?]] = []
        for output in outputs {
            let declared = output.shape.map { $0.map { if case .fixed(let extent) = $0 { extent } else { Int?.none } } }
            guard let dims = tensors[output.name].map({ $0.shape.dims }) ?? declared else { return nil }
            extents.append(dims)
        }
        let names = zip(outputs, extents).map {
            "'\($0.name.elided(to: 40))' [\($1.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
        }
        let list: Wording =
            "output\(names.count == 1 ? "" : "s") \(names: names, quote: "") \(names.count == 1 ? "is" : "are")"
        func isMany(_ extent: Int?) -> Bool { extent != 1 }
        let isOfPlaces = extents.allSatisfy {
            $0.count == 4 && (isMany($0[2]) && isMany($0[3]) || isMany($0[1]) && isMany($0[2]))
        }
        if isOfPlaces {
            let isOneNumber = extents.allSatisfy { !isMany($0[1]) || !isMany($0[3]) }
            return list
                + (isOneNumber
                    ? " one number for every place of the photo (segmentation, depth)"
                    : " a map of classes over the photo"
                        + (outputs.contains { tensors[$0.name] == nil }
                            ? " (segmentation)"
                            : ", but with the name or grid of features (finer than the photo, coarser than an eighth "
                                + "of it, or several); \(.output) takes a coarse one all the same"))
        }
        guard extents.allSatisfy({ $0.count == 3 && isMany($0[1]) && isMany($0[2]) }) else { return nil }
        let producers = Dictionary(graph.nodes.flatMap { node in node.outputs.map { ($0, node) } }) { first, _ in first
        }
        var last = producers[outputs[0].name]
        while let node = last, ["Cast", "Squeeze", "Identity"].contains(node.opType) {
            last = node.inputs.first.flatMap { producers[$0] }
        }
        return list
            + (last?.opType == "ArgMax"
                ? " the best class of every place of the photo (segmentation)"
                : " numbers of many boxes or tokens (as detectors give them), not one score a class")
    }
}
