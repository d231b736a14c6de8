import Imaging

/// What metrics say of one map.
public struct Judgement: Sendable {
    /// The method that made the map.
    public var method: String { map.method }
    /// Whether the method is a control, which shows nothing of what the network looks for: what a method shows must be
    /// more than that.
    public var isControl: Bool { Self.controls.contains { $0.name == method } }
    /// What is judged.
    public let map: Map
    /// In the order of the metrics asked for.
    public var measures: [Measure]

    /// Judged beside every method.
    public static let controls: [any Method] = [RandomCAM(), Sobel()]
}

extension Explainer.Request {
    /// The controls that are judged beside the methods, and are not among them.
    var controls: Explainer.Request {
        var controls = self
        controls.methods = Judgement.controls.filter { control in !methods.contains { $0.name == control.name } }
        (controls.augSmooth, controls.eigenSmooth) = (false, false)
        return controls
    }
}

extension Explainer {
    /// What the metrics asked for say of a subject's maps, and of the controls'.
    ///
    /// - Parameters:
    ///   - maps: one a method of the request.
    ///   - make: makes the maps of a request, one a method, of any subject.
    func judgements(
        _ subject: Subject, _ maps: [UnplacedMap], _ request: Request, _ placement: Placement,
        _ observer: PassObserver?, make: @escaping (Subject, Request) throws -> [UnplacedMap]
    ) throws -> [Judgement] {
        var controls = request.controls
        if controls.layers.isEmpty { controls.layers = [classifier.graph.defaultLayer].compactMap { $0 } }
        if controls.layers.isEmpty { controls.methods.removeAll(where: \.explainsLayers) }
        let layered = subject.with(layers: controls.layers)
        let all = zip(request.methods, maps).map { (method: $0.name, plane: $1.plane) }
        func judgement(_ method: any Method, _ made: UnplacedMap, of subject: Subject, by request: Request) throws
            -> Judgement
        {
            var own = request
            own.methods = [method]
            let map = JudgedMap(
                method: method.name, plane: made.plane, others: all.filter { $0.method != method.name },
                recording: own.needs(of: classifier.graph, methods: own.methods).recording
            ) { try make($0, own)[0].plane }
            return Judgement(
                map: made.finished(method: method.name, placement: placement),
                measures: try request.metrics.flatMap { metric in
                    subject.observer = observer.map { observer in { observer(metric.name, $0, $1) } }
                    return try metric.measure(map, subject)
                })
        }
        return try zip(request.methods, maps).map { try judgement($0, $1, of: subject, by: request) }
            + zip(controls.methods, try make(layered, controls))
            .map { try judgement($0, $1, of: layered, by: controls) }
    }
}
