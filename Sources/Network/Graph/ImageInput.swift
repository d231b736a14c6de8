import ONNX
import Platform

/// The input of a file that takes the photo, and which of its axes are what.
public struct ImageInput: Sendable {
    /// Where the channels stand.
    public enum Axes: String, Sendable {
        case channelsFirst = "channels first", channelsLast = "channels last", noChannels = "without a channel axis"
    }

    /// As the file names it.
    public let name: String
    /// Of the file's elements; nil where the file does not say.
    public let type: ElementType?
    /// Where the channels stand.
    public let axes: Axes
    /// The file's own extents, one text an axis: numbers, names, `?`.
    public let extents: [String]
    /// Whether the first axis counts photos.
    public let hasBatch: Bool
    /// nil where the file leaves them open.
    public let batch, channels, height, width: Int?

    /// Whether the network takes whole numbers: pixels of 0..255.
    public var isInteger: Bool { type.map { !$0.isFloat } ?? false }

    /// The size that the file fixes; nil where it leaves it open.
    public var fixedSize: (width: Int, height: Int)? { width.flatMap { width in height.map { (width, $0) } } }

    /// The image input of a file.
    ///
    /// - Throws: `NetworkError.noImageInput` or `.notAPhoto` where there is no input of a photo, or more than one
    ///   input.
    public init(_ model: Model) throws(NetworkError) { try self.init(model.graph, functions: model.functions) }

    /// Which axis is what is told by the first that can: the operators that read the input, the names of its
    /// dimensions, its extents.
    ///
    /// - Throws: `NetworkError.noImageInput` or `.notAPhoto` where there is no input of a photo, or more than one
    ///   input.
    package init(_ graph: GraphDef, functions: [FunctionDef] = []) throws(NetworkError) {
        let weights = Set(graph.initializers.map(\.name) + graph.sparseInitializers)
        let read = Set(graph.nodes.flatMap(\.inputs))
        let free = graph.inputs.filter { !weights.contains($0.name) }
        // Inputs that nothing reads are left over from training.
        let inputs = free.count > 1 ? free.filter { read.contains($0.name) } : free
        guard let input = inputs.first else { throw .noImageInput("the file has no input") }
        guard inputs.count == 1 else {
            let list = inputs.map { "\($0.name.elided(to: 40)) [\(Self.extents($0).joined(separator: ", ").elided())]" }
            throw .noImageInput(
                "the file has \(inputs.count) inputs (\(names: list, quote: "")), but only a photo can be fed: "
                    + "make the others constants, or cut them off"
            )
        }
        if let kind = input.kind {
            throw .noImageInput("input '\(input.name)' is \(kind.rawValue), where a photo is one tensor")
        }
        name = input.name
        type = input.elementType
        extents = Self.extents(input)
        if let type, !Self.types.contains(type) { throw .noImageInput("input '\(name)' holds \(type)") }
        let dims: [Int?] = (input.shape ?? [.unknown, .unknown, .unknown, .unknown]).map {
            if case .fixed(let extent) = $0, extent > 0 { extent } else { nil }
        }
        let text: Wording = "input '\(name)' is [\(extents.joined(separator: ", "))]"
        guard dims.count != 5 else { throw .notAPhoto(text + ", a video or a volume") }
        guard dims.count == 3 || dims.count == 4 else { throw .noImageInput(text) }
        let readings = InputReaders(graph, functions: functions, input: name, extents: dims).readings
        if let reason = Self.signal(readings, dims) { throw .notAPhoto(text + ", \(reason)") }
        let photo = readings.first { $0.spatialAxes == 2 }
        let roles = Roles(photo, rank: dims.count) ?? Roles(names: extents) ?? Roles(dims)
        (axes, hasBatch) = (
            roles.channels == nil ? .noChannels : roles.channels! < roles.height ? .channelsFirst : .channelsLast,
            roles.batch != nil
        )
        (batch, height, width) = (roles.batch.flatMap { dims[$0] }, dims[roles.height], dims[roles.width])
        let sides = [height, width]
        if sides.contains(1), sides != [1, 1] { throw .notAPhoto(text + ", one line of numbers: a signal") }
        // Where the file leaves the channels open, the weights that read them tell.
        channels = roles.channels.map { dims[$0] ?? photo?.channels.flatMap { Self.isColour($0) ? $0 : nil } } ?? 1
        if let channels, !Self.isColour(channels) {
            throw .notAPhoto(text + ", of \(channels) channels, where a photo has 3 (1 where it is grey)")
        }
    }

    static func isColour(_ extent: Int?) -> Bool { extent == 1 || extent == 3 }

    /// What the input is where a network of signals, of sequences or of volumes reads it; nil where it may be a photo.
    private static func signal(_ readings: [InputReaders.Reading], _ dims: [Int?]) -> Wording? {
        guard let first = readings.first else { return nil }
        switch first.spatialAxes {
        case 0: return dims.count == 3 ? "a sequence, which a recurrent layer reads (node '\(first.node)')" : nil
        case 1:
            return dims.count == 3 || first.axes != nil
                ? "a signal, which a one-dimensional window reads (node '\(first.node)')" : nil
        case 2:
            // A one-dimensional convolution as Keras writes it: over a map of one row.
            let isLine = first.axes.map { $0.suffix(2).contains(nil) } ?? false
            return isLine ? "a signal, which a window over one of its axes reads (node '\(first.node)')" : nil
        default:
            return "a volume or a video, which a window over \(first.spatialAxes) axes reads (node '\(first.node)')"
        }
    }

    private static let types: Set<ElementType> = [
        .float32, .float16, .bfloat16, .float64, .uint8, .int8, .int16, .uint16, .int32, .int64,
    ]

    private static func extents(_ input: ValueInfo) -> [String] {
        guard let shape = input.shape else { return ["?"] }
        return shape.map { extent in
            switch extent {
            case .fixed(let number): "\(number)"
            case .symbolic(let name): name
            case .unknown: "?"
            }
        }
    }
}

/// Which of a photo's axes is what, by its place.
private struct Roles {
    var batch, channels: Int?
    var height, width: Int

    /// As the first window over the photo takes them; nil where it does not tell.
    init?(_ reading: InputReaders.Reading?, rank: Int) {
        guard let axes = reading?.axes, axes.count == 4, let height = axes[2], let width = axes[3], height < width
        else { return nil }
        switch (rank, axes[1], height, width) {
        case (4, 1, 2, 3), (4, 3, 1, 2): (batch, channels) = (0, axes[1])
        case (3, 0, 1, 2), (3, 2, 0, 1): (batch, channels) = (nil, axes[1])
        case (3, nil, 1, 2): (batch, channels) = (0, nil)
        default: return nil
        }
        (self.height, self.width) = (height, width)
    }

    /// As the file names its dimensions; nil where that does not tell.
    init?(names: [String]) {
        func place(_ words: [String], _ letter: String) -> Int? {
            names.firstIndex { name in
                let name = name.lowercased(); return name == letter || words.contains { name.contains($0) }
            }
        }
        let (named, channel) = (place(["batch"], "n") ?? place([], "b"), place(["channel"], "c"))
        let (high, wide) = (place(["height"], "h"), place(["width"], "w"))
        switch (names.count, channel ?? -1, high ?? -1) {
        case (4, 1, _), (4, -1, 2): self.init(batch: 0, channels: 1, height: 2, width: 3)
        case (4, 3, _), (4, -1, 1): self.init(batch: 0, channels: 3, height: 1, width: 2)
        case (3, 0, _): self.init(batch: nil, channels: 0, height: 1, width: 2)
        case (3, 2, _), (3, -1, 0): self.init(batch: nil, channels: 2, height: 0, width: 1)
        case (3, -1, _) where named == 0: self.init(batch: 0, channels: nil, height: 1, width: 2)
        default: return nil
        }
        if let wide, wide != width { return nil }
    }

    /// As the extents tell: 1 or 3 are channels; what is open, or as many as no photo's channels, is the batch.
    init(_ dims: [Int?]) {
        let (first, last) = (dims[dims.count - 3], dims[dims.count - 1])
        let isLast =
            !ImageInput.isColour(first) && (ImageInput.isColour(last) || dims.count == 4 && last ?? .max < first ?? 0)
        if dims.count == 4 {
            self.init(batch: 0, channels: isLast ? 3 : 1, height: isLast ? 1 : 2, width: isLast ? 2 : 3)
        } else if isLast {
            self.init(batch: nil, channels: 2, height: 0, width: 1)
        } else if ImageInput.isColour(dims[0]) {
            self.init(batch: nil, channels: 0, height: 1, width: 2)
        } else {
            self.init(batch: 0, channels: nil, height: 1, width: 2)
        }
    }

    init(batch: Int?, channels: Int?, height: Int, width: Int) {
        (self.batch, self.channels, self.height, self.width) = (batch, channels, height, width)
    }
}
