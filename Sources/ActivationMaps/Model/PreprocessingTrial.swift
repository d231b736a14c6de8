import Imaging
import Network

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How clearly a network recognises photos that are fed to it in one of the usual ways.
///
/// The measure is how far the highest logit stands above the mean of all, in their standard deviations (a z-score), of the mean of a photo's
/// logits and its mirror image's, and then the mean over the photos. Confidence itself misleads: pixels of 0..255 where 0..1 are wanted
/// make large logits, and a softmax near 1, of anything.
public struct PreprocessingTrial: Sendable {
    public let name: String
    public let preprocessing: Preprocessing
    public let prominence: Float
    /// The best class of the first photo.
    public let best: ClassScore

    /// The usual ways, by channel order and by mean and deviation of red, green and blue in 0..1.
    private static let values: [(name: String, mean: [Float], std: [Float])] = [
        ("0..1", [0, 0, 0], [1, 1, 1]),
        ("ImageNet's mean and std", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ("-1..1", [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
        ("0..255", [0, 0, 0], [1 / 255, 1 / 255, 1 / 255]),
        ("0..255 less Caffe's mean", [123.68 / 255, 116.779 / 255, 103.939 / 255], [1 / 255, 1 / 255, 1 / 255]),
    ]

    /// Tries every usual way on some photos, the clearest first.
    ///
    /// - Returns: nothing where the network has fewer than three classes, of which the measure says nothing.
    public static func all(of classifier: Classifier, photos: [Image], threads: Int) throws(NetworkError) -> [PreprocessingTrial] {
        guard classifier.graph.classes > 2, !photos.isEmpty else { return [] }
        let session = CPUSession(graph: classifier.graph, threads: threads, expectedImages: 20 * photos.count)
        let orders: [Preprocessing.ChannelOrder] = classifier.preprocessing.channels == 3 ? [.rgb, .bgr] : [.rgb]
        var trials: [PreprocessingTrial] = []
        for order in orders {
            for (name, mean, std) in values {
                var preprocessing = classifier.preprocessing
                preprocessing.channelOrder = order
                preprocessing.mean = order == .rgb ? mean : mean.reversed()
                preprocessing.std = order == .rgb ? std : std.reversed()
                if preprocessing.channels == 1 {
                    preprocessing.mean = [mean.reduce(0, +) / 3]
                    preprocessing.std = [std.reduce(0, +) / 3]
                }
                var sum: Float = 0
                var first: Pass?
                for photo in photos {
                    let input = preprocessing.tensor(from: photo)
                    let plain = try Pass(input, layers: [], guided: false, session: session)
                    let flipped = try Pass(mirrored(input, width: preprocessing.width), layers: [], guided: false, session: session)
                    sum += prominence(of: zip(plain.logits, flipped.logits).map { ($0 + $1) / 2 })
                    if first == nil { first = plain }
                }
                trials.append(PreprocessingTrial(
                    name: preprocessing.channels == 3 ? "\(order.rawValue), \(name)" : name, preprocessing: preprocessing, prominence: sum / Float(photos.count),
                    best: first!.scores(labels: classifier.labels)[0]))
            }
        }
        return trials.sorted { $0.prominence > $1.prominence }
    }

    private static func prominence(of logits: [Float]) -> Float {
        let mean = logits.reduce(0, +) / Float(logits.count)
        let variance = logits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(logits.count)
        return variance > 0 ? ((logits.max() ?? 0) - mean) / sqrtf(variance) : 0
    }
}
