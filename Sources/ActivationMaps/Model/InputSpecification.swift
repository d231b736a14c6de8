import Imaging
import Network

/// What a network is fed, and who said so.
public struct InputSpecification: Sendable {
    /// Who told each part of the preprocessing, as a person names it.
    public struct Sources: Sendable {
        public internal(set) var size, resize, interpolation, values, channelOrder: String
    }

    public let preprocessing: Preprocessing
    public let sources: Sources
    /// Whether ImageNet's mean and deviation are an assumption, as nothing tells what the network wants.
    public let isAssumed: Bool
    /// Sentences on what was understood otherwise than it is written, or contradicts something else.
    public let remarks: [String]

    /// Nobody told.
    public static let nobody = "assumed"
    static let networkItself = "the network"

    /// - Parameters:
    ///   - descriptions: what is told, the first that tells winning.
    ///   - graph: the network, built for the size that is fed.
    ///   - sizeOrigin: who told that size.
    ///   - isResizing: whether that is the network, which would bring photos to it itself (without antialiasing).
    init(_ descriptions: [ModelDescription], _ graph: Graph, _ form: InputForm, sizeOrigin: String, isResizing: Bool) {
        func told<T>(_ key: KeyPath<ModelDescription, T?>) -> (value: T, description: ModelDescription)? {
            descriptions.lazy.compactMap { description in description[keyPath: key].map { ($0, description) } }.first
        }
        let network = Self.network(form), standard = Preprocessing()
        let (width, height) = (graph.inputShape[3], graph.inputShape[2])
        let fed = Preprocessing.PixelSize(width: width, height: height)
        var remarks = descriptions.flatMap(\.remarks)

        let mean = told(\.mean), std = told(\.std)
        isAssumed = (mean == nil || std == nil) && network.mean == nil
        // A mean and a deviation of one source belong together; a source without one of them leaves it to the next.
        let values = (mean: mean?.value ?? network.mean ?? standard.mean, std: std?.value ?? network.std ?? standard.std)
        let owners = [mean, std].compactMap { $0?.description.origin } + (mean == nil || std == nil ? [network.mean == nil ? Self.nobody : Self.networkItself] : [])
        if let owner = (mean ?? std)?.description, !owner.isChoice, let own = network.mean.map({ ($0, network.std!) }),
            !Self.agree(values, own, channels: graph.inputShape[1])
        {
            remarks.append(
                "\(owner.origin) tells mean \(Normalisation.text(values.mean)), std \(Normalisation.text(values.std)), but the network itself \(network.words): "
                    + "if the scores look wrong, try --mean \(Normalisation.text(own.0)) --std \(Normalisation.text(own.1))")
        }
        let fit = told(\.fit)
        var scaled = fit?.value.scaled
        // Who tells the size that is fed, too, wants photos padded.
        if let size = scaled, fit!.value.resize != .letterbox, size.width < width || size.height < height, fit!.description.size != fed, !fit!.description.isChoice {
            scaled = nil
            remarks.append("\(fit!.description.origin) scales photos to \(size.width)x\(size.height), but the network is fed \(width)x\(height): they are scaled to that")
        }
        let order = told(\.channelOrder), interpolation = told(\.interpolation)
        preprocessing = Preprocessing(
            mean: values.mean.adapted(to: graph.inputShape[1]), std: values.std.adapted(to: graph.inputShape[1]), width: width, height: height,
            resize: fit?.value.resize ?? standard.resize, scaled: scaled == fed ? nil : scaled, rounding: fit?.value.rounding ?? standard.rounding,
            interpolation: interpolation?.value ?? (isResizing ? .opencv : standard.interpolation),
            channelOrder: order?.value ?? network.channelOrder ?? .rgb, channels: graph.inputShape[1])
        sources = Sources(
            size: sizeOrigin, resize: fit?.description.origin ?? Self.nobody,
            interpolation: interpolation?.description.origin ?? (isResizing ? Self.networkItself : Self.nobody),
            values: owners.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: ", "),
            channelOrder: order?.description.origin ?? (network.channelOrder == nil ? Self.nobody : Self.networkItself))
        self.remarks = remarks
    }

    /// What the network's own beginning asks for, and what it does.
    private static func network(
        _ form: InputForm
    ) -> (mean: [Float]?, std: [Float]?, channelOrder: Preprocessing.ChannelOrder?, words: String) {
        let order = form.isReversed.map { $0 ? Preprocessing.ChannelOrder.bgr : .rgb }
        let imageNet = Preprocessing().mean
        return switch form.range {
        case .unit: ([0], [1], order, "normalises pixels of 0..1")
        case .byte: ([0], [1 / 255], order, "takes pixels of 0..255")
        case .centredByte: (order == .bgr ? imageNet.reversed() : imageNet, [1 / 255], order, "takes pixels of 0..255 less their mean")
        case .symmetric: ([0.5], [0.5], order, "takes pixels of -1..1")
        case .normalised, nil: (nil, nil, order, "")
        }
    }

    private typealias Values = (mean: [Float], std: [Float])

    private static func agree(_ a: Values, _ b: Values, channels: Int) -> Bool {
        func close(_ x: [Float], _ y: [Float]) -> Bool {
            zip(x.adapted(to: channels), y.adapted(to: channels)).allSatisfy { abs($0 - $1) <= 0.02 * max(abs($0), abs($1), 0.01) }
        }
        return close(a.mean, b.mean) && close(a.std, b.std)
    }
}

extension [Float] {
    /// One number a channel: one alone holds for all of them, and a network of grey pictures takes the mean of three.
    fileprivate func adapted(to channels: Int) -> [Float] {
        if count == channels || isEmpty { return self }
        return [Float](repeating: channels == 1 ? reduce(0, +) / Float(count) : self[0], count: channels)
    }
}
