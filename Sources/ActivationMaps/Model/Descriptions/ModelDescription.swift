import Imaging

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
    /// What is fed, where the network's file leaves it open.
    var size: Preprocessing.PixelSize?
    var fit: Fit?
    var interpolation: Preprocessing.Interpolation?
    var channelOrder: Preprocessing.ChannelOrder?
    var labels: [String]?
    /// Sentences on what was understood otherwise than it is written.
    var remarks: [String] = []
    /// Whether the user chose it for this run.
    var isChoice = false
    /// Whether it is written for this program: what does not fit is an error, and not another network's.
    var isOwn = false

    init(origin: String) { self.origin = origin }

    /// What the options say.
    ///
    /// - Parameters:
    ///   - told: what the network's own descriptions say.
    ///   - path: the network's file, for the error.
    init(_ options: ModelOptions, over told: [ModelDescription], _ path: String) throws(ModelError) {
        self.init(origin: "the options")
        isChoice = true
        do throws(Normalisation.Fault) {
            try normalise(mean: options.mean, std: options.std)
        } catch {
            throw .option(path: path, reason: error.reason)
        }
        func pixels(_ size: (width: Int, height: Int)?) -> Preprocessing.PixelSize? { size.map { .init(width: $0.width, height: $0.height) } }
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
}

/// A mean and a deviation as people write them: for pixels of 0..1, or for pixels of 0..255 as Caffe, OpenMMLab and OpenVINO do.
enum Normalisation {
    /// The units cannot be told: the one looks like 0..255, the other like 0..1.
    struct Fault: Error {
        let reason: String
    }

    /// Both in units of 0..1, and whether they were written for 0..255: a mean or a deviation above 2 cannot be meant for 0..1. A mean alone for
    /// 0..255 is subtracted and nothing else.
    static func inUnits(mean: [Float]?, std: [Float]?) throws(Fault) -> (mean: [Float]?, std: [Float]?, isOfBytes: Bool) {
        let isLargeMean = mean?.contains { abs($0) > 2 } ?? false, isLargeStd = std?.contains { $0 > 2 } ?? false
        guard isLargeMean || isLargeStd else { return (mean, std, false) }
        let isSmallStd = std?.contains { $0 < 1 } ?? false, isSmallMean = mean?.contains { $0 != 0 && abs($0) < 1 } ?? false
        guard !isSmallStd, !isSmallMean else {
            throw Fault(reason: "mean \(text(mean ?? [])) and std \(text(std ?? [])) are not for the same pixels: one is for 0..255, the other for 0..1; write both for one of them")
        }
        let std = std ?? (isLargeMean ? [1] : nil)
        return (mean?.map { $0 / 255 }, std?.map { $0 / 255 }, true)
    }

    static func text(_ numbers: [Float]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
}

extension ModelDescription {
    /// Takes labels as other tools write them, and remarks where they cannot be read.
    mutating func takeLabels(_ literal: PythonLiteral?) {
        guard let literal, literal != .none else { return }
        do throws(LabelFault) {
            labels = try ActivationMaps.labels(of: literal)
        } catch {
            remarks.append("\(origin): labels: \(error.reason)")
        }
    }

    /// Takes a mean and a deviation as they are written, and remarks where they are for 0..255.
    mutating func normalise(mean: [Float]?, std: [Float]?) throws(Normalisation.Fault) {
        let units = try Normalisation.inUnits(mean: mean, std: std)
        (self.mean, self.std) = (units.mean, units.std)
        guard units.isOfBytes else { return }
        let written = [mean.map { "mean \(Normalisation.text($0))" }, std.map { "std \(Normalisation.text($0))" }].compactMap { $0 }
        remarks.append("\(written.joined(separator: " and ")) (\(origin)) are for pixels of 0..255, and are used so")
    }
}
