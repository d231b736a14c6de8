import Imaging
import Network
import Platform

extension Explainer {
    /// A photo with its forward pass.
    private struct Passed {
        let image: RecordedImage
        let placement: Placement
        let scores: [ClassScore]
        let targets: [PhotoTarget]
        /// The channels of an array that pictures show; nil of a picture.
        let shown: [Int]?
        var timings: [(stage: String, duration: Duration)]

        mutating func timed<R>(_ stage: String, _ body: () throws -> R) rethrows -> R {
            let start = ContinuousClock.now
            defer { timings.append((stage, ContinuousClock.now - start)) }
            return try body()
        }
    }

    /// Explains photos that share a forward pass, and a backward pass for each of their targets; where there is no
    /// memory for it, they share smaller ones, and one that there is no memory for beside the others has its own.
    func explanations(
        of photos: [Image], _ request: Request, _ targets: [Targets], _ observer: PassObserver?
    ) -> [Result<Explanation, any Error>] {
        guard !photos.isEmpty else { return [] }
        let faults = photos.map(classifier.preprocessing.fault)
        guard faults.allSatisfy({ $0 == nil }) else {
            return photos.indices.flatMap { place in
                faults[place].map { [.failure($0)] }
                    ?? explanations(of: [photos[place]], request, [targets[place]], observer)
            }
        }
        do {
            let explanations = try explained(photos, request, targets, observer)
            guard photos.count > 1 else { return explanations }
            return explanations.enumerated().map { place, found in
                guard case .failure(let error as NetworkError) = found, error.isShortage else { return found }
                return self.explanations(of: [photos[place]], request, [targets[place]], observer)[0]
            }
        } catch let error as NetworkError where error.isShortage && photos.count > 1 {
            let half = photos.count / 2
            return [0..<half, half..<photos.count].flatMap {
                explanations(of: Array(photos[$0]), request, Array(targets[$0]), observer)
            }
        } catch {
            return photos.map { _ in .failure(error) }
        }
    }

    /// Those of photos that share a pass.
    private func explained(
        _ photos: [Image], _ request: Request, _ targets: [Targets], _ observer: PassObserver?
    ) throws -> [Result<Explanation, any Error>] {
        _ = session.takeComputations()
        var request = request
        if request.layers.isEmpty, request.explainsLayers { request.layers = try classifier.layers(named: []) }
        let passed = try passed(photos, request, targets)
        let walks = Self.walks(passed.compactMap { try? $0.get() }, of: photos.count)
        let explanations = passed.map { photo in
            Result { try explanation(of: try photo.get(), request, walks, observer) }
        }
        let computations = session.takeComputations()
        return explanations.map { found in
            found.map { explanation in
                var explanation = explanation
                explanation.computations = computations
                return explanation
            }
        }
    }

    private func passed(_ photos: [Image], _ request: Request, _ targets: [Targets]) throws -> [Result<
        Passed, any Error
    >] {
        let clock = ContinuousClock(), preprocessing = classifier.preprocessing
        var inputs: [[Float]] = [], preparations: [Duration] = []
        for photo in photos {
            preparations.append(clock.measure { inputs.append(preprocessing.tensor(from: photo)) })
        }
        let start = clock.now
        let images = try RecordedImage.recorded(
            inputs, photos.map(preprocessing.feeding), recording: request.needs(of: classifier.graph).recording,
            session: session)
        let share = (clock.now - start) / photos.count
        return photos.indices.map { index in
            Result {
                let scores =
                    targets[index].areOfClasses ? try images[index].ranking(labels: classifier.labels) : []
                let placement = preprocessing.placement(of: photos[index].width, height: photos[index].height)
                let choice = TargetChoice(classifier: classifier, scores: scores, photo: (images[index], placement))
                return Passed(
                    image: images[index], placement: placement, scores: scores,
                    targets: try choice.targets(targets[index]), shown: photos[index].numbers?.shown,
                    timings: [("preprocess", preparations[index]), ("forward", share)])
            }
        }
    }

    /// The walks back of a pass, one for the first target of every photo, one for the second, and so on; none where some
    /// of its photos failed.
    private static func walks(_ photos: [Passed], of all: Int) -> [SharedWalks] {
        guard photos.count == all, let least = photos.map(\.targets.count).min() else { return [] }
        return (0..<least).map { number in SharedWalks(photos.map { ($0.image, $0.targets[number].target) }) }
    }

    private func explanation(
        of photo: Passed, _ request: Request, _ walks: [SharedWalks], _ observer: PassObserver?
    ) throws -> Explanation {
        var photo = photo
        let (image, placement, shown) = (photo.image, photo.placement, photo.shown)
        let subjects = photo.targets.enumerated().map { number, target in
            Subject(
                image, target.target, layers: request.layers, options: request.options,
                walks: number < walks.count ? walks[number] : nil)
        }
        let guided = try photo.timed("guided") { try request.guided ? subjects.map { try self.guided($0, shown) } : [] }
        let maps = try photo.timed("maps") {
            request.augSmooth
                ? try augmentedMaps(subjects, request, observer) : try self.maps(subjects, request, observer)
        }
        let concepts = try request.concepts.map { count in
            try photo.timed("concepts") {
                try Subject(image, .logit(0), layers: request.layers, options: request.options)
                    .concepts(count, labels: classifier.labels, placement: placement)
            }
        }
        let judgements =
            try !request.judges
            ? []
            : photo.timed("metrics") {
                try zip(subjects, maps).map { subject, maps in
                    try self.judgements(subject, maps, request, placement, observer) { subject, request in
                        try request.augSmooth
                            ? self.augmentedMaps([subject], request, nil)[0] : self.maps([subject], request, nil)[0]
                    }
                }
            }
        let explained = subjects.indices.map { number in
            Explanation.Explained(
                photoTarget: photo.targets[number], value: subjects[number].score,
                maps: zip(request.methods, maps[number]).map { $1.finished(method: $0.name, placement: placement) },
                guided: guided.isEmpty ? nil : guided[number],
                judgements: judgements.isEmpty ? [] : judgements[number])
        }
        return Explanation(
            scores: photo.scores, explained: explained, concepts: concepts ?? [], layers: request.layers,
            placement: placement, timings: photo.timings)
    }

    /// - Parameter shown: the channels of an array that pictures show; nil of a picture.
    private func guided(_ subject: Subject, _ shown: [Int]?) throws -> GuidedGradient {
        guard case .input(let map) = try Request.guidance.explain(subject) else {
            preconditionFailure("a gradient at the input is one")
        }
        let isSignal = subject.preprocessing.takesSignals
        let colours = shown ?? (map.channels < 3 ? [0] : [0, 1, 2])
        return GuidedGradient(
            map, channels: shown == nil && subject.preprocessing.channelOrder == .bgr ? colours.reversed() : colours,
            isSignal: isSignal)
    }

    /// One map a subject and method; those that are the same for all targets are made once.
    private func maps(
        _ subjects: [Subject], _ request: Request, _ observer: PassObserver?
    ) throws -> [[UnplacedMap]] {
        let normalise = Normalise(fusion: request.fusion, isSigned: request.isSigned)
        var shared: [Int: UnplacedMap] = [:]
        return try subjects.map { subject in
            try request.methods.enumerated().map { index, method in
                if let map = shared[index] { return map }
                subject.observer = observer.map { observer in { observer(method.name, $0, $1) } }
                let map = try UnplacedMap(
                    try method.explain(subject), eigenSmooth: request.eigenSmooth, normalise: normalise,
                    of: classifier.graph)
                if method.isClassBlind { shared[index] = map }
                return map
            }
        }
    }

    /// The mean of six maps: of the input and its mirror image, each times 0.9, 1 and 1.1; mirrored back, not scaled
    /// again.
    private func augmentedMaps(
        _ subjects: [Subject], _ request: Request, _ observer: PassObserver?
    ) throws -> [[UnplacedMap]] {
        guard let first = subjects.first else { return [] }
        let width = classifier.graph.inputShape[3]
        let recording = request.needs(of: classifier.graph, methods: request.methods).recording
        var variants: [[[UnplacedMap]]] = []
        for mirrors in [false, true] {
            for factor: Float in [0.9, 1, 1.1] {
                let variant = (mirrors ? mirrored(first.input, width: width) : first.input).map { $0 * factor }
                let image = try first.image.besides { () throws(NetworkError) in
                    try RecordedImage.recorded(
                        [variant], [first.preprocessing], recording: recording, session: first.image.session)[0]
                }
                let copies = subjects.map { Subject(image, $0.target, layers: $0.layers, options: request.options) }
                let maps = try self.maps(copies, request, observer)
                variants.append(mirrors ? maps.map { $0.map { $0.mirrored() } } : maps)
            }
        }
        return subjects.indices.map { subject in
            request.methods.indices.map { method in UnplacedMap(mean: variants.map { $0[subject][method] }) }
        }
    }
}
