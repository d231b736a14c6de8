import ONNX

/// What an input besides the photo is fed: the same numbers beside every photo. The importer takes them for constants,
/// so that whatever depends on them alone is computed once.
public struct FurtherInput: Sendable, Equatable {
    /// Extents, outermost first; nil: a list, which takes the input's own shape, or one number, which fills it.
    public let shape: [Int]?
    /// Row-major; at least one.
    public let values: [Float]
    /// Whether it was a picture, fed as the photo is.
    public private(set) var isPicture = false

    /// - Precondition: there is a number at least, and as many as the shape counts.
    public init(shape: [Int]? = nil, values: [Float]) {
        precondition(!values.isEmpty && (shape.map { $0.reduce(1, *) == values.count } ?? true))
        (self.shape, self.values) = (shape, values)
    }

    /// A picture as an image input of these axes takes it.
    ///
    /// - Parameter pixels: channels x height x width.
    package init(
        pixels: [Float], channels: Int, height: Int, width: Int, axes: ImageInput.Axes, hasBatch: Bool
    ) {
        let area = height * width, batch = hasBatch ? [1] : []
        switch axes {
        case .channelsFirst: self.init(shape: batch + [channels, height, width], values: pixels)
        case .noChannels: self.init(shape: batch + [height, width], values: pixels)
        case .channelsLast:
            self.init(
                shape: batch + [height, width, channels],
                values: pixels.indices.map { pixels[$0 % channels * area + $0 / channels] })
        }
        isPicture = true
    }

    /// The extents that it has as an input of these; open ones are those of what is given, and 1 for what has none.
    ///
    /// - Parameter batch: what the file calls the number of photos, which is 1 here.
    /// - Throws: what does not fit, without the input's name.
    func extents(as input: [Dimension]?, batch: String?) throws(OperatorFault) -> [Int] {
        guard let input else { return shape ?? (values.count == 1 ? [] : [values.count]) }
        let wanted: [Int?] = input.map {
            if case .fixed(let extent) = $0 { return extent }
            if case .symbolic(let name) = $0, name == batch { return 1 }
            return nil
        }
        var found: [Int]
        if let shape {
            // An array is often saved without the axis that counts photos.
            found = shape.count + 1 == wanted.count && wanted[0] ?? 1 == 1 ? [1] + shape : shape
        } else {
            found = wanted.map { $0 ?? 1 }
            if values.count > 1, let open = wanted.lastIndex(where: { $0 == nil }), let rest = Self.count(found),
                rest > 0
            {
                found[open] = values.count / rest
            }
        }
        let fits = found.count == wanted.count && zip(found, wanted).allSatisfy { $0 > 0 && $0 == $1 ?? $0 }
        guard fits, values.count == Self.count(found) || shape == nil && values.count == 1 else {
            throw .shape("it does not take \(shape.map { "an array of shape \($0)" } ?? "\(values.count) numbers")")
        }
        return found
    }

    /// The product; nil where it is no `Int`.
    private static func count(_ extents: [Int]) -> Int? {
        extents.reduce(1 as Int?) { count, extent in
            guard let count else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            return overflow ? nil : product
        }
    }
}

extension Importer {
    /// Adds what is given for the inputs besides the photo as constants.
    ///
    /// - Throws: `.furtherInput` where something does not fit.
    mutating func addFurther(
        _ further: [String: FurtherInput], to graph: GraphDef, beside image: ImageInput
    ) throws(NetworkError) {
        guard !further.isEmpty else { return }
        guard batch == 1 else { throw .mixedBatch(batch, node: further.keys.min()!) }
        let counter = image.hasBatch && image.batch == nil ? image.extents.first : nil
        for input in graph.inputs where input.name != image.name {
            guard let given = further[input.name] else { continue }
            do throws(OperatorFault) {
                let shape = try Shape(try given.extents(as: input.shape, batch: counter == "?" ? nil : counter))
                types[input.name] = input.elementType
                tensors[input.name] = try operand(given, shape, input.elementType)
            } catch {
                throw .furtherInput(input.described, reason: error.reason)
            }
        }
    }

    private func operand(
        _ given: FurtherInput, _ shape: Shape, _ type: ElementType?
    ) throws(OperatorFault) -> Operand {
        let fills = given.values.count == 1
        func value(_ index: Int) -> Float { given.values[fills ? 0 : index] }
        guard type != .string else { throw .shape("texts cannot be given") }
        guard let type, !type.isFloat else {
            try limits.check(Extent(shape.count), bytes: 4, for: "a constant of shape \(shape)")
            do throws(MemoryShortage) {
                return .floats(
                    shape,
                    try FloatStorage(count: shape.count, within: limits.memory) { memory in
                        for i in 0..<shape.count { memory[i] = value(i) }
                    })
            } catch {
                throw .memory(error)
            }
        }
        try limits.check(Extent(shape.count), bytes: 8, for: "a constant of shape \(shape)")
        // Beyond them 32-bit floats are not exact.
        guard given.values.allSatisfy({ $0 == $0.rounded() && abs($0) <= 0x1p24 }) else {
            throw .shape("it takes whole numbers (\(type)) of at most 16777216")
        }
        let constant = Operand.integers(shape, (0..<shape.count).map { Int64(value($0)) })
        try claim(constant)
        return constant
    }
}

extension ValueInfo {
    /// Its name, its type and its extents, as the file has them.
    var described: String {
        "\(name.elided(to: 40)) \(elementType.map { "\($0) " } ?? "")[\(extents.joined(separator: ", ").elided())]"
    }

    /// One text an axis: numbers, names, `?`.
    var extents: [String] {
        guard let shape else { return ["?"] }
        return shape.map { extent in
            switch extent {
            case .fixed(let number): "\(number)"
            case .symbolic(let name): name
            case .unknown: "?"
            }
        }
    }
}
