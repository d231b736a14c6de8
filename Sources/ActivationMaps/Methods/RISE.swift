import Imaging
import Network

/// RISE: map = sum_n f(x * m_n) m_n / (N p), m_n random masks (`RandomMasks`), p = 0.5 their mean, f what the network
/// says of the class; 2000 masks, unless the options say otherwise.
///
/// Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018, eq. 6.
public struct RISE: Method {
    public let info = MethodInfo(
        name: "rise", summary: "random masks weighted by the class's probability under them",
        paper: "Petsiuk et al. 2018")
    public let cost = Cost(passes: "1 + N forward", madeOf: "N masked photos")
    public let sumsChannels = false, explainsLayers = false
    private static let samples = 2000
    public let minds: Set<MethodOptions.Kind> = [.samples, .seed]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs(images: Self.samples) }

    public func explain(_ subject: Subject) throws -> RawMap {
        let x = subject.inputMap, count = subject.options.samples ?? Self.samples
        let masks = RandomMasks(width: x.width, height: x.height, seed: subject.options.seed)
        let f = try subject.confidences(
            .written(count) { number, pixels in
                let mask = masks.mask(number)
                for i in pixels.indices { pixels[i] = x.values[i] * mask[i % mask.count] }
            })
        var sum = [Float](repeating: 0, count: x.area)
        for (number, f) in f.enumerated() {
            let mask = masks.mask(number), weight = f / (Float(count) * RandomMasks.mean)
            for i in sum.indices { sum[i] += weight * mask[i] }
        }
        return .planes([Plane(width: x.width, height: x.height, values: sum)])
    }
}
