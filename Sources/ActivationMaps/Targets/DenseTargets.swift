import Imaging
import Network

/// Targets of segmentations and detectors, which a photo's numbers decide.
extension TargetChoice {
    /// A class's numbers summed over the pixels of a mask, one target a class.
    ///
    /// - Parameter classes: empty: the class that wins the most of the pixels.
    func targets(under mask: Mask, of classes: [Int]) throws(ChoiceError) -> [PhotoTarget] {
        guard case .pixels(let form) = classifier.graph.form else { throw .noClasses }
        for category in classes { _ = try classifier.category(category) }
        guard let photo else { return [] }
        let pixels = try pixels(under: mask, form, photo.placement)
        var classes = classes
        if classes.isEmpty {
            let winners = photo.image.pixelClasses(form).winners
            var counts = [Int](repeating: 0, count: form.classes)
            for pixel in pixels where winners[pixel] >= 0 { counts[Int(winners[pixel])] += 1 }
            classes = [counts.indices.max { (counts[$0], $1) < (counts[$1], $0) } ?? 0]
        }
        return classes.map { category in
            let score = scores.first { $0.index == category }, places = pixels.map { form.place(of: category, at: $0) }
            return PhotoTarget(
                name: "\(score?.name ?? "class \(category)") under the mask", key: "\(category)", kind: .pixels,
                score: score, target: .sum(places, scale: form.sign(of: category)))
        }
    }

    /// The pixels of the output's grid whose centres lie in a mask, which is the photo's size or the grid's own.
    private func pixels(under mask: Mask, _ form: PixelForm, _ place: Placement) throws(ChoiceError) -> [Int] {
        let isOfPhoto = mask.width == place.photoWidth && mask.height == place.photoHeight
        guard isOfPhoto || mask.width == form.width && mask.height == form.height else {
            throw .maskSize(
                "\(mask.width) x \(mask.height)", photo: "\(place.photoWidth) x \(place.photoHeight)",
                output: "\(form.width) x \(form.height)")
        }
        let pixels = (0..<form.area).filter { pixel in
            let (x, y) = (pixel % form.width, pixel / form.width)
            guard isOfPhoto else { return mask.contains(x, y) }
            let across = place.x + (Double(x) + 0.5) / Double(form.width) * place.width
            let down = place.y + (Double(y) + 0.5) / Double(form.height) * place.height
            guard across >= 0, down >= 0, across < Double(mask.width), down < Double(mask.height) else { return false }
            return mask.contains(Int(across), Int(down))
        }
        guard !pixels.isEmpty else { throw .emptyMask }
        return pixels
    }

    /// The sum of some boxes' numbers of a class, each box once.
    ///
    /// - Parameter category: nil: each box's best.
    func targets(of boxes: [Explainer.BoxChoice], _ category: Int?) throws(ChoiceError) -> [PhotoTarget] {
        guard case .boxes(let form) = classifier.graph.form else { throw .noClasses }
        let category = try category.map { category throws(ChoiceError) in try classifier.category(category) }
        for case .index(let index) in boxes where !(0..<form.count).contains(index) {
            throw .boxOutOfRange(index, count: form.count)
        }
        guard let photo else { return [] }
        var found: [Box] = []
        for choice in boxes {
            let box: Box? =
                switch choice {
                case .index(let index): form.box(index, of: category, in: photo.image.logits)
                case .over(let rectangle):
                    form.best(
                        in: photo.image.logits, of: category,
                        overlapping: .init(rectangle, photo.placement, classifier.graph.inputShape))
                }
            guard let box else { throw .noBox }
            if !found.contains(box) { found.append(box) }
        }
        let targets = found.map { target($0, photo.placement, key: PhotoTarget.key(0)) }
        if targets.count == 1 { return targets }
        return [
            PhotoTarget(
                name: targets.map(\.name).joined(separator: " + "), key: PhotoTarget.key(0), kind: .box,
                score: Set(found.map(\.category)).count == 1 ? targets[0].score : nil,
                target: .sum(found.map(\.place)))
        ]
    }

    /// - Parameter place: of the network's input on the photo.
    func target(_ box: Box, _ place: Placement, key: String) -> PhotoTarget {
        let score = ClassScore(
            index: box.category, label: classifier.labels?[box.category], logit: photo!.image.logits[box.place],
            probability: box.score)
        let (width, height) = (classifier.graph.inputShape[3], classifier.graph.inputShape[2])
        func across(_ x: Double) -> Int { rounded(place.x + x / Double(width) * place.width) }
        func down(_ y: Double) -> Int { rounded(place.y + y / Double(height) * place.height) }
        let r = box.rectangle
        let corners = "\(across(r.x0)),\(down(r.y0)),\(across(r.x1)),\(down(r.y1))"
        return PhotoTarget(
            name: "\(score.name) in box \(box.index) at \(corners)", key: key, kind: .box,
            score: score, target: .sum([box.place]))
    }

    private func rounded(_ number: Double) -> Int { Int(exactly: number.rounded()) ?? 0 }
}

extension Rectangle {
    /// A rectangle of the photo, in pixels of the network's input.
    fileprivate init(_ rectangle: Rectangle, _ place: Placement, _ input: Shape) {
        func across(_ x: Double) -> Double { (x - place.x) / place.width * Double(input[3]) }
        func down(_ y: Double) -> Double { (y - place.y) / place.height * Double(input[2]) }
        self.init(x0: across(rectangle.x0), y0: down(rectangle.y0), x1: across(rectangle.x1), y1: down(rectangle.y1))
    }
}
