import Imaging
import Network

/// What one source says of the pixels that a network wants, and of its classes; nil: it does not say.
struct ModelDescription {
    /// How a photo is brought to what it is scaled to; nil: the size that is fed.
    struct Fit: Equatable {
        var resize: Preprocessing.Resize
        var scaled: Preprocessing.PixelSize?
        var rounding = Preprocessing.Rounding()
    }

    /// The source, as a person names it.
    let origin: String
    /// For pixels of 0..1.
    var mean, std: [Float]?
    /// The same for arrays, in their own units; options alone tell it.
    var arrayMean, arrayStd: [Float]?
    /// What is fed, where the network's file leaves it open.
    var size: Preprocessing.PixelSize?
    var fit: Fit?
    var interpolation: Preprocessing.Interpolation?
    var channelOrder: Preprocessing.ChannelOrder?
    var labels: [String]?
    /// Sentences on what was understood otherwise than it is written.
    var remarks: [Wording] = []
    /// Whether the user chose it for this run.
    var isChoice = false
    /// Whether it is written for this program: what does not fit is an error, and not another network's.
    var isOwn = false

    init(origin: String) { self.origin = origin }

    /// What the options say.
    ///
    /// - Parameters:
    ///   - told: what the network's own descriptions say.
    ///   - channels: the network's; nil where its file leaves them open.
    ///   - path: the network's file, for the error.
    init(
        _ options: ModelOptions, over told: [ModelDescription], channels: Int?, _ path: String
    ) throws(ModelError) {
        self.init(origin: "the options")
        isChoice = true
        do throws(DescriptionFault) {
            if channels ?? 3 == 3 || channels == 1 { try normalise(mean: options.mean, std: options.std) }
            arrayMean = try Self.perChannel(options.mean, channels ?? 3, .mean)
            arrayStd = try Self.perChannel(options.std, channels ?? 3, .std)
        } catch {
            throw .option(path: path, reason: error.reason)
        }
        func pixels(_ size: (width: Int, height: Int)?) -> Preprocessing.PixelSize? {
            size.map { .init(width: $0.width, height: $0.height) }
        }
        size = pixels(options.cropSize ?? options.inputSize)
        (interpolation, channelOrder) = (options.interpolation, options.channelOrder)
        if let crop = pixels(options.cropSize) {
            // torchvision's usual: the crop is seven eighths of what is scaled.
            let usual = Preprocessing.PixelSize(width: crop.width * 8 / 7, height: crop.height * 8 / 7)
            let known = told.lazy.compactMap(\.fit?.scaled).first { $0.width >= crop.width && $0.height >= crop.height }
            fit = .init(resize: options.resize ?? .crop, scaled: pixels(options.inputSize) ?? known ?? usual)
        } else if let resize = options.resize {
            fit = .init(resize: resize)
        } else if size != nil, var known = told.lazy.compactMap(\.fit).first {
            // A size that was asked for is fed whole.
            known.scaled = nil
            fit = known
        }
    }

    /// One number for all channels, or one a channel.
    private static func perChannel(
        _ list: [Float]?, _ channels: Int, _ setting: Setting
    ) throws(DescriptionFault) -> [Float]? {
        guard let list else { return nil }
        if let first = list.first, list.allSatisfy({ $0 == first }) { return [first] }
        // Colours on a network of grey pictures stand for their mean.
        guard list.count == channels || channels == 1 && list.count == 3 else {
            throw DescriptionFault(reason: "\(setting) has \(list.count) numbers for a network of \(channels) channels")
        }
        return list.count == channels ? list : [list.reduce(0, +) / 3]
    }
}
