import ActivationMaps
import Imaging
import Network

extension Arguments {
    /// What is explained of every photo, looked up once; of an embedding's likeness, which a run of the network tells,
    /// see `Explainer.reference`.
    ///
    /// - Throws: `ChoiceError` where it is none of the network.
    func targets(of classifier: Classifier) throws(ChoiceError) -> Explainer.Targets {
        if !slices.isEmpty { return .slices(slices) }
        let number = try number(of: classifier)
        var classes: [Int] = []
        for category in categories.joined() {
            let index = try classifier.index(of: category)
            if !classes.contains(index) { classes.append(index) }
        }
        return classes.isEmpty ? .top(topK, by: number) : .classes(classes, by: number)
    }

    private func number(of classifier: Classifier) throws(ChoiceError) -> Explainer.ClassNumber {
        if let against { return .against(try classifier.index(of: against)) }
        return switch score {
        case .logit: .logit
        case .probability: .probability
        case .rest: .rest
        }
    }

    /// Whether every target is the logit of one class.
    var explainsLogits: Bool { score == .logit && against == nil && slices.isEmpty && similarTo == nil }

    /// - Throws: where flags ask for several targets that exclude each other.
    func checkTargets() throws(ArgumentFault) {
        let classes = [
            ("--target-category", !categories.isEmpty), ("--top-k", topK > 1),
        ].filter(\.1).map(\.0)
        let numbers = [("--against", against != nil), ("--score \(score.rawValue)", score != .logit)].filter(\.1)
            .map(\.0)
        let others = [("--target", !slices.isEmpty), ("--similar-to", similarTo != nil)].filter(\.1).map(\.0)
        for names in [classes, numbers, others] where names.count > 1 { throw .conflict(names[0], names[1]) }
        if let other = others.first, let name = (classes + numbers).first { throw .conflict(other, name) }
        let outputs = Set(slices.compactMap(\.name) + (slices.isEmpty ? [] : [output].compactMap { $0 }))
        if outputs.count > 1 {
            throw .conflict("--target of '\(outputs.min()!.elided(to: 40))'", "'\(outputs.max()!.elided(to: 40))'")
        }
    }
}

extension Classifier {
    fileprivate func index(of category: Arguments.Category) throws(ChoiceError) -> Int {
        switch category {
        case .index(let index): try self.category(index)
        case .label(let label): try self.category(labelled: label)
        }
    }
}

extension Explainer {
    /// The numbers that an output is compared with: those of an `.npy` file, or the network's own of a photo.
    func reference(_ path: String, _ arguments: Arguments) throws -> [Float] {
        if path.lowercased().hasSuffix(".npy") { return try NumberArray(contentsOf: path).values }
        do throws(ImageError) {
            return try numbers(of: Photo(path: path, name: nil).image(arguments))
        } catch { throw ImageError.file(path: path, error) }
    }
}
