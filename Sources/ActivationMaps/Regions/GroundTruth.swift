import Imaging

/// Where a photo shows what is explained, as people marked it, in pixels of the upright photo. What a map is compared
/// with.
public struct GroundTruth: Sendable {
    /// Of the photo's size; at least one pixel is inside.
    public let mask: Mask
    /// What a map's box is compared with.
    public let boxes: [Rectangle]

    /// Boxes around what is explained, as far as they are in the photo; nil where no pixel's centre lies in one.
    public init?(boxes: [Rectangle], width: Int, height: Int) {
        mask = Mask(width: width, height: height, covering: boxes)
        self.boxes = boxes.map { box in
            Rectangle(
                x0: max(box.x0, 0), y0: max(box.y0, 0), x1: min(box.x1, Double(width)), y1: min(box.y1, Double(height)))
        }
        if mask.count == 0 { return nil }
    }

    /// The pixels of what is explained, with the least box around them; nil where there are none.
    public init?(_ mask: Mask) {
        guard let bounds = mask.bounds else { return nil }
        (self.mask, boxes) = (mask, [bounds])
    }

    /// What is measured.
    public static let metrics = [
        MetricInfo(
            name: "pointing-game", summary: "whether the map's maximum is inside: 1 or 0", paper: "Zhang et al. 2016",
            settings: "no tolerance"),
        MetricInfo(
            name: "energy-inside", summary: "share of the map's sum that is inside", paper: "Wang et al. 2020"),
        MetricInfo(
            name: "localisation",
            summary: "overlap of the map's box with the nearest true one (IoU), and error: 1 where it is below 0.5",
            paper: "Selvaraju et al. 2017", settings: "the box around the largest part above 15 % of the maximum"),
        MetricInfo(
            name: "relevance-rank",
            summary: "of as many pixels as are inside, those of the map's greatest numbers: how many are inside",
            paper: "Arras et al. 2022"),
    ]

    /// How a map lies to it. A blank map points nowhere: it misses, has no energy inside and no box, and its pixels have
    /// the ranks of chance. Where a map has numbers that are not finite, nothing can be told (NaN).
    ///
    /// - Precondition: the map is of a photo of the mask's size.
    public func measures(of map: Map) -> [Measure] {
        let rows = map.photoRows, isFinite = map.isFinite
        func told(_ body: () -> Double) -> Double { isFinite ? body() : .nan }
        let greatest = rows.greatest, sums = rows.sums(inside: mask)
        let box = isFinite ? rows.box() : nil
        let overlap = told { box.map { box in boxes.map(box.overlap).max() ?? 0 } ?? 0 }
        return [
            Measure(
                "pointing-game", told { greatest.value > 0 && mask.contains(greatest.x, greatest.y) ? 1 : 0 },
                better: .higher),
            Measure(
                "energy-inside", told { sums.all > 0 ? sums.inside / sums.all : 0 }, better: .higher, decides: true),
            Measure("localisation-overlap", overlap, better: .higher),
            Measure("localisation-error", told { overlap < 0.5 ? 1 : 0 }, better: .lower),
            Measure(
                "relevance-rank", told { rows.inside(mask, amongGreatest: mask.count) / Double(mask.count) },
                better: .higher),
        ]
    }
}
