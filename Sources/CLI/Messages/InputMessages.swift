import ActivationMaps
import Imaging
import Platform

/// What is said of the pixels that a network is fed, and by whom it was told.
extension Messages {
    /// What a run begins with: what is fed, and where labels come from that the network does not bring itself.
    static func feeding(_ classifier: Classifier, _ inputs: [Arguments.Input] = []) -> String {
        "feeding " + fed(classifier.input) + beside(classifier, inputs)
            + (classifier.labelsOrigin.map { "; labels (\($0))" } ?? "")
    }

    /// What the inputs besides the photo are fed.
    private static func beside(_ classifier: Classifier, _ inputs: [Arguments.Input]) -> String {
        let told = inputs.map { input in
            let isPicture = classifier.further[input.name]?.isPicture ?? false
            return "\(listed(input.name)) \(input.fed.elided())" + (isPicture ? " (fed as the photo is)" : "")
        }
        return told.isEmpty ? "" : "; beside the photo " + told.joined(separator: "; ")
    }

    /// Size, resize, values and order, each with its source; what one source told stands together.
    static func fed(_ input: InputSpecification) -> String {
        let (p, sources) = (input.preprocessing, input.sources)
        if p.takesSignals { return signals(p, sources) }
        let numbers =
            p.takesArraysAlone ? arrays(p) : values(p) + (input.assumed.count == 2 ? " as ImageNet's" : "")
        var parts = [
            ("\(p.width)x\(p.height)", "\(sources.size)"),
            (numbers, sources.values),
            (resize(p), "\(sources.resize)"), (p.interpolation.rawValue, "\(sources.interpolation)"),
        ]
        if p.channels == 3 { parts.append((p.channelOrder.rawValue, "\(sources.channelOrder)")) }
        var groups: [(parts: [String], source: String)] = []
        for (part, source) in parts {
            if let index = groups.firstIndex(where: { $0.source == source }) {
                groups[index].parts.append(part)
            } else {
                groups.append(([part], source))
            }
        }
        return groups.map { "\($0.parts.joined(separator: ", ")) (\($0.source))" }.joined(separator: "; ")
    }

    /// Of a network of signals: nothing is resized.
    private static func signals(_ p: Preprocessing, _ sources: InputSpecification.Sources) -> String {
        let length = p.takesAnyLength ? "each at its own length" : "\(count(p.width, "sample"))"
        return "signals of \(count(p.channels, "channel")), \(length) "
            + "(\(p.takesAnyLength ? "the network leaves it open" : "\(sources.size)")); \(arrays(p)) "
            + "(\(sources.values))"
    }

    static func assumed(_ values: [String]) -> String {
        let isBoth = values.count == 2
        let unknown = isBoth ? "what pixels the network wants" : "the \(values[0]) of the pixels that the network wants"
        let flags = values.map { "--" + $0 }.joined(separator: " and ")
        return "nothing tells \(unknown): ImageNet's \(values.joined(separator: " and ")) \(isBoth ? "are" : "is") "
            + "assumed; if the scores look wrong, give \(flags) (gradcam --check --image-path PHOTOS tries the usual "
            + "ones)"
    }

    /// What to know before the first photo, a sentence each.
    static func warnings(_ classifier: Classifier) -> [String] {
        (classifier.input.remarks + classifier.remarks).map(text)
            + (classifier.input.assumed.isEmpty ? [] : [assumed(classifier.input.assumed)])
    }

    private static func resize(_ p: Preprocessing) -> String {
        let size = p.scaled ?? .init(width: p.width, height: p.height)
        let extents = "\(size.width)x\(size.height)"
        return switch p.resize {
        case .squash where p.scaled == nil: "squashed"
        case .squash: "the middle of a photo squashed to \(extents)"
        case .crop where size.width == size.height: "the middle of a photo whose shorter side is \(size.width)"
        case .crop: "the middle of a photo that covers \(extents)"
        case .letterbox: p.scaled == nil ? "letterboxed" : "letterboxed in \(extents)"
        }
    }

    /// How arrays are fed.
    static func arrays(_ p: Preprocessing) -> String {
        p.arrayMean == [0] && p.arrayStd == [1]
            ? "arrays as they are" : "arrays less \(numbers(p.arrayMean)), divided by \(numbers(p.arrayStd))"
    }

    /// What is done with the numbers of an array; nil of a picture.
    static func array(_ image: Image, _ p: Preprocessing) -> String? {
        guard let (raster, shown) = image.numbers.map({ ($0.raster, $0.shown) }) else { return nil }
        let isFitting = raster.isSignal || raster.width == p.width && raster.height == p.height
        let channels =
            shown.count > 16
            ? count(shown.count, "channel")
            : "channel\(shown.count == 1 ? "" : "s") " + shown.map(String.init).joined(separator: ", ")
        return (raster.isSignal ? "\(count(raster.width, "sample")); " : "") + arrays(p)
            + (isFitting ? "" : ", resized from \(raster.width)x\(raster.height)")
            + "; shown: \(channels), each from its least number to its greatest"
    }

    /// The usual ranges by name, else the mean and the deviation.
    static func values(_ p: Preprocessing) -> String {
        func all(_ list: [Float], _ number: Float) -> Bool { list.allSatisfy { abs($0 - number) < 1e-6 } }
        if all(p.mean, 0), all(p.std, 1) { return "pixels of 0..1" }
        if all(p.mean, 0), all(p.std, 1 / 255) { return "pixels of 0..255" }
        return "mean \(numbers(p.mean)), std \(numbers(p.std))"
    }

    static func numbers(_ numbers: [Float]) -> String { InputSpecification.text(numbers) }

    // MARK: Candidates

    static let wholeNumbers = "the network takes whole numbers: what it is fed is certain, and no other way is tried"
    static let arraysAsTheyAre =
        "the network takes arrays, which are fed as they are (or by --mean and --std): no other way is tried"
    static let tooFewClasses =
        "only a classifier of three classes or more shows how it wants to be fed: look at this network's scores on photos "
        + "that you know"

    static func trials(_ trials: PreprocessingTrials) -> String {
        let rows =
            [["", "way", "flags", "the last photo as"]]
            + trials.ranked.map { trial in
                [
                    fixed(trial.prominence, digits: 2), trial.name,
                    "--mean \(numbers(trial.mean)) --std \(numbers(trial.std))"
                        + (trial.channelOrder == .bgr ? " --channel-order bgr" : ""),
                    trial.best?.name ?? "",
                ]
            }
        return
            "how clearly \(count(trials.photos, "photo")) \(trials.photos == 1 ? "is" : "are") recognised when fed "
            + "in the usual ways: the best logit's distance "
            + "from the mean of all, in deviations\n" + table(rows, right: [0]) + "\n" + advice(trials)
    }

    private static func advice(_ trials: PreprocessingTrials) -> String {
        let (first, second) = (trials.ranked[0].prominence, trials.ranked[1].prominence)
        var words = ["advice, not proof"]
        if trials.photos < 10 {
            words.append(
                "of few photos the first is often not the right way: give ten or more, of things that the network knows"
            )
        }
        if first - second < 0.02 * first { words.append("the first two are too close to tell them apart") }
        return words.joined(separator: "; ")
    }
}

extension InputSpecification {
    /// What a network is fed, whoever told it.
    var fed: [(String, JSON)] { fed(width: preprocessing.takesAnyLength ? nil : preprocessing.width) }

    /// - Parameter width: of the network's input; nil: each signal's own.
    private func fed(width: Int?) -> [(String, JSON)] {
        let p = preprocessing, length = width.map(JSON.integer) ?? .null
        let scaled = p.scaled.map { [JSON.integer($0.width), .integer($0.height)] } ?? [length, .integer(p.height)]
        return [
            ("width", length), ("height", .integer(p.height)), ("channels", .integer(p.channels)),
            ("resize", .string(p.resize.rawValue)),
            ("scaled", .array(scaled)),
            ("interpolation", .string(p.interpolation.rawValue)),
            ("mean", .array(p.mean.map(JSON.number))), ("std", .array(p.std.map(JSON.number))),
            ("channel_order", .string(p.channelOrder.rawValue)),
        ]
    }

    /// As the `preprocessing` of `--json`.
    var json: JSON { json(fed) }

    /// The same of one photo, at its own length where the network is fed that.
    func json(of image: Image) -> JSON {
        json(preprocessing.takesAnyLength ? fed(width: image.width) : fed)
    }

    private func json(_ fed: [(String, JSON)]) -> JSON {
        .object(
            fed + [
                ("assumed", .boolean(isAssumed)), ("remarks", .array(remarks.map { .string(Messages.text($0)) })),
                (
                    "sources",
                    .object([
                        ("size", .string("\(sources.size)")), ("resize", .string("\(sources.resize)")),
                        ("interpolation", .string("\(sources.interpolation)")),
                        ("values", .string(sources.values)), ("channel_order", .string("\(sources.channelOrder)")),
                    ])
                ),
            ])
    }
}

extension InputSpecification.Sources {
    /// Of mean and deviation together.
    var values: String { mean == std ? "\(mean)" : "\(mean), \(std)" }
}
