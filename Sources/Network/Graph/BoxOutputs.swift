/// Detectors' outputs.
extension DenseOutputs {
    /// - Parameter name: the output that was asked for, or any tensor; nil: the likeliest.
    func boxes(named name: String?) -> Found? {
        for name in name.map({ [$0] }) ?? graph.outputs.map(\.name) {
            guard let value = value(of: name), let form = gridBoxes(value) ?? queryRows(value) else { continue }
            return Found(name: name, value: value, form: .boxes(form))
        }
        return queries(named: name) ?? chosenBoxes(by: name)
    }

    /// The last two extents of a value all of whose others are 1.
    private func matrix(_ value: ValueID) -> (rows: Int, columns: Int)? {
        let dims = shape(value).dims
        guard dims.count >= 2, dims.dropLast(2).allSatisfy({ $0 == 1 }) else { return nil }
        return (dims[dims.count - 2], dims[dims.count - 1])
    }

    // MARK: Places of grids

    /// YOLO's: [1, 4 + C, N] of v8 and later, [1, N, 5 + C] of the others, of N places of grids (three boxes each where
    /// there are anchors). In pixels. What is chosen of all boxes already has another form.
    private func gridBoxes(_ value: ValueID) -> BoxForm? {
        guard let (rows, columns) = matrix(value) else { return nil }
        func form(_ count: Int, _ numbers: Int, isTransposed: Bool, hasObjectness: Bool) -> BoxForm? {
            // Masks' factors and points stand after the classes.
            let rest = numbers - (hasObjectness ? 5 : 4), factors = maskFactors(fewerThan: rest)
            let classes = labels ?? rest - factors
            guard classes > 0, classes <= rest, isTransposed || classes == rest - factors else { return nil }
            let place = BoxSides(importer, value, axis: shape(value).rank - (isTransposed ? 2 : 1))
            return BoxForm(
                count: count, classes: classes, numbers: numbers, isTransposed: isTransposed,
                hasObjectness: hasObjectness, sides: place.sides, score: .own, scaleX: 1, scaleY: 1)
        }
        if rows > 4, rows < columns, boxesAPlace(columns) == 1, isDecoded(value) {
            return form(columns, rows, isTransposed: true, hasObjectness: false)
        }
        guard columns > 4, columns < rows, boxesAPlace(rows) != nil, isDecoded(value) else { return nil }
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

    // MARK: Queries

    /// Boxes and scores of N queries, of 0..1 over the photo.
    private func queryForm(
        _ count: Int, _ columns: Int, of boxes: ValueID, classes: Int, _ score: BoxForm.Score
    ) -> BoxForm {
        BoxForm(
            count: count, classes: classes, numbers: columns, isTransposed: false, hasObjectness: false,
            sides: BoxSides(importer, boxes, axis: shape(boxes).rank - 1).sides, score: score,
            scaleX: Float(image[3]), scaleY: Float(image[2]))
    }

    /// DETR's: N queries' scores in one output, their boxes (0..1 over the photo) in another.
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
        let form = queryForm(
            scores.rows, 4 + scores.columns, of: boxes.value, classes: scores.columns - (hasNothing ? 1 : 0),
            hasNothing ? .softmaxWithNothing : .own)
        return Found(name: scores.name, value: scores.value, form: .boxes(form), boxes: boxes.value)
    }

    /// RT-DETR's where it is one output: [1, N, 4 + C], boxes and scores of 0..1 laid side by side.
    private func queryRows(_ value: ValueID) -> BoxForm? {
        guard let (rows, columns) = matrix(value), rows > 1, columns > 4, reader.bounds[value].isFraction,
            let concat = importer.node(importer.plain(value))?.op as? Concat,
            concat.pieces.axis == concat.outputShapes[0].rank - 1, concat.pieces.extents == [4, columns - 4]
        else { return nil }
        return queryForm(rows, columns, of: value, classes: columns - 4, .own)
    }

    // MARK: Selections

    /// What an output's rows are chosen from, where its form is known.
    private func chosenBoxes(by name: String?) -> Found? {
        guard let selection = Selection(importer, graph, of: name) else { return nil }
        func found(_ value: ValueID, _ form: BoxForm, boxes: ValueID? = nil) -> Found {
            Found(
                name: importer.values[value].name, value: value, form: .boxes(form), boxes: boxes,
                selection: selection.output)
        }
        // Scores alone are no boxes, and parts of a row are not the whole one.
        let grids = selection.values.compactMap { value -> (value: ValueID, form: BoxForm)? in
            reader.bounds[value].isFraction ? nil : gridBoxes(value).map { (value, $0) }
        }
        func rank(_ form: BoxForm) -> Int { 2 * form.numbers + (form.isTransposed ? 1 : 0) }
        if let most = grids.map({ rank($0.form) }).max(), let best = grids.first(where: { rank($0.form) == most }) {
            return found(best.value, best.form)
        }
        let tables = selection.values.compactMap { value -> (value: ValueID, rows: Int, columns: Int)? in
            guard let (rows, columns) = matrix(value), rows > 1, reader.bounds[value].isFraction else { return nil }
            return (value, rows, columns)
        }
        for table in tables {
            if let form = queryRows(table.value) { return found(table.value, form) }
        }
        guard let boxes = tables.first(where: { $0.columns == 4 }),
            let scores = tables.last(where: {
                $0.rows == boxes.rows && $0.value != boxes.value
                    && reader.dressing(of: $0.value)?.exact == .sigmoid && (labels ?? $0.columns) == $0.columns
            })
        else { return nil }
        return found(
            scores.value,
            queryForm(scores.rows, 4 + scores.columns, of: boxes.value, classes: scores.columns, .own),
            boxes: boxes.value)
    }
}
