/// Which of the input's numbers, and with what weights, make up each of the output's along one axis.
package struct ResizeAxis: Sendable {
    package struct Tap: Sendable {
        package let index: Int
        package let weight: Float
    }

    /// Elements before and after.
    package let extent, count: Int
    /// The taps of every output element; none where its coordinate lies outside a cropped region.
    package let taps: [[Tap]]

    /// - Parameter reach: see `reach`.
    init(extent: Int, count: Int, scale: Double, reach: Int, region: (Float, Float), _ rule: ResizeRule) {
        (self.extent, self.count) = (extent, count)
        let place = rule.coordinates.place(
            extent: extent, count: count, scale: scale, region: (Double(region.0), Double(region.1)))
        taps = (0..<count).map { index in
            let x = place(Double(index))
            if rule.coordinates == .tfCropAndResize, x < 0 || x > Double(extent - 1) { return [] }
            return Self.taps(at: x, extent: extent, scale: scale, reach: reach, rule)
        }
    }

    package var isIdentity: Bool {
        extent == count && taps.enumerated().allSatisfy { $1.count == 1 && $1[0].index == $0 && $1[0].weight == 1 }
    }

    /// How far the filter reaches to either side of a coordinate, in whole elements.
    static func reach(_ scale: Double, _ rule: ResizeRule) throws(OperatorFault) -> Extent {
        try 1 - Extent((-rule.mode.reach / stretch(scale, rule) + 1).rounded(.down))
    }

    /// Shrinking without aliasing: the filter becomes as much wider as the picture becomes smaller.
    private static func stretch(_ scale: Double, _ rule: ResizeRule) -> Double { rule.antialiases ? min(scale, 1) : 1 }

    private static func taps(at x: Double, extent: Int, scale: Double, reach: Int, _ rule: ResizeRule) -> [Tap] {
        // A region of the file's own may lie anywhere: far outside, all is the edge's.
        let x = min(max(x, -Double(extent + 4 * reach)), Double(2 * extent + 4 * reach))
        func clamped(_ index: Int) -> Int { min(max(index, 0), extent - 1) }
        if case .nearest(let rounding) = rule.mode { return [Tap(index: clamped(Int(rounding(x))), weight: 1)] }
        let stretch = stretch(scale, rule)
        let first = Int(x.rounded(.up)) - reach
        var weights = (0..<2 * reach).map { rule.mode.weight(stretch * (Double(first + $0) - x)) }
        if rule.excludesOutside { for i in weights.indices where !(0..<extent).contains(first + i) { weights[i] = 0 } }
        let sum = rule.antialiases || rule.excludesOutside ? weights.reduce(0, +) : 1
        var merged: [Tap] = []
        for (i, weight) in weights.enumerated() where weight != 0 {
            let index = clamped(first + i)
            let before = merged.last.flatMap { $0.index == index ? merged.removeLast().weight : nil } ?? 0
            merged.append(Tap(index: index, weight: before + Float(weight / sum)))
        }
        return merged
    }
}

/// A Resize node's attributes.
struct ResizeRule {
    enum Mode {
        case nearest((Double) -> Double)
        case linear
        /// Keys' cubic with parameter a. https://doi.org/10.1109/TASSP.1981.1163711
        case cubic(Double)

        /// Half the filter's support.
        var reach: Double { if case .cubic = self { 2 } else { 1 } }

        func weight(_ distance: Double) -> Double {
            let t = abs(distance)
            switch self {
            case .nearest: return 1
            case .linear: return max(0, 1 - t)
            case .cubic(let a):
                if t <= 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
                return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0
            }
        }
    }

    enum Coordinates: String {
        case halfPixel = "half_pixel", halfPixelSymmetric = "half_pixel_symmetric", pytorchHalfPixel =
            "pytorch_half_pixel"
        case alignCorners = "align_corners", asymmetric, tfHalfPixelForNN = "tf_half_pixel_for_nn"
        case tfCropAndResize = "tf_crop_and_resize"

        /// From an output coordinate to the input's.
        func place(extent: Int, count: Int, scale: Double, region: (start: Double, end: Double)) -> (Double) -> Double {
            let (span, last) = (Double(extent), Double(extent - 1))
            switch self {
            case .halfPixel: return { ($0 + 0.5) / scale - 0.5 }
            case .halfPixelSymmetric:
                let offset = span / 2 * (1 - Double(count) / (scale * span))
                return { offset + ($0 + 0.5) / scale - 0.5 }
            case .pytorchHalfPixel: return { count > 1 ? ($0 + 0.5) / scale - 0.5 : 0 }
            case .alignCorners: return { count > 1 ? $0 * last / Double(count - 1) : 0 }
            case .asymmetric: return { $0 / scale }
            case .tfHalfPixelForNN: return { ($0 + 0.5) / scale }
            case .tfCropAndResize:
                return {
                    count > 1
                        ? region.start * last + $0 * (region.end - region.start) * last / Double(count - 1)
                        : 0.5 * (region.start + region.end) * last
                }
            }
        }
    }

    let mode: Mode
    let coordinates: Coordinates
    let antialiases, excludesOutside: Bool

    init(_ node: NodeReader) throws(OperatorFault) {
        let isOld = node.node.opType == "Upsample" || node.opset < 11
        antialiases = try node.flag("antialias")
        excludesOutside = try node.flag("exclude_outside")
        let stated = isOld ? "asymmetric" : try node.string("coordinate_transformation_mode", default: "half_pixel")
        guard let coordinates = Coordinates(rawValue: stated) else {
            throw .attribute("coordinate_transformation_mode", stated)
        }
        self.coordinates = coordinates
        switch try node.string("mode", default: "nearest") {
        case "nearest":
            let rounding = isOld ? "floor" : try node.string("nearest_mode", default: "round_prefer_floor")
            switch rounding {
            case "round_prefer_floor": mode = .nearest { ($0 - 0.5).rounded(.up) }
            case "round_prefer_ceil": mode = .nearest { ($0 + 0.5).rounded(.down) }
            case "floor": mode = .nearest { $0.rounded(.down) }
            case "ceil": mode = .nearest { $0.rounded(.up) }
            default: throw .attribute("nearest_mode", rounding)
            }
        case "linear", "bilinear": mode = .linear
        case "cubic": mode = .cubic(Double(try node.float("cubic_coeff_a", default: -0.75)))
        case let other: throw .attribute("mode", other)
        }
    }
}
