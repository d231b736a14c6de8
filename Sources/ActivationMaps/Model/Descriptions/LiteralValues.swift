import Imaging
import Network
import Platform

/// Why a description cannot be used, without the file's name.
struct DescriptionFault: Error {
    let reason: Wording
}

extension PythonLiteral {
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// A list of numbers, or one alone.
    var numbers: [Float]? {
        if let number { return [Float(number)] }
        guard let list else { return nil }
        let numbers = list.compactMap { $0.number.map { Float($0) } }
        return numbers.count == list.count ? numbers : nil
    }

    /// A whole number, however it is written (`224`, `224.0`).
    var whole: Int? { integer ?? number.flatMap { Int(exactly: $0) } }

    /// N for a square, two extents, or `height` and `width`; nil for null and for a dictionary of other keys.
    ///
    /// - Throws: where an extent is no whole number of 1 to `ModelDescription.largestSide`.
    func size(_ key: String, isWidthFirst: Bool = false) throws(DescriptionFault) -> Preprocessing.PixelSize? {
        let extents: [PythonLiteral]
        switch self {
        case .none: return nil
        case .dictionary:
            guard let height = self["height"], let width = self["width"] else { return nil }
            extents = isWidthFirst ? [width, height] : [height, width]
        case .list(let elements): extents = elements
        default: extents = [self, self]
        }
        let sides = extents.compactMap(\.whole)
        guard extents.count == 2, sides.count == 2 else {
            throw DescriptionFault(reason: "\(key) should be a number of pixels, or two")
        }
        let (first, second) = (try ModelDescription.side(sides[0], key), try ModelDescription.side(sides[1], key))
        return isWidthFirst ? .init(width: first, height: second) : .init(width: second, height: first)
    }
}

extension ModelDescription {
    /// The most pixels along a side that a photo is scaled to.
    static let largestSide = 8192

    /// - Throws: where the side cannot be a picture's.
    static func side(_ side: Int, _ key: String) throws(DescriptionFault) -> Int {
        guard (1...largestSide).contains(side) else {
            throw DescriptionFault(reason: "\(key) of \(side) pixels should be 1 to \(largestSide)")
        }
        return side
    }

    /// A side times a factor, rounded down.
    static func side(_ side: Int, times factor: Double, _ key: String) throws(DescriptionFault) -> Int {
        let scaled = (Double(side) * factor).rounded(.down)
        guard scaled >= 1, scaled <= Double(largestSide) else {
            throw DescriptionFault(reason: "\(key) makes a photo of \(scaled) pixels a side")
        }
        return Int(scaled)
    }

    /// Takes a mean and a deviation for pixels of 0..1.
    ///
    /// - Throws: where they are not one number or three, finite, the deviation above 0.
    mutating func take(mean: [Float]?, std: [Float]?) throws(DescriptionFault) {
        for (name, list) in [("mean", mean), ("std", std)] {
            guard let list else { continue }
            guard [1, 3].contains(list.count), list.allSatisfy(\.isFinite),
                name == "mean" || list.allSatisfy({ $0 > 1e-6 })
            else {
                throw DescriptionFault(
                    reason: "\(name) [\(Normalisation.text(list))] should be 1 or 3 numbers"
                        + (name == "std" ? " above 0" : ""))
            }
        }
        (self.mean, self.std) = (mean, std)
    }

    /// Takes a mean and a deviation as people write them, and remarks where they are for pixels of 0..255.
    mutating func normalise(mean: [Float]?, std: [Float]?) throws(DescriptionFault) {
        let units = try Normalisation.inUnits(mean: mean, std: std)
        try take(mean: units.mean, std: units.std)
        guard units.isOfBytes else { return }
        let written = [mean.map { "mean \(Normalisation.text($0))" }, std.map { "std \(Normalisation.text($0))" }]
            .compactMap { $0 }
        remarks.append("\(written.joined(separator: " and ")) (\(path: origin)) are for pixels of 0..255, and are used so")
    }

    /// Takes labels as other tools write them, and remarks where they cannot be read.
    mutating func takeLabels(_ literal: PythonLiteral?) {
        guard let literal, literal != .none else { return }
        do throws(LabelFault) {
            labels = try ActivationMaps.labels(of: literal)
        } catch {
            remarks.append("\(path: origin): labels: \(error.reason)")
        }
    }
}

/// A mean and a deviation as people write them: for pixels of 0..1, or for pixels of 0..255 as Caffe, OpenMMLab and
/// OpenVINO do.
enum Normalisation {
    /// Both in units of 0..1, and whether they were written for 0..255: a mean or a deviation above 2 cannot be meant
    /// for 0..1. A mean alone for 0..255 is subtracted and nothing else, and a deviation alone for 0..255 divides
    /// alone.
    ///
    /// - Throws: where the one is for 0..255, and the other for 0..1.
    static func inUnits(mean: [Float]?, std: [Float]?) throws(DescriptionFault) -> (
        mean: [Float]?, std: [Float]?, isOfBytes: Bool
    ) {
        let isLargeMean = mean?.contains { abs($0) > 2 } ?? false, isLargeStd = std?.contains { $0 > 2 } ?? false
        guard isLargeMean || isLargeStd else { return (mean, std, false) }
        let isSmallStd = std?.contains { $0 < 1 } ?? false,
            isSmallMean = mean?.contains { $0 != 0 && abs($0) < 1 } ?? false
        guard !isSmallStd, !isSmallMean else {
            throw DescriptionFault(
                reason:
                    "mean \(text(mean ?? [])) and std \(text(std ?? [])) are not for the same pixels: one is for "
                    + "0..255, the other for 0..1; write both for one of them"
            )
        }
        return ((mean ?? [0]).map { $0 / 255 }, (std ?? [1]).map { $0 / 255 }, true)
    }

    /// Numbers between commas, to six digits.
    static func text(_ numbers: [Float]) -> String { numbers.map(text).joined(separator: ",") }

    private static func text(_ number: Float) -> String {
        if number == 0 { return "0" }
        guard number.isFinite else { return "\(number)" }
        let scale = pow10(5 - Int(log10(abs(Double(number))).rounded(.down)))
        let rounded = Float((Double(number) * scale).rounded() / scale)
        return rounded == rounded.rounded() && abs(rounded) < 1e6 ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func pow10(_ exponent: Int) -> Double {
        exponent < 0 ? 1 / pow10(-exponent) : (0..<exponent).reduce(1) { product, _ in product * 10 }
    }
}
