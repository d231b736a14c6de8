import Network

/// Walks back from the targets of some images, one each, whose pass is one: what one of them asks for is computed for
/// all that share it.
final class SharedWalks {
    private struct Question: Hashable { let values: [ValueID], rule: RectifierRule }

    /// In the order of their places in the pass.
    private let members: [(image: RecordedImage, target: Target)]
    /// What was computed for a member's image, and has not been asked for yet.
    private var waiting: [Question: [ObjectIdentifier: [Tensor]]] = [:]

    /// - Parameter members: all images of a pass, or one.
    init(_ members: [(image: RecordedImage, target: Target)]) { self.members = members }

    /// dY by some values, each of its value's shape.
    func gradients(of image: RecordedImage, at values: [ValueID], _ rule: RectifierRule) throws(NetworkError)
        -> [Tensor]
    {
        let question = Question(values: values, rule: rule)
        if let known = waiting[question]?.removeValue(forKey: ObjectIdentifier(image)) { return known }
        let run = try image.run(recording: Recording(gradients: Set(values)))
        // Who asks again, or runs by itself meanwhile, walks alone.
        let isFirst = waiting.updateValue(waiting[question] ?? [:], forKey: question) == nil
        let walking = members.filter { $0.image === image || isFirst && $0.image.isBeside(image) }
        let first = walking[0].image.place
        let found = try run.gradients(
            walking.map { $0.target.cotangent($0.image.logits) }, of: first..<first + walking.count, at: values,
            rule: rule)
        for (member, gradients) in zip(walking, found) where member.image !== image {
            waiting[question]![ObjectIdentifier(member.image)] = gradients
        }
        return found[image.place - first]
    }
}
