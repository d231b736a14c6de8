import Network

/// A part of an output, as Python writes it, and what becomes of its numbers: `logits[0,3]`, `output[0,3,:,:].sum`,
/// `[0,...,::2].max`, `embedding.mean`.
public struct OutputSlice: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case index(Int)
        case range(from: Int?, to: Int?, step: Int)
        /// `...`: all of the axes that no other part names.
        case rest
    }
    private enum Reduction: String, CaseIterable { case sum, mean, max }

    /// The output, or any tensor; nil: the output that is chosen without it.
    public let name: String?
    /// As it was written, and what follows the name in it.
    public let text: String
    let rest: String
    private let parts: [Part]
    /// nil: the part is one number.
    private let reduction: Reduction?

    /// - Returns: nil where the text is no such part.
    public init?(_ text: String) {
        let end = Reduction.allCases.first { text.hasSuffix("." + $0.rawValue) }
        let slice = end.map { text.dropLast($0.rawValue.count + 1) } ?? text[...]
        var (name, parts): (Substring, [Part]) = (slice, [.rest])
        if slice.last == "]" {
            guard let start = slice.lastIndex(of: "[") else { return nil }
            name = slice[..<start]
            let inner = slice[slice.index(after: start)...].dropLast()
            let found = inner.split(separator: ",", omittingEmptySubsequences: false).map(Self.part)
            parts = found.compactMap { $0 }
            guard parts.count == found.count, parts.count(where: { $0 == .rest }) <= 1 else { return nil }
        } else if end == nil {
            return nil
        }
        self.text = text
        (self.name, rest) = (name.isEmpty ? nil : String(name), String(text[name.endIndex...]))
        (self.parts, reduction) = (parts, end)
    }

    private static func part(_ text: Substring) -> Part? {
        func trimmed(_ text: Substring) -> Substring {
            let rest = text.drop { $0 == " " }
            return rest.last == " " ? trimmed(rest.dropLast()) : rest
        }
        let text = trimmed(text)
        if text == "..." { return .rest }
        guard text.contains(":") else { return Int(text).map(Part.index) }
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(trimmed)
        let numbers = fields.map { Int($0) }
        guard fields.count <= 3, zip(fields, numbers).allSatisfy({ $0.isEmpty || $1 != nil }) else { return nil }
        let step = numbers.count == 3 ? numbers[2] ?? 1 : 1
        return step == 0 ? nil : .range(from: numbers[0], to: numbers[1], step: step)
    }

    var kind: PhotoTarget.Kind {
        switch reduction {
        case nil: .number
        case .sum?: .sum
        case .mean?: .mean
        case .max?: .max
        }
    }

    /// The number that it is of an output of this shape.
    ///
    /// - Parameter most: how many places there is memory for.
    /// - Throws: `ChoiceError.slice` where the output has no such part, or it is too large.
    func target(in shape: Shape, most: Int = .max) throws(ChoiceError) -> Target {
        let places = try places(in: shape, most: most)
        switch reduction {
        case .sum?: return .sum(places)
        case .mean?: return .sum(places, scale: 1 / Float(places.count))
        case .max?: return .maximum(places)
        case nil where places.count == 1: return .sum(places)
        case nil:
            throw .slice(rest, "it is \(places.count) numbers of \(shape): add .sum, .mean or .max, or choose one")
        }
    }

    /// Row-major places, one at least.
    ///
    /// - Parameter most: how many places there is memory for.
    func places(in shape: Shape, most: Int = .max) throws(ChoiceError) -> [Int] {
        let named = parts.count { $0 != .rest }
        guard named <= shape.rank else {
            throw .slice(rest, "it has \(named) indices, and the output \(shape) has \(shape.rank) axes")
        }
        var parts = parts
        let open = [Part](repeating: .range(from: nil, to: nil, step: 1), count: shape.rank - named)
        if let rest = parts.firstIndex(of: .rest) {
            parts.replaceSubrange(rest...rest, with: open)
        } else {
            parts += open
        }
        var all: [[Int]] = []
        for (axis, part) in parts.enumerated() { all.append(try indices(part, axis: axis, of: shape)) }
        let count = all.reduce(1) { $0 * $1.count }
        guard count <= most else {
            throw .slice(rest, "it is \(count) numbers, which take more memory than the limit (\(.memoryLimit))")
        }
        var places = [0]
        for (axis, indices) in all.enumerated() {
            places = places.flatMap { place in indices.map { place * shape[axis] + $0 } }
        }
        guard !places.isEmpty else { throw .slice(rest, "it is no number of the output \(shape)") }
        return places
    }

    /// As Python's `slice.indices` has them.
    private func indices(_ part: Part, axis: Int, of shape: Shape) throws(ChoiceError) -> [Int] {
        let length = shape[axis]
        switch part {
        case .index(let index):
            guard (-length..<length).contains(index) else {
                throw .slice(
                    rest, "index \(index) is out of range: axis \(axis) of the output \(shape) has \(length) places")
            }
            return [index < 0 ? index + length : index]
        case .range(let start, let end, let step):
            let limit = max(length, 1), bounds = step > 0 ? 0...length : -1...length - 1
            func clamped(_ bound: Int) -> Int {
                bound < 0 ? max(bound + length, bounds.lowerBound) : min(bound, bounds.upperBound)
            }
            let (low, high) = (bounds.lowerBound, bounds.upperBound)
            return Array(
                stride(
                    from: start.map(clamped) ?? (step > 0 ? low : high),
                    to: end.map(clamped) ?? (step > 0 ? high : low), by: min(max(step, -limit), limit)))
        case .rest: return Array(0..<length)
        }
    }
}
