import Imaging
import Network

/// Occlusion: Y falls by d_w where the window w of the input shows the baseline; map at a pixel = mean of d_w over the
/// windows that cover it. A window's sides are a seventh of the input's, and windows lie half of that apart; a signal's
/// are a thirty-second of its length.
///
/// Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2; averaged as in
/// Captum.
public struct Occlusion: Method {
    public let info = MethodInfo(
        name: "occlusion", summary: "what the score loses where a window of the input is covered",
        paper: "Zeiler and Fergus 2014")
    public let cost = Cost(passes: "1 + some 200 forward", madeOf: "occluded photos")
    public let sumsChannels = false, explainsLayers = false
    public let minds: Set<MethodOptions.Kind> = [.baseline]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        Needs(images: Window.sliding(height: graph.inputShape[2], width: graph.inputShape[3]).count)
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let x = subject.inputMap, b = subject.baseline
        let windows = Window.sliding(height: x.height, width: x.width)
        let scores = try subject.scores(
            .written(windows.count) { number, pixels in
                _ = pixels.update(fromContentsOf: x.values)
                for place in windows[number].places {
                    for i in stride(from: place, to: x.values.count, by: x.area) { pixels[i] = b.values[i] }
                }
            })
        var (drops, covers) = ([Float](repeating: 0, count: x.area), [Float](repeating: 0, count: x.area))
        for (window, score) in zip(windows, scores) {
            for place in window.places {
                drops[place] += subject.score - score
                covers[place] += 1
            }
        }
        return .planes([Plane(width: x.width, height: x.height, values: zip(drops, covers).map { $0 / $1 })])
    }
}
