import Imaging
import Network

/// A photo's scores, and what they are of: all that a choice of targets asks for.
struct TargetChoice {
    let classifier: Classifier
    /// All classes, best first.
    let scores: [ClassScore]
    /// Whose they are, and where the network's input lies on the photo; nil: no photo is there yet.
    var photo: (image: RecordedImage, placement: Placement)?

    /// - Throws: `ChoiceError` where a class or a number is not there.
    func targets(_ targets: Explainer.Targets) throws(ChoiceError) -> [PhotoTarget] {
        switch targets {
        case .top(let count, let number):
            if scores.isEmpty { throw .noClasses }
            // A class that wins no pixel, or has no box, is none of the best.
            let isDense = photo != nil && [.share, .box].contains(classifier.graph.probability)
            var candidates = (isDense ? scores.filter { $0.probability > 0 } : scores)[...]
            if isDense, candidates.isEmpty { candidates = scores.prefix(1) }
            // No class speaks against itself.
            if case .against(let other) = number { candidates = candidates.filter { $0.index != other }[...] }
            return try self.targets(candidates.prefix(count).map(\.index), number)
        case .classes(let indices, let number): return try self.targets(indices, number)
        case .labels(let labels, let number):
            var indices: [Int] = []
            for label in labels { indices.append(try classifier.category(labelled: label)) }
            return try self.targets(indices, number)
        case .pixels(let mask, let classes): return try self.targets(under: mask, of: classes)
        case .boxes(let boxes, let category): return try self.targets(of: boxes, category)
        case .slices(let slices):
            var targets: [PhotoTarget] = []
            for slice in slices { targets.append(try target(slice, PhotoTarget.key(targets.count))) }
            return targets
        case .parts(let targets): return targets
        case .similarity(let reference, let name):
            let shape = classifier.graph.values[classifier.graph.logits].shape
            guard reference.count == shape.count else {
                throw .reference(name, numbers: reference.count, output: classifier.graph.output.name, shape)
            }
            guard reference.allSatisfy(\.isFinite), reference.contains(where: { $0 != 0 }) else {
                throw .noDirection(name)
            }
            return [
                PhotoTarget(
                    name: "similarity to \(name)", key: PhotoTarget.key(0), kind: .similarity, score: nil,
                    target: .similarity(reference))
            ]
        }
    }

    private func target(_ slice: OutputSlice, _ key: String) throws(ChoiceError) -> PhotoTarget {
        let graph = classifier.graph
        return PhotoTarget(
            name: (slice.name ?? graph.output.name) + slice.rest, key: key, kind: slice.kind, score: nil,
            target: try slice.target(in: graph.values[graph.logits].shape, most: graph.limits.memory.bytes / 16))
    }

    private func targets(_ indices: [Int], _ number: Explainer.ClassNumber) throws(ChoiceError) -> [PhotoTarget] {
        var targets: [PhotoTarget] = []
        for index in indices { targets.append(try target(try classifier.category(index), number)) }
        return targets
    }

    private func target(_ index: Int, _ number: Explainer.ClassNumber) throws(ChoiceError) -> PhotoTarget {
        guard let score = scores.first(where: { $0.index == index }) else { throw .noClasses }
        let name = score.name
        func target(_ name: String, _ kind: PhotoTarget.Kind, _ target: Target) -> PhotoTarget {
            PhotoTarget(name: name, key: "\(index)", kind: kind, score: score, target: target)
        }
        switch number {
        case .logit:
            switch (classifier.graph.form, photo) {
            case (.pixels(let form), let photo?):
                return target(name, .pixels, try photo.image.target(of: index, named: name, form))
            case (.boxes(let form), let photo?):
                guard let box = form.best(in: photo.image.logits, of: index) else { throw .winsNothing(name, "box") }
                return self.target(box, photo.placement, key: "\(index)")
            default: return target(name, .logit, .logit(index))
            }
        case .probability:
            return target("probability of \(name)", .probability, .probability(index, try link("probability")))
        case .rest: return target("ReST of \(name)", .rest, .rest(index, try link("ReST")))
        case .against(let other):
            let other = try classifier.category(other)
            if [.share, .box].contains(classifier.graph.probability) { throw .ofClassifiersAlone("difference") }
            guard other != index else { throw .againstItself(name) }
            let otherName = scores.first { $0.index == other }!.name
            return target("\(name) against \(otherName)", .difference, .difference(index, other))
        }
    }

    /// How the classes' probabilities are made of the logits.
    private func link(_ number: String) throws(ChoiceError) -> Link {
        switch classifier.graph.probability {
        case .softmax: return .softmax
        case .sigmoid: return .sigmoid
        case .share, .box: throw .ofClassifiersAlone(number)
        case .output, .number: throw .notOfLogits(number)
        }
    }
}

extension Classifier {
    /// Looks at a choice of targets before a photo is there.
    ///
    /// - Returns: the same, with parts of the output looked up, which are the same of every photo.
    /// - Throws: why it is none of this network, whatever the photo.
    @discardableResult
    public func check(_ targets: Explainer.Targets) throws(ChoiceError) -> Explainer.Targets {
        let hasClasses = graph.form.hasClasses || graph.isRow, indices = 0..<(hasClasses ? graph.classes : 0)
        let scores = indices.map { ClassScore(index: $0, label: labels?[$0], logit: 0, probability: 0) }
        let found = try TargetChoice(classifier: self, scores: scores).targets(targets)
        return if case .slices = targets { .parts(found) } else { targets }
    }
}

extension Graph {
    /// Whether the numbers that are explained lie over the photo: as pixels, as boxes, or in several axes.
    public var hasPlaces: Bool {
        switch form {
        case .pixels, .boxes: true
        case .classes, .embedding, .numbers: !isRow
        }
    }

    /// Whether what is explained is a row: [1, numbers], or [1, numbers, 1, 1].
    var isRow: Bool { values[logits].shape.isRow }
}
