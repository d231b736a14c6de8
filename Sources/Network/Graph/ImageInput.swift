import ONNX

/// The input of a file that takes the photo, and which of its axes are what.
public struct ImageInput: Sendable {
    /// From the outermost axis in.
    public enum Axes: String, Sendable { case channelsFirst = "channels first", channelsLast = "channels last" }

    public let name: String
    /// nil where the file does not say.
    public let type: ElementType?
    public let axes: Axes
    /// The file's own extents, one text an axis: numbers, names, `?`.
    public let extents: [String]
    public let hasBatch: Bool
    /// nil where the file leaves them open.
    public let batch, channels, height, width: Int?

    /// Whether the network takes whole numbers: pixels of 0..255.
    public var isInteger: Bool { type.map { !$0.isFloat } ?? false }

    /// - Throws: `NetworkError.noImageInput` where there is no input of a photo, or more than one input.
    public init(_ graph: GraphDef) throws(NetworkError) {
        let weights = Set(graph.initializers.map(\.name))
        let read = Set(graph.nodes.flatMap(\.inputs))
        let free = graph.inputs.filter { !weights.contains($0.name) }
        // Inputs that nothing reads are left over from training.
        let inputs = free.count > 1 ? free.filter { read.contains($0.name) } : free
        guard let input = inputs.first else { throw .noImageInput("the file has no input") }
        guard inputs.count == 1 else {
            let list = inputs.map { "\($0.name) [\(Self.extents($0).joined(separator: ", "))]" }.joined(separator: ", ")
            throw .noImageInput("the file has \(inputs.count) inputs (\(list)), but only a photo can be fed: make the others constants, or cut them off")
        }
        name = input.name
        type = input.elementType
        extents = Self.extents(input)
        if let type, !Self.types.contains(type) { throw .noImageInput("input '\(name)' holds \(type)") }
        let dims: [Int?] = (input.shape ?? [.unknown, .unknown, .unknown, .unknown]).map { if case .fixed(let extent) = $0, extent > 0 { extent } else { nil } }
        guard dims.count == 3 || dims.count == 4 else {
            throw .noImageInput("input '\(name)' is [\(extents.joined(separator: ", "))]")
        }
        hasBatch = dims.count == 4
        batch = hasBatch ? dims[0] : nil
        let image = Array(dims.suffix(3))
        func isColour(_ extent: Int?) -> Bool { extent == 1 || extent == 3 }
        axes = isColour(image[2]) && !isColour(image[0]) ? .channelsLast : .channelsFirst
        (channels, height, width) = axes == .channelsFirst ? (image[0], image[1], image[2]) : (image[2], image[0], image[1])
        if let channels, !isColour(channels) {
            throw .noImageInput("input '\(name)' is [\(extents.joined(separator: ", "))], where 1 or 3 channels are expected")
        }
    }

    private static let types: Set<ElementType> = [.float32, .float16, .bfloat16, .float64, .uint8, .int8, .int16, .uint16, .int32, .int64]

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
