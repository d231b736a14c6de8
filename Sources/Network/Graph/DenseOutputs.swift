import ONNX

/// Finds outputs of several axes whose numbers are known: a segmentation's and a detector's.
struct DenseOutputs {
    struct Found {
        let name: String
        let value: ValueID
        let form: OutputForm
        /// Other outputs that could be meant.
        var others: [String] = []
        /// Where a detector's boxes are an output of their own: four numbers each, which belong before the others.
        var boxes: ValueID? = nil
        /// Where this is what an output's rows are chosen from: the output.
        var selection: String? = nil
    }

    let importer: Importer
    let graph: GraphDef
    let decisions: Decisions
    let reader: DressingReader
    /// Of the image that is fed: [1, channels, height, width].
    let image: Shape
    let labels: Int?

    /// An output's numbers before a decision (the best class of every pixel); nil where it is no value.
    func value(of output: String) -> ValueID? {
        guard case .value(let id, _)? = importer.tensors[decisions.scores(decidedBy: output) ?? output] else {
            return nil
        }
        return id
    }

    func shape(_ value: ValueID) -> Shape { importer.values[value].shape }

    /// Coarser grids are those of features, unless an activation closes them.
    private static let coarsest = 8

    /// - Parameters:
    ///   - name: the output that was asked for, whose grid may be of any size; nil: the likeliest.
    ///   - isAnyGrid: whether one of features serves as well.
    func pixels(named name: String?, isAnyGrid: Bool) -> Found? {
        if let name {
            guard isAnyGrid || OutputName(name).mayBeOfPixels(evenHeatmaps: true) else { return nil }
            return value(of: name).flatMap { found(name, $0) }
        }
        let all = graph.outputs.compactMap { output in value(of: output.name).map { (output.name, $0) } }
        let candidates = all.compactMap { name, value in isLikely(name, value) ? found(name, value) : nil }
        let ranks = candidates.map { (OutputName($0.name).meaning(isProbability: false).rawValue, $0) }
        guard var best = ranks.max(by: { $0.0 < $1.0 })?.1 else { return nil }
        best.others = candidates.filter { $0.value != best.value }.map(\.name)
        // Heads of several sizes are a detector's.
        let ancestors = importer.nodes.ancestors(of: best.value)
        for (name, value) in all where OutputName(name).meaning(isProbability: false) != .auxiliary {
            // The same at another size.
            let isRelated =
                pixelForm(value)?.classes == pixelForm(best.value)?.classes
                && (ancestors.contains(value) || importer.nodes.ancestors(of: value).contains(best.value))
            guard shape(value).isRow || isRelated || shape(value).dims.suffix(2) == shape(best.value).dims.suffix(2)
            else {
                return nil
            }
        }
        return best
    }

    private func found(_ name: String, _ value: ValueID) -> Found? {
        pixelForm(value).map { Found(name: name, value: value, form: .pixels($0)) }
    }

    private func isLikely(_ name: String, _ value: ValueID) -> Bool {
        guard let form = pixelForm(value), OutputName(name).mayBeOfPixels(evenHeatmaps: false),
            OutputName(name).meaning(isProbability: false) != .auxiliary
        else { return false }
        let isClosed = reader.dressing(of: value) != nil || decisions.scores(decidedBy: name) != nil
        if form.channels == 1 { return form.isBinary && !OutputName(name).isOfDistance }
        return isClosed || image[2] <= Self.coarsest * form.height
    }

    /// [1, C, H, W], [1, H, W, C] or [1, H, W], with a grid of the photo's proportions, no finer than its pixels.
    private func pixelForm(_ value: ValueID) -> PixelForm? {
        let dims = shape(value).dims
        guard dims.first == 1, dims.count == 3 || dims.count == 4 else { return nil }
        func form(_ height: Int, _ width: Int, _ channels: Int, last: Bool) -> PixelForm? {
            guard height > 1, width > 1, height <= image[2], width <= image[3],
                abs(height * image[3] - width * image[2]) <= max(image[2], image[3])
            else { return nil }
            let isBinary = channels == 1 && reader.dressing(of: value)?.exact == .sigmoid
            return PixelForm(
                classes: isBinary ? 2 : channels, height: height, width: width, isChannelsLast: last,
                isBinary: isBinary)
        }
        if dims.count == 3 { return form(dims[1], dims[2], 1, last: false) }
        return form(dims[2], dims[3], dims[1], last: false) ?? form(dims[1], dims[2], dims[3], last: true)
    }
}
