import Imaging
import Network
import Platform

/// How clearly a network recognises photos that are fed to it in each of the usual ways.
///
/// The measure is how far the highest logit stands above the mean of all, in their standard deviations (a z-score), of
/// the mean of a photo's logits and its mirror image's, and then the mean over the photos. Confidence itself misleads:
/// pixels of 0..255 where 0..1 are wanted make large logits, and a softmax near 1, of anything.
public final class PreprocessingTrials {
    /// One way of feeding, and what came of it.
    public struct Trial {
        /// As a person names it.
        public let name: String
        /// Of the channels as fed, for pixels of 0..1.
        public let mean, std: [Float]
        /// The order in which channels are fed.
        public let channelOrder: Preprocessing.ChannelOrder
        /// The mean over the photos.
        public fileprivate(set) var prominence: Float = 0
        /// The best class of the last photo.
        public fileprivate(set) var best: ClassScore?
    }

    private let classifier: Classifier
    private let session: any Session
    private var trials: [Trial] = []
    /// How many photos were tried.
    public private(set) var photos = 0

    /// The usual ways, by mean and deviation of red, green and blue.
    private static let values: [(name: String, mean: [Float], std: [Float])] = [
        ("0..1", [0, 0, 0], [1, 1, 1]),
        ("ImageNet's mean and std", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ("-1..1", [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
        ("0..255", [0, 0, 0], [1 / 255, 1 / 255, 1 / 255]),
        ("0..255 less Caffe's mean", [123.68 / 255, 116.779 / 255, 103.939 / 255], [1 / 255, 1 / 255, 1 / 255]),
    ]

    /// - Returns: nil where the network is no classifier of three classes or more: the measure says nothing of others.
    public init?(_ classifier: Classifier, threads: Int) {
        guard classifier.graph.form == .classes, classifier.graph.classes > 2,
            !classifier.preprocessing.takesArraysAlone
        else { return nil }
        self.classifier = classifier
        session = CPUProgram(classifier.graph, LoadOptions(threads: threads)).session(threads: threads)
        let isGrey = classifier.preprocessing.channels == 1
        for order in isGrey ? [Preprocessing.ChannelOrder.rgb] : [.rgb, .bgr] {
            for (name, mean, std) in Self.values {
                func asFed(_ list: [Float]) -> [Float] {
                    isGrey ? [list.reduce(0, +) / 3] : order == .rgb ? list : list.reversed()
                }
                trials.append(
                    Trial(
                        name: isGrey ? name : "\(order.rawValue), \(name)", mean: asFed(mean), std: asFed(std),
                        channelOrder: order))
            }
        }
    }

    /// Feeds a photo in every way.
    public func add(_ photo: Image) throws(NetworkError) {
        var plain = classifier.preprocessing
        (plain.mean, plain.std) = ([0], [1])
        let orders = Dictionary(
            uniqueKeysWithValues: Set(trials.map(\.channelOrder)).map { order in
                plain.channelOrder = order
                return (order, plain.tensor(from: photo))
            })
        let area = plain.width * plain.height
        for index in trials.indices {
            let trial = trials[index], pixels = orders[trial.channelOrder]!
            let input = pixels.indices.map { (pixels[$0] - trial.mean[$0 / area]) / trial.std[$0 / area] }
            func passed(_ input: [Float]) throws(NetworkError) -> RecordedImage {
                try RecordedImage.recorded([input], [plain], recording: Recording(), session: session)[0]
            }
            let (image, mirror) = (try passed(input), try passed(mirrored(input, width: plain.width)))
            let prominence = Self.prominence(of: zip(image.logits, mirror.logits).map { ($0 + $1) / 2 })
            trials[index].prominence += (prominence - trial.prominence) / Float(photos + 1)
            trials[index].best = try image.ranking(labels: classifier.labels)[0]
        }
        photos += 1
    }

    /// The clearest first.
    public var ranked: [Trial] { trials.sorted { $0.prominence > $1.prominence } }

    private static func prominence(of logits: [Float]) -> Float {
        let mean = logits.reduce(0, +) / Float(logits.count)
        let variance = logits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(logits.count)
        return variance > 0 ? ((logits.max() ?? 0) - mean) / sqrtf(variance) : 0
    }
}
