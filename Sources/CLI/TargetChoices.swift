import ActivationMaps
import Imaging
import Network

extension Arguments {
    /// What is explained of every photo that no table names, looked up once; of an embedding's likeness, which a run of
    /// the network tells, see `Explainer.reference`.
    ///
    /// - Throws: `ChoiceError` where it is none of the network, `ImageError` of a mask.
    func targets(of classifier: Classifier) throws -> Explainer.Targets {
        if !slices.isEmpty { return .slices(slices) }
        let number = try number(of: classifier)
        var classes: [Int] = []
        for category in categories.joined() {
            let index = try classifier.index(of: category)
            if !classes.contains(index) { classes.append(index) }
        }
        if let targetMask {
            return .pixels(try Mask(contentsOf: targetMask, mostPixels: mostPixels), of: classes)
        }
        if !targetBoxes.isEmpty { return .boxes(targetBoxes, of: classes.first) }
        return classes.isEmpty ? .top(topK, by: number) : .classes(classes, by: number)
    }

    /// The number of each class.
    func number(of classifier: Classifier) throws(ChoiceError) -> Explainer.ClassNumber {
        if let against { return .against(try classifier.index(of: against)) }
        return switch score {
        case .logit: .logit
        case .probability: .probability
        case .rest: .rest
        }
    }

    /// Whether every target is a class's own.
    var explainsLogits: Bool { given([.numbers, .others]).isEmpty }

    private enum TargetFlags { case classes, numbers, others }

    /// Those of some kinds that were given.
    private func given(_ kinds: [TargetFlags]) -> [String] {
        let all: [(kind: TargetFlags, name: String, isGiven: Bool)] = [
            (.classes, "--top-k", topK > 1), (.classes, "--target-category", !categories.isEmpty),
            (.classes, "--categories", classTable != nil), (.numbers, "--against", against != nil),
            (.numbers, "--score \(score.rawValue)", score != .logit), (.others, "--target", !slices.isEmpty),
            (.others, "--target-mask", targetMask != nil), (.others, "--target-box", !targetBoxes.isEmpty),
            (.others, "--similar-to", similarTo != nil),
        ]
        return all.filter { $0.isGiven && kinds.contains($0.kind) }.map(\.name)
    }

    /// - Throws: where flags ask for targets that exclude each other.
    func checkTargets() throws(ArgumentFault) {
        let others = given([.others])
        for names in [given([.classes]), given([.numbers]), others] where names.count > 1 {
            throw .conflict(names[0], names[1])
        }
        if let other = others.first {
            // A mask and a box are of classes.
            let isOfClass = targetMask != nil || !targetBoxes.isEmpty
            let more = given([.classes, .numbers]).filter { !(isOfClass && $0 == "--target-category") }
            if let name = more.first { throw .conflict(other, name) }
        }
        if !targetBoxes.isEmpty, categories.joined().count > 1 {
            throw .conflict("--target-box", "several of --target-category")
        }
        let outputs = Set(slices.compactMap(\.name) + (slices.isEmpty ? [] : [output].compactMap { $0 }))
        if let first = outputs.min(), let last = outputs.max(), first != last {
            throw .conflict("output '\(first.elided(to: 40))'", "output '\(last.elided(to: 40))'")
        }
    }

    /// - Throws: where copies of the photo are averaged, in which a target's places are others.
    func checkCopies(of classifier: Classifier) throws(ArgumentFault) {
        if augSmooth, shown.contains(.map), classifier.graph.hasPlaces {
            throw .conflict("--aug-smooth", "a target of places in the photo")
        }
        if augSmooth, classifier.preprocessing.takesSignals {
            throw .conflict("--aug-smooth", "signals, which are others when they are played backwards,")
        }
    }
}

extension Classifier {
    func index(of category: Arguments.Category) throws(ChoiceError) -> Int {
        switch category {
        case .index(let index): try self.category(index)
        case .label(let label): try self.category(labelled: label)
        }
    }
}

extension Explainer {
    /// The numbers that an output is compared with: those of an `.npy` file, or the network's own of a photo, which is
    /// an `.npy` file, too, where the network takes arrays alone and the file has not as many numbers as the output.
    func reference(_ path: String, _ arguments: Arguments) throws -> [Float] {
        if path.lowercased().hasSuffix(".npy") {
            let numbers = try NumberArray(contentsOf: path).values
            let isPhoto = classifier.preprocessing.takesArraysAlone && numbers.count != classifier.graph.numbers
            if !isPhoto { return numbers }
        }
        return try numbers(of: Photo(path: path, name: nil).named(arguments, classifier.preprocessing))
    }
}

extension Photo {
    /// Its pixels.
    ///
    /// - Throws: the fault with the path.
    fileprivate func named(_ arguments: Arguments, _ preprocessing: Preprocessing) throws(ImageError) -> Image {
        do throws(ImageError) { return try image(arguments, for: preprocessing) } catch {
            throw .file(path: path, error)
        }
    }
}
