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

    private func shape(_ value: ValueID) -> Shape { importer.values[value].shape }

    // MARK: Segmentations

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

    // MARK: Detectors

    /// - Parameter name: the output that was asked for; nil: the likeliest.
    func boxes(named name: String?) -> Found? {
        let names = graph.outputs.map(\.name).filter { name == nil || name == $0 }
        for name in names {
            guard let value = value(of: name), let form = gridBoxes(value) else { continue }
            return Found(name: name, value: value, form: .boxes(form))
        }
        return queries(named: name)
    }

    /// The last two extents of a value all of whose others are 1.
    private func matrix(_ value: ValueID) -> (rows: Int, columns: Int)? {
        let dims = shape(value).dims
        guard dims.count >= 2, dims.dropLast(2).allSatisfy({ $0 == 1 }) else { return nil }
        return (dims[dims.count - 2], dims[dims.count - 1])
    }

    /// YOLO's: [1, 4 + C, N] of v8 and later, [1, N, 5 + C] of the others, of N places of grids (three boxes each where
    /// there are anchors). Centre and size, in pixels. What is chosen of all boxes already has another form.
    private func gridBoxes(_ value: ValueID) -> BoxForm? {
        guard let (rows, columns) = matrix(value), isDecoded(value) else { return nil }
        func form(_ count: Int, _ numbers: Int, isTransposed: Bool, hasObjectness: Bool) -> BoxForm? {
            // Masks' factors and points stand after the classes.
            let rest = numbers - (hasObjectness ? 5 : 4), factors = maskFactors(fewerThan: rest)
            let classes = labels ?? rest - factors
            guard classes > 0, classes <= rest, isTransposed || classes == rest - factors else { return nil }
            return BoxForm(
                count: count, classes: classes, numbers: numbers, isTransposed: isTransposed,
                hasObjectness: hasObjectness, score: .own, scaleX: 1, scaleY: 1)
        }
        if rows > 4, rows < columns, boxesAPlace(columns) == 1 {
            return form(columns, rows, isTransposed: true, hasObjectness: false)
        }
        guard columns > 4, columns < rows, boxesAPlace(rows) != nil else { return nil }
        return form(rows, columns, isTransposed: false, hasObjectness: labels != columns - 4)
    }

    /// Factors of masks: as many as another output of maps has channels.
    private func maskFactors(fewerThan rest: Int) -> Int {
        graph.outputs.lazy.compactMap { output in
            guard let value = value(of: output.name), case let dims = shape(value).dims, dims.count == 4,
                dims[1] < rest
            else { return nil }
            return dims[1]
        }.first ?? 0
    }

    /// How many boxes a place there are, if they are of several grids, each twice as fine as the next, the finest of 4
    /// to 16 pixels a place.
    private func boxesAPlace(_ count: Int) -> Int? {
        let grids = (2...7).map { ((image[2] + 1 << $0 - 1) >> $0) * ((image[3] + 1 << $0 - 1) >> $0) }
        for first in 0..<3 {
            var sum = grids[first]
            for grid in grids[(first + 1)...] {
                sum += grid
                if count == sum || count == 3 * sum { return count / sum }
            }
        }
        return nil
    }

    /// Whether something is multiplied after the last convolutions, as where places become pixels, and nothing chosen.
    private func isDecoded(_ value: ValueID) -> Bool {
        let path = importer.nodes.ancestors(of: value)
        var before: Set<ValueID> = [], isScaled = false
        for node in importer.nodes.reversed() where node.outputs.contains(where: path.contains) {
            if node.op is TopK { return false }
            if node.op is Conv || node.outputs.contains(where: before.contains) {
                before.formUnion(node.operands.compactMap { $0?.value })
            } else if node.pair == .mul || node.pair == .div {
                isScaled = true
            }
        }
        return isScaled
    }

    /// DETR's: N queries' scores in one output, their boxes (centre and size, 0..1 over the photo) in another.
    private func queries(named name: String?) -> Found? {
        let all = graph.outputs.compactMap { output -> (name: String, value: ValueID, rows: Int, columns: Int)? in
            guard let value = value(of: output.name), let size = matrix(value), size.rows > 1, size.columns > 1 else {
                return nil
            }
            return (output.name, value, size.rows, size.columns)
        }
        guard
            let boxes = all.first(where: {
                $0.columns == 4 && $0.name != name && OutputName($0.name).isOfBoxes
                    && reader.bounds[$0.value].isFraction
            }),
            let scores = all.first(where: {
                $0.rows == boxes.rows && $0.value != boxes.value && (name.map($0.name.elementsEqual) ?? true)
                    && OutputName($0.name).meaning(isProbability: false) == .scores
            })
        else { return nil }
        // Facebook's DETR of COCO has 91 classes.
        let hasNothing = scores.columns == (labels ?? 91) + 1
        let form = BoxForm(
            count: scores.rows, classes: scores.columns - (hasNothing ? 1 : 0), numbers: 4 + scores.columns,
            isTransposed: false, hasObjectness: false, score: hasNothing ? .softmaxWithNothing : .own,
            scaleX: Float(image[3]), scaleY: Float(image[2]))
        return Found(name: scores.name, value: scores.value, form: .boxes(form), boxes: boxes.value)
    }
}
