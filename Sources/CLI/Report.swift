import ActivationMaps
import Network
import Platform

/// What came of one photo, to be printed as text or as one JSON object.
struct Report {
    struct Class: Equatable {
        let index: Int
        /// nil where the model has no labels.
        let label: String?
        /// What the network says of the class, see `scores`.
        let score: Float
        /// nil of a segmentation or a detector, whose classes have numbers at every pixel or box.
        let logit: Float?
    }

    /// What was explained: a class, or any other number of the network's.
    struct Target: Equatable {
        let name: String
        /// See `PhotoTarget.Kind`.
        let kind: String
        let value: Float
        /// nil where it is no class's.
        let category: Int?
    }

    /// A part of what the layer holds, named by the class that it speaks for.
    struct Concept: Equatable {
        let index: Int
        let label: String?
        /// What the network says of the class where the concept alone is there, see `Scores.ofConcepts`.
        let score: Float
        /// Of the network's input, 0..1.
        let share: Float
    }

    struct Scores: Equatable {
        /// `softmax` or `sigmoid` of the logits, the network's own `output`, one a class, its one `number`, the `share`
        /// of pixels that a class wins, or the score of its best `box`.
        let kind: String
        /// Whether they are of 0..1.
        let isFraction: Bool

        /// A score as people read it.
        func text(_ score: Float) -> String {
            isFraction ? fixed(100 * score, digits: 2) + " %" : fixed(score, digits: 2)
        }

        /// Whether a class has one logit.
        var haveLogits: Bool { !["share", "box"].contains(kind) }

        /// Those of concepts: logits where the network says its scores itself.
        var ofConcepts: Scores {
            ["softmax", "sigmoid", "share", "box"].contains(kind) ? self : Scores(kind: "logit", isFraction: false)
        }
    }

    /// Of the objects that `--json` prints: raised where a field changes its meaning or goes away, not where one is
    /// added.
    static let schema = 1

    let input: String
    let model: String
    /// nil where nothing is printed for machines.
    let identity: NetworkIdentity?
    /// As `--target-layer` takes it; `input` where no map is of a layer.
    let layer: String
    /// Those that were asked for, by name.
    let methods: [String]
    /// The output whose numbers the scores are, and what they are.
    let output: String
    let scores: Scores
    /// What the network was fed, and who said so.
    let preprocessing: JSON
    /// What the inputs besides the photo were fed.
    var inputs: [Arguments.Input] = []
    /// With what it was computed.
    var computations: [Computation] = []
    /// Of the first photo, where a precision was asked for.
    var precisionLoss: PrecisionLoss?
    /// The best classes, best first, whether explained or not.
    let top: [Class]
    /// The explained classes.
    let classes: [Class]
    /// What was explained of them, or of other numbers.
    var targets: [Target]
    /// The largest first; empty where they were not asked for.
    var concepts: [Concept] = []
    let files: [String]
    /// nil where none were saved.
    var maps: SavedMaps?
    /// Boxes and masks of the maps; empty where they were not asked for.
    var regions: [Region] = []
    /// What the maps are judged by, with its settings; empty where they are not.
    var metrics: [MetricInfo] = []
    /// What metrics say of the maps, those of a target one after another; empty where they were not asked for.
    var judgements: [Judgement] = []
    /// In milliseconds, in the order in which they passed.
    let timings: [(name: String, milliseconds: Float)]
    /// What the user should know about the maps, such as an all-zero one; mostly empty.
    let diagnosis: [String]
    /// What the user should know about the layers, which is said once a run.
    var remarks: [String] = []
    /// How the maps were made, where methods tell, such as how complete an attribution is.
    var notes: [String] = []

    var json: JSON {
        .object(
            Self.beginning + [
                ("input", .string(input)), ("model", .string(model)),
                ("model_sha256", identity.map { .string($0.sha256) } ?? .null),
                ("model_data", identity?.dataJSON ?? .null),
                ("layer", .string(layer)), ("methods", .array(methods.map(JSON.string))),
                ("output", .string(output)), ("scores", .string(scores.kind)), ("preprocessing", preprocessing),
                ("inputs", .array(inputs.map(Self.json))),
                // Where the CPU did some of a card's work in float32, the card's tells how exact it is.
                ("precision", .string((computations.first?.precision ?? .float32).rawValue)),
                ("kernels", .string(computations.map(\.kernelName).joined(separator: "+"))),
                ("precision_loss", precisionLoss.map(Self.json) ?? .null),
                ("targets", .array(targets.map(Self.json))),
                ("classes", .array(classes.map(Self.json))), ("top", .array(top.map(Self.json))),
                ("concepts", .array(concepts.map(Self.json))),
                ("files", .array(files.map(JSON.string))), ("map", maps?.json ?? .null),
                ("regions", .array(regions.map(\.json))), ("metrics", .array(metrics.map(Self.json))),
                ("judgements", .array(judgements.map(Self.json))),
                ("timings", .object(timings.map { ($0.name, .number($0.milliseconds)) })),
                ("diagnosis", .array((remarks + diagnosis + notes).map(JSON.string))),
            ])
    }

    private static func json(_ loss: PrecisionLoss) -> JSON {
        .object([
            ("scores", .number(loss.scores)), ("map", loss.map.map(JSON.number) ?? .null),
            ("same_best", .boolean(loss.keepsBest)),
        ])
    }

    private static func json(_ input: Arguments.Input) -> JSON {
        .object([("name", .string(input.name)), ("fed", .string(input.fed))])
    }

    static func json(failed path: String, _ reason: String) -> JSON {
        .object(beginning + [("input", .string(path)), ("error", .string(reason))])
    }

    /// What every object begins with.
    static let beginning: [(String, JSON)] = [
        ("schema", .integer(schema)), ("version", .string(Vocabulary.version)),
    ]

    /// The photo, its best classes and the explained ones (marked by a star), targets that are no logits, then the files; diagnoses go to standard
    /// error.
    var text: String {
        let rows = (top + classes.filter { !top.contains($0) }).map { entry in
            [
                classes.contains(entry) ? "*" : "",
                scores.text(entry.score),
            ] + (scores.haveLogits ? [fixed(entry.logit ?? .nan, digits: 2)] : []) + [
                "\(entry.index)", Messages.listed(entry.label ?? ""),
            ]
        }
        let header = ["", "score"] + (scores.haveLogits ? ["logit"] : []) + ["class"]
        let list = rows.isEmpty ? [] : [table([header] + rows, right: Set(1..<header.count))]
        let numbers = targets.filter { !$0.isLogit }.map { [fixed($0.value, digits: 4), Messages.listed($0.name)] }
        let targetList = numbers.isEmpty ? [] : [table([["value", "target"]] + numbers, right: [0])]
        let head = input.visible + "  (\(Messages.listed(model)), \(Messages.listed(layer)))"
        let parts = concepts.enumerated().map { place, concept in
            [
                "\(place + 1)", fixed(100 * concept.share, digits: 0) + " %", scores.ofConcepts.text(concept.score),
                "\(concept.index)", Messages.listed(concept.label ?? ""),
            ]
        }
        let conceptList =
            parts.isEmpty ? [] : [table([["concept", "share", "score", "class"]] + parts, right: [0, 1, 2, 3])]
        let lines =
            list + targetList + conceptList + Self.text(judgements) + Self.settings(metrics) + regions.map(\.text)
        return ([head] + lines + files.map { "-> " + $0.visible }).joined(separator: "\n")
    }

    /// What came of the photo in one line: what was explained, and how long it took.
    var line: String {
        let explained = targets.map { target in
            let score = target.isLogit ? classes.first { $0.index == target.category }?.score : nil
            return "\(target.name.elided(to: 40)) \(score.map(scores.text) ?? fixed(target.value, digits: 4))"
        }
        let stages = timings.map { "\($0.name) \(fixed($0.milliseconds, digits: 0))" }.joined(separator: ", ")
        let whole = timings.reduce(0) { $0 + $1.milliseconds }
        return "\(input): \(explained.joined(separator: ", "))  \(fixed(whole, digits: 0)) ms (\(stages))"
    }

    private static func json(_ concept: Concept) -> JSON {
        .object([
            ("index", .integer(concept.index)), ("label", concept.label.map(JSON.string) ?? .null),
            ("score", .number(concept.score)), ("share", .number(concept.share)),
        ])
    }

    private static func json(_ target: Target) -> JSON {
        .object([
            ("name", .string(target.name)), ("kind", .string(target.kind)), ("value", .number(target.value)),
            ("class", target.category.map(JSON.integer) ?? .null),
        ])
    }

    private static func json(_ entry: Class) -> JSON {
        .object([
            ("index", .integer(entry.index)), ("label", entry.label.map(JSON.string) ?? .null),
            ("score", .number(entry.score)), ("logit", entry.logit.map(JSON.number) ?? .null),
        ])
    }
}

extension Report.Class {
    init(_ score: ClassScore, _ scores: Report.Scores) {
        self.init(
            index: score.index, label: score.label, score: score.probability,
            logit: scores.haveLogits ? score.logit : nil)
    }
}

extension Report.Target {
    init(_ explained: Explanation.Explained) {
        self.init(
            name: explained.name, kind: explained.photoTarget.kind.rawValue, value: explained.value,
            category: explained.score?.index)
    }

    var isLogit: Bool { kind == PhotoTarget.Kind.logit.rawValue }
}

extension Report.Concept {
    init(_ concept: Concept) {
        self.init(index: concept.index, label: concept.label, score: concept.score, share: concept.share)
    }

    var name: String { label.map { "\(index) \($0)" } ?? "class \(index)" }
}

extension Report.Scores {
    init(_ probability: Probability) {
        self =
            switch probability {
            case .softmax: .init(kind: "softmax", isFraction: true)
            case .sigmoid: .init(kind: "sigmoid", isFraction: true)
            case .output(_, let isFraction): .init(kind: "output", isFraction: isFraction)
            case .number: .init(kind: "number", isFraction: false)
            case .share: .init(kind: "share", isFraction: true)
            case .box: .init(kind: "box", isFraction: true)
            }
    }
}
