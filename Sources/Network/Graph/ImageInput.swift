import ONNX
import Platform

/// The input of a file that takes the photo, and which of its axes are what. A signal of some channels, one number each
/// at every time, is a photo of height 1 whose columns are the times.
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
    /// nil where the file leaves them open. Of signals the height is 1.
    public let batch, channels, height, width: Int?
    /// Of a signal's input: which axis of [batch, channels, 1, time] each of the file's axes is; nil: it takes photos.
    let signalOrder: [Int]?

    /// Whether it takes signals: an array of channels and times.
    public var isSignal: Bool { signalOrder != nil }

    /// Whether the network takes whole numbers: pixels of 0..255.
    public var isInteger: Bool { type.map { !$0.isFloat } ?? false }

    /// The size that the file fixes; nil where it leaves it open.
    public var fixedSize: (width: Int, height: Int)? { width.flatMap { width in height.map { (width, $0) } } }

    /// The image input of a file.
    ///
    /// - Parameters:
    ///   - named: the input that takes the photo, where several could; nil: the only one that can.
    ///   - given: the names of inputs that are fed something else.
    /// - Throws: `NetworkError.noImageInput` or `.notAPhoto` where no input takes a photo, `.severalPhotos` where more
    ///   than one may, `.missingInputs` where another one is not given, `.unknownInput` where there is none of a name.
    public init(_ model: Model, named: String? = nil, given: Set<String> = []) throws(NetworkError) {
        try self.init(model.graph, functions: model.functions, named: named, given: given)
    }

    /// An input besides the photo's, which takes a picture too.
    ///
    /// - Throws: `NetworkError.noImageInput` or `.notAPhoto` where it takes none.
    package init(further name: String, of model: Model) throws(NetworkError) {
        guard let input = model.graph.inputs.first(where: { $0.name == name }) else {
            throw .unknownInput(name, inputs: model.graph.inputs.map(\.described))
        }
        try self.init(input, model.graph, model.functions)
    }

    /// Which axis is what is told by the first that can: the operators that read the input, the names of its
    /// dimensions, its extents.
    package init(
        _ graph: GraphDef, functions: [FunctionDef] = [], named: String? = nil, given: Set<String> = []
    ) throws(NetworkError) {
        let weights = Set(graph.initializers.map(\.name) + graph.sparseInitializers)
        let read = Set(graph.nodes.flatMap(\.inputs))
        let free = graph.inputs.filter { !weights.contains($0.name) }
        for name in given.sorted() + [named].compactMap({ $0 }) where !free.contains(where: { $0.name == name }) {
            throw .unknownInput(name, inputs: free.map(\.described))
        }
        // Inputs that nothing reads are left over from training.
        let inputs = free.count > 1 ? free.filter { read.contains($0.name) || $0.name == named } : free
        let open = inputs.filter { !given.contains($0.name) || $0.name == named }
        guard !open.isEmpty else {
            throw .noImageInput(
                inputs.isEmpty ? "the file has no input" : "every input is given, and none is left for the photo")
        }
        if open.count == 1 {
            try self.init(open[0], graph, functions)
            return
        }
        var images: [ImageInput] = []
        for input in open where named ?? input.name == input.name {
            do throws(NetworkError) { images.append(try ImageInput(input, graph, functions)) } catch {
                if named != nil { throw error }
            }
        }
        guard !images.isEmpty else {
            throw .noImageInput(
                "none of the \(inputs.count) inputs (\(names: inputs.map(\.described), quote: "")) takes one")
        }
        // Signals stand beside a photo more often than the other way round.
        if images.contains(where: { !$0.isSignal }) { images.removeAll(where: \.isSignal) }
        // Tensors of other numbers of channels are seldom photos where there is one of colours.
        let likely = images.filter { Self.isColour($0.channels ?? 3) }
        if likely.count == 1 { images = likely }
        guard let image = images.first, images.count == 1 else {
            throw .severalPhotos(open.filter { input in images.contains { $0.name == input.name } }.map(\.described))
        }
        let others = open.filter { $0.name != image.name }
        throw .missingInputs(others.map(\.described), photo: image.name)
    }

    private init(_ input: ValueInfo, _ graph: GraphDef, _ functions: [FunctionDef]) throws(NetworkError) {
        if let kind = input.kind {
            throw .noImageInput("input '\(input.name)' is \(kind.rawValue), where a photo is one tensor")
        }
        name = input.name
        type = input.elementType
        extents = input.extents
        if let type, !Self.types.contains(type) { throw .noImageInput("input '\(name)' holds \(type)") }
        let dims: [Int?] = (input.shape ?? [.unknown, .unknown, .unknown, .unknown]).map {
            if case .fixed(let extent) = $0, extent > 0 { extent } else { nil }
        }
        let text: Wording = "input '\(name)' is [\(extents.joined(separator: ", "))]"
        guard dims.count != 5 else { throw .notAPhoto(text + ", a video or a volume") }
        let readings = InputReaders(graph, functions: functions, input: name, extents: dims).readings
        if let reason = Self.otherThanPhoto(readings, rank: dims.count) { throw .notAPhoto(text + ", \(reason)") }
        if let signal = try SignalAxes(readings.first, dims, text) {
            (axes, hasBatch) = (signal.channelOrder, signal.batch != nil)
            (batch, height, width) = (signal.batch.flatMap { dims[$0] }, 1, dims[signal.time])
            channels = signal.channels.map { dims[$0] ?? readings.first?.channels } ?? 1
            signalOrder = signal.order(rank: dims.count)
            return
        }
        guard dims.count == 3 || dims.count == 4 else { throw .noImageInput(text) }
        let photo = readings.first { $0.spatialAxes == 2 }
        let roles = Roles(photo, rank: dims.count) ?? Roles(names: extents) ?? Roles(dims)
        (axes, hasBatch) = (
            roles.channels == nil ? .noChannels : roles.channels! < roles.height ? .channelsFirst : .channelsLast,
            roles.batch != nil
        )
        batch = roles.batch.flatMap { dims[$0] }
        // Where the file leaves the channels open, the weights that read them tell.
        channels = roles.channels.map { dims[$0] ?? photo?.channels.flatMap { Self.isColour($0) ? $0 : nil } } ?? 1
        let sides = [dims[roles.height], dims[roles.width]]
        guard sides.contains(1), sides != [1, 1] else {
            (height, width, signalOrder) = (sides[0], sides[1], nil)
            return
        }
        // One line of numbers, which a window over two axes reads.
        let signal = SignalAxes(
            batch: roles.batch, channels: roles.channels, time: sides[0] == 1 ? roles.width : roles.height)
        (height, width, signalOrder) = (1, dims[signal.time], signal.order(rank: dims.count))
    }

    static func isColour(_ extent: Int?) -> Bool { extent == 1 || extent == 3 }

    /// What the input is where a network of sequences or of volumes reads it; nil where it may be a photo or a signal.
    private static func otherThanPhoto(_ readings: [InputReaders.Reading], rank: Int) -> Wording? {
        guard let first = readings.first else { return nil }
        switch first.spatialAxes {
        case 0: return rank == 3 ? "a sequence, which a recurrent layer reads (node '\(first.node)')" : nil
        case 1, 2: return nil
        default:
            return "a volume or a video, which a window over \(first.spatialAxes) axes reads (node '\(first.node)')"
        }
    }

    private static let types: Set<ElementType> = [
        .float32, .float16, .bfloat16, .float64, .uint8, .int8, .int16, .uint16, .int32, .int64,
    ]
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
