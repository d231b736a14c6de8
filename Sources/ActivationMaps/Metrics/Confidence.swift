import Network

/// Drop and increase in confidence: s the score of the class (its softmax or sigmoid, else Y), s' that of the input
/// times the map. confidence-drop = max(0, s - s') / s, undefined where s <= 0; confidence-drop-absolute = max(0, s -
/// s'); confidence-increase = 1 where s' > s, else 0. All are undefined where s or s' is not finite. Their means over
/// many photos are the average drop and increase.
///
/// Chattopadhay et al., "Grad-CAM++", WACV 2018, section 5, for the drop as a share and the increase; pytorch-grad-cam
/// for the drop as it is.
public struct Confidence: Metric {
    public let info = MetricInfo(
        name: "confidence", summary: "what of the score is lost where the photo is seen through the map",
        paper: "Chattopadhay et al. 2018", settings: "the normalised input times the map")
    public let cost = Cost(passes: "1 forward", madeOf: "the masked photo")

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs(images: 1) }

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        var (share, drop, increase) = (Double.nan, Double.nan, Double.nan)
        if map.isFinite {
            let s = Double(subject.confident.score), seen = try subject.confidence(through: map.mask)
            if (s - seen).isFinite {
                (share, drop, increase) = (s > 0 ? max(0, s - seen) / s : .nan, max(0, s - seen), seen > s ? 1 : 0)
            }
        }
        return [
            Measure("confidence-drop", share, better: .lower),
            Measure("confidence-drop-absolute", drop, better: .lower),
            Measure("confidence-increase", increase, better: .higher),
        ]
    }
}
