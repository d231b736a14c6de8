import Imaging

extension Explainer {
    /// What to explain of a photo.
    public enum Targets: Sendable {
        /// The photo's best-scoring classes.
        case top(Int, by: ClassNumber = .logit)
        /// These classes, by index.
        case classes([Int], by: ClassNumber = .logit)
        /// These classes, by (a unique part of) their labels.
        case labels([String], by: ClassNumber = .logit)
        /// Of a segmentation, these classes' numbers over a mask, as large as the photo or the output; of none given,
        /// the class that wins the most pixels of the mask.
        case pixels(Mask, of: [Int])
        /// Of a detector, the sum of some boxes' numbers of a class; nil: of each one's best.
        case boxes([BoxChoice], of: Int?)
        /// Parts of the output, each by itself.
        case slices([OutputSlice])
        /// The same, looked up in the output by `Classifier.check`.
        case parts([PhotoTarget])
        /// How alike the output is to a reference of as many numbers, which people know by a name.
        case similarity([Float], to: String)
    }

    /// Which of a detector's boxes is explained.
    public enum BoxChoice: Sendable, Equatable {
        /// The one of this number among the network's.
        case index(Int)
        /// The one that overlaps the most with a rectangle of the photo, by intersection over union.
        case over(Rectangle)
    }

    /// Which number of a class is explained.
    public enum ClassNumber: Sendable, Equatable {
        /// Its logit.
        case logit
        /// What the network says of it: the softmax or sigmoid of its logit.
        case probability
        /// Its logit minus its cross entropy.
        case rest
        /// Its logit minus another class's.
        case against(Int)
    }
}

extension Explainer.Targets {
    /// The classes, where they do not depend on the photo and are given by index; else nil.
    public var classes: [Int]? {
        switch self {
        case .classes(let indices, _): indices
        case .pixels(_, let indices): indices.isEmpty ? nil : indices
        case .boxes(_, let index): index.map { [$0] }
        case .top, .labels, .slices, .parts, .similarity: nil
        }
    }

    /// The class that others are explained against; nil where there is none.
    public var against: Int? {
        switch self {
        case .top(_, .against(let index)), .classes(_, .against(let index)), .labels(_, .against(let index)): index
        default: nil
        }
    }

    /// Whether they are of classes, and not of any numbers of an output.
    var areOfClasses: Bool {
        switch self {
        case .top, .classes, .labels, .pixels, .boxes: true
        case .slices, .parts, .similarity: false
        }
    }

    /// What tells a photo's targets apart, as `PhotoTarget.key`; nil where only the photo tells.
    public var keys: [String]? {
        switch self {
        case .top, .labels, .pixels(_, of: []): nil
        case .classes(let indices, _), .pixels(_, let indices): indices.map(String.init)
        case .slices(let slices): slices.indices.map(PhotoTarget.key)
        case .parts(let targets): targets.map(\.key)
        case .boxes, .similarity: [PhotoTarget.key(0)]
        }
    }
}

/// What is explained of one photo.
public struct PhotoTarget: Sendable {
    /// What kind of number it is.
    public enum Kind: String, Sendable, CaseIterable {
        /// Of a class.
        case logit, probability, rest, difference
        /// Of a class, the sum of its numbers over pixels, or the number of its box.
        case pixels, box
        /// Of a part of the output.
        case number, sum, mean, max
        /// Of an embedding.
        case similarity

        /// Whether it is how strongly a photo speaks for a class by itself.
        public var isScore: Bool { [.logit, .probability, .pixels, .box].contains(self) }
    }

    /// As people read it: `243 bull mastiff`, `243 bull mastiff against 254 pug`, `output[0,3,:,:].sum`.
    public let name: String
    /// Short, of letters and digits, and another one for each target of a photo: the class's index, where it is one's,
    /// else `target1` and so on.
    public let key: String
    /// What kind of number it is.
    public let kind: Kind
    /// The class, and how strongly the photo speaks for it; nil where the target is no class's.
    public let score: ClassScore?
    /// The number.
    public let target: Target

    static func key(_ place: Int) -> String { "target\(place + 1)" }
}
