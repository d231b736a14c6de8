import Imaging
import Network

/// What a network is fed, and who said so.
public struct InputSpecification: Sendable {
    /// Who told a part of the preprocessing.
    public enum Source: Hashable, Sendable, CustomStringConvertible {
        /// The options, or a description in the file or beside it, as a person names it.
        case told(by: String)
        /// The network's own shapes and arithmetic.
        case network
        /// Nobody: what is usual is assumed.
        case assumption

        /// As a person names it.
        public var description: String {
            switch self {
            case .told(let origin): origin
            case .network: "the network"
            case .assumption: "assumed"
            }
        }
    }

    /// Who told each part of the preprocessing.
    public struct Sources: Sendable {
        /// One for each part.
        public let size, resize, interpolation, mean, std, channelOrder: Source
    }

    /// How a photo becomes the network's input.
    public let preprocessing: Preprocessing
    /// Who told that.
    public let sources: Sources
    /// What of ImageNet's values is an assumption, as nothing tells what the network wants: `mean`, `std`, both or
    /// none.
    public let assumed: [String]
    /// Sentences on what was understood otherwise than it is written, or contradicts something else.
    public let remarks: [Wording]

    /// Whether anything is an assumption.
    public var isAssumed: Bool { !assumed.isEmpty }

    /// Numbers between commas, to six digits.
    package static func text(_ numbers: [Float]) -> String { Normalisation.text(numbers) }

    /// - Parameters:
    ///   - descriptions: what is told, the first that tells winning.
    ///   - graph: the network, built for the size that is fed.
    ///   - size: who told that size.
    ///   - isResizing: whether that is the network, which would bring photos to it itself (without antialiasing).
    init(_ descriptions: [ModelDescription], _ graph: Graph, _ form: InputForm, size: Source, isResizing: Bool) {
        let network = Beginnings(form), standard = Preprocessing(), channels = graph.inputShape[1]
        let fed = Preprocessing.PixelSize(width: graph.inputShape[3], height: graph.inputShape[2])
        var remarks = descriptions.flatMap(\.remarks)

        let order = descriptions.first(\.channelOrder), interpolation = descriptions.first(\.interpolation)
        let channelOrder = order?.value ?? network.channelOrder ?? .rgb
        let (mean, std) = (descriptions.first(\.mean), descriptions.first(\.std))
        let arrays = (mean: descriptions.first(\.arrayMean), std: descriptions.first(\.arrayStd))
        var fedBy = Preprocessing(width: fed.width, height: fed.height, channels: channels)
        fedBy.takesSignals = graph.image.isSignal
        fedBy.takesAnyLength = graph.image.isSignal && size == .assumption
        (fedBy.arrayMean, fedBy.arrayStd) = (arrays.mean?.value ?? [0], arrays.std?.value ?? [1])
        let isOfArrays = fedBy.takesArraysAlone
        assumed =
            network.mean == nil && !isOfArrays ? (mean == nil ? ["mean"] : []) + (std == nil ? ["std"] : []) : []
        // ImageNet's stand in the order red, green, blue.
        func asFed(_ values: [Float]) -> [Float] { channelOrder == .bgr ? values.reversed() : values }
        let values = (
            mean: mean?.value ?? network.mean ?? asFed(standard.mean),
            std: std?.value ?? network.std ?? asFed(standard.std)
        )
        if let owner = (mean ?? std)?.owner, !owner.isChoice, !isOfArrays,
            let remark = network.contradiction(to: values, of: owner, channels: channels)
        {
            remarks.append(remark)
        }

        var fit = descriptions.first(\.fit)
        if let told = fit, let scaled = told.value.scaled, told.value.resize != .letterbox,
            scaled.width < fed.width || scaled.height < fed.height,
            // Who tells the size that is fed, too, wants photos padded.
            told.owner.size != fed, !told.owner.isChoice
        {
            fit?.value.scaled = nil
            remarks.append(
                "\(path: told.owner.origin) scales photos to \(scaled.width)x\(scaled.height), but the network is fed "
                    + "\(fed.width)x\(fed.height): they are scaled to that"
            )
        }
        (fedBy.mean, fedBy.std) =
            isOfArrays
            ? (fedBy.arrayMean, fedBy.arrayStd) : (values.mean.adapted(to: channels), values.std.adapted(to: channels))
        fedBy.resize = fit?.value.resize ?? standard.resize
        fedBy.scaled = fit?.value.scaled == fed ? nil : fit?.value.scaled
        fedBy.rounding = fit?.value.rounding ?? standard.rounding
        fedBy.interpolation = interpolation?.value ?? (isResizing ? .opencv : standard.interpolation)
        fedBy.channelOrder = channelOrder
        preprocessing = fedBy
        func source(_ owner: ModelDescription?, else isNetworks: Bool) -> Source {
            owner.map { .told(by: $0.origin) } ?? (isNetworks ? .network : .assumption)
        }
        sources = Sources(
            size: size, resize: source(fit?.owner, else: false),
            interpolation: source(interpolation?.owner, else: isResizing),
            mean: source((isOfArrays ? arrays.mean : mean)?.owner, else: network.mean != nil),
            std: source((isOfArrays ? arrays.std : std)?.owner, else: network.mean != nil),
            channelOrder: source(order?.owner, else: network.channelOrder != nil))
        self.remarks = remarks
    }
}

extension [ModelDescription] {
    /// The first that tells, and who it is.
    fileprivate func first<T>(_ key: KeyPath<ModelDescription, T?>) -> (value: T, owner: ModelDescription)? {
        lazy.compactMap { description in description[keyPath: key].map { ($0, description) } }.first
    }
}

/// What a network's own beginning asks for: mean and deviation of pixels of 0..1; nil where it does not tell.
private struct Beginnings {
    let mean, std: [Float]?
    let channelOrder: Preprocessing.ChannelOrder?
    private let words: String

    init(_ form: InputForm) {
        channelOrder = form.isReversed.map { $0 ? .bgr : .rgb }
        let imageNet = Preprocessing().mean
        (mean, std, words) =
            switch form.range {
            case .unit: ([0], [1], "normalises pixels of 0..1")
            case .byte: ([0], [1 / 255], "takes pixels of 0..255")
            case .centredByte(let means):
                (
                    means?.map { Float($0) / 255 } ?? (form.isReversed ?? false ? imageNet.reversed() : imageNet),
                    [1 / 255], "takes pixels of 0..255 less their mean"
                )
            case .symmetric: ([0.5], [0.5], "takes pixels of -1..1")
            case nil: (nil, nil, "")
            }
    }

    /// What to say where others tell other values than the network itself.
    func contradiction(to values: (mean: [Float], std: [Float]), of owner: ModelDescription, channels: Int) -> Wording?
    {
        guard let mean, let std else { return nil }
        func close(_ x: [Float], _ y: [Float]) -> Bool {
            zip(x.adapted(to: channels), y.adapted(to: channels)).allSatisfy {
                abs($0 - $1) <= 0.02 * max(abs($0), abs($1), 0.01)
            }
        }
        guard !close(values.mean, mean) || !close(values.std, std) else { return nil }
        return
            "\(path: owner.origin) tells mean \(Normalisation.text(values.mean)), std "
            + "\(Normalisation.text(values.std)), but the network itself \(words): if the scores look wrong, try "
            + "\(.mean) \(Normalisation.text(mean)) \(.std) \(Normalisation.text(std))"
    }
}

extension [Float] {
    /// One number a channel: one alone holds for all of them, and a network of grey pictures takes the mean of three.
    fileprivate func adapted(to channels: Int) -> [Float] {
        if count == channels || isEmpty { return self }
        return [Float](repeating: channels == 1 ? reduce(0, +) / Float(count) : self[0], count: channels)
    }
}
