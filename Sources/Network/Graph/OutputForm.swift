/// What the numbers are that are explained.
public enum OutputForm: Sendable, Hashable {
    /// One a class; or a row that a user names, each of its numbers counting as a class.
    case classes
    /// One a class and place of the photo: a segmentation.
    case pixels(PixelForm)
    /// Boxes, each with a number a class: a detector's.
    case boxes(BoxForm)
    /// A row whose direction alone means something.
    case embedding
    /// Any others.
    case numbers

    /// Whether they are scores of classes, of a photo, its pixels or boxes.
    public var hasClasses: Bool {
        switch self {
        case .classes, .pixels, .boxes: true
        case .embedding, .numbers: false
        }
    }
}

/// An output of a file, and what its numbers are.
public struct OutputOffer: Sendable, Equatable {
    /// As the file names it.
    public let name: String
    /// Of one image.
    public let shape: Shape
    /// By which it can be explained.
    public let form: OutputForm
}

/// What a user wants of an output, which decides what is taken for it where none is named.
public enum OutputUse: Sendable, Hashable {
    /// Scores of classes, of a photo, its pixels or boxes.
    case scores
    /// Numbers of pixels.
    case pixels
    /// Scores of boxes.
    case boxes
    /// An embedding, as it stands.
    case similarity
    /// A part of any tensor's numbers, as they stand.
    case slice
}

/// How a segmentation's numbers lie, row-major.
public struct PixelForm: Sendable, Hashable {
    /// How many classes are scored: two where there is one number, y, a pixel, with y > 0 where the second, the
    /// foreground, wins.
    public let classes: Int
    /// The output's own grid, over the network's input.
    public let height, width: Int
    /// [height, width, classes], else [classes, height, width].
    public let isChannelsLast: Bool
    /// Whether there is one number a pixel for two classes: the first has -y, the second y.
    public let isBinary: Bool

    /// How many pixels.
    public var area: Int { height * width }
    /// Numbers a pixel.
    var channels: Int { isBinary ? 1 : classes }

    /// Where the number of a class and pixel stands; see `sign`.
    public func place(of category: Int, at pixel: Int) -> Int {
        let channel = isBinary ? 0 : category
        return isChannelsLast ? pixel * channels + channel : channel * area + pixel
    }

    /// What a number is multiplied by to be the class's: -1 for the background of a binary segmentation.
    public func sign(of category: Int) -> Float { isBinary && category == 0 ? -1 : 1 }
}

/// How a detector's boxes lie, row-major: of each, four numbers that say where it is, perhaps one that says whether
/// there is anything, and one a class.
public struct BoxForm: Sendable, Hashable {
    /// What the numbers of classes are.
    public enum Score: Sendable, Hashable {
        /// The score, or its logit where some are beyond 0..1.
        case own
        /// The logit of a softmax over the classes and, after them, no object.
        case softmaxWithNothing
    }

    /// What a box's first four numbers are.
    public enum Sides: Sendable, Hashable {
        /// x and y of the centre, width and height.
        case centreAndSize
        /// x and y of the upper left corner, then of the lower right one.
        case corners
    }

    /// How many boxes, most of them of nothing.
    public let count: Int
    /// How many classes are scored.
    public let classes: Int
    /// Of each box, in the row.
    public let numbers: Int
    /// [numbers, count], else [count, numbers].
    public let isTransposed: Bool
    /// Whether the fifth number says how sure it is that there is anything, which the class's score is multiplied by.
    public let hasObjectness: Bool
    /// What its first four numbers are.
    public let sides: Sides
    /// What its numbers of classes are.
    public let score: Score
    /// What the first four are multiplied by to be pixels of the network's input.
    public let scaleX, scaleY: Float

    /// The place of a box's number among all of the row.
    public func place(_ number: Int, of box: Int) -> Int {
        isTransposed ? number * count + box : box * numbers + number
    }

    /// The place of a box's number of a class.
    public func place(ofClass category: Int, of box: Int) -> Int {
        place(4 + (hasObjectness ? 1 : 0) + category, of: box)
    }
}
