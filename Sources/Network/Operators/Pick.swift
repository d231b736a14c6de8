/// Elements copied from constant places: GatherElements, GatherND, Trilu; ScatterElements and ScatterND without a reduction.
/// https://onnx.ai/onnx/operators/onnx__GatherND.html and its kin
struct Pick: Operator, Kernel {
    /// Where an output element comes from.
    enum Source: Sendable, Equatable {
        case data(Int)
        case update(Int)
        case zero
    }

    let sources: [Source]
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let reduction = try node.string("reduction", default: "none")
        guard reduction == "none" else { throw .attribute("reduction", reduction) }
        switch node.node.opType {
        case "GatherElements":
            let shape = try node.shape(1)
            sources = try node.elementPlaces(in: input).map { .data($0) }
            outputShapes = [shape]
        case "ScatterElements", "Scatter":
            sources = Self.scattered(try node.elementPlaces(in: input), over: input.count)
            outputShapes = [input]
        case "GatherND":
            let batch = try node.int("batch_dims", default: 0)
            let (starts, run) = try node.slicePlaces(in: input, batch: batch)
            sources = starts.flatMap { start in (0..<run).map { .data(start + $0) } }
            let indices = try node.shape(1)
            outputShapes = [Shape(Array(indices.dims.dropLast()) + Array(input.dims[(batch + indices.dims.last!)...]))]
        case "ScatterND":
            let (starts, run) = try node.slicePlaces(in: input, batch: 0)
            sources = Self.scattered(starts.flatMap { start in (0..<run).map { start + $0 } }, over: input.count)
            outputShapes = [input]
        case "Trilu":
            guard input.rank >= 2 else { throw .shape("\(input) is not a matrix") }
            let (rows, columns) = (input[input.rank - 2], input[input.rank - 1])
            let upper = try node.flag("upper", default: true)
            let diagonal = node.has(1) ? try node.integers(1).first ?? 0 : 0
            sources = (0..<input.count).map { element in
                let (row, column) = (element / columns % max(rows, 1), element % columns)
                return (upper ? column - row >= diagonal : column - row <= diagonal) ? .data(element) : .zero
            }
            outputShapes = [input]
        default: throw .unsupported
        }
        if node.node.opType.hasPrefix("Scatter") {
            let updates = try node.shape(2).count
            for case .update(let index) in sources where index >= updates { throw .shape("\(updates) updates are fewer than the indices") }
        }
    }

    /// The data with update i put at places[i]; the last one wins.
    private static func scattered(_ places: [Int], over count: Int) -> [Source] {
        var sources = (0..<count).map(Source.data)
        for (index, place) in places.enumerated() { sources[place] = .update(index) }
        return sources
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            for (i, source) in sources.enumerated() {
                switch source {
                case .data(let place): y[i] = x[place]
                case .update(let place): y[i] = pass.operands[2].image(image)[place]
                case .zero: y[i] = 0
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        for image in 0..<pass.images {
            let d = pass.dOutput.image(image)
            for (i, source) in sources.enumerated() {
                switch source {
                case .data(let place): pass.dOperands[0]?.image(image)[place] += d[i]
                case .update(let place): pass.dOperands[2]?.image(image)[place] += d[i]
                case .zero: break
                }
            }
        }
    }
}

extension NodeReader {
    /// For every index of a GatherElements or ScatterElements node, the place in the data that it names.
    fileprivate func elementPlaces(in data: Shape) throws(OperatorFault) -> [Int] {
        let (shape, indices) = (try self.shape(1), try integers(1))
        let axis = try self.axis(try int("axis", default: 0), in: data)
        guard shape.rank == data.rank, shape.dims.indices.allSatisfy({ $0 == axis || shape[$0] <= data[$0] }) else {
            throw .shape("indices of shape \(shape) do not fit \(data)")
        }
        let (strides, own) = (data.strides, shape.strides)
        var places: [Int] = []
        for (element, index) in indices.enumerated() {
            let at = index < 0 ? index + data[axis] : index
            guard (0..<data[axis]).contains(at) else { throw .shape("index \(index) is outside axis \(axis) of \(data)") }
            places.append(shape.dims.indices.reduce(0) { sum, other in
                sum + (other == axis ? at : element / own[other] % shape[other]) * strides[other]
            })
        }
        return places
    }

    /// For every index tuple of a GatherND or ScatterND node, where the slice begins that it names, and the slices' length.
    fileprivate func slicePlaces(in data: Shape, batch: Int) throws(OperatorFault) -> (starts: [Int], run: Int) {
        let (shape, indices) = (try self.shape(1), try integers(1))
        guard let depth = shape.dims.last, depth > 0, batch >= 0, batch < shape.rank, batch + depth <= data.rank,
            shape.dims[..<batch] == data.dims[..<batch]
        else { throw .shape("indices of shape \(shape) do not fit \(data)") }
        let strides = data.strides
        let perBatch = shape.dims[batch...].dropLast().reduce(1, *)
        let batchRun = data.dims[batch...].reduce(1, *)
        var starts: [Int] = []
        for tuple in 0..<indices.count / depth {
            var place = perBatch == 0 ? 0 : tuple / perBatch * batchRun
            for level in 0..<depth {
                let (index, axis) = (indices[tuple * depth + level], batch + level)
                let at = index < 0 ? index + data[axis] : index
                guard (0..<data[axis]).contains(at) else { throw .shape("index \(index) is outside axis \(axis) of \(data)") }
                place += at * strides[axis]
            }
            starts.append(place)
        }
        return (starts, data.dims[(batch + depth)...].reduce(1, *))
    }
}
