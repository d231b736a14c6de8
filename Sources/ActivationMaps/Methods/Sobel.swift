import Imaging
import Network

/// A control, blind to the network: (abs(G_x) + abs(G_y)) / 2, G Sobel's 3 x 3 derivatives of the photo in grey as the
/// network is fed it, in levels of 0..255, each magnitude 255 at most; mirrored beyond the edges. What a method shows
/// must be more than this.
public struct Sobel: Method {
    public let info = MethodInfo(
        name: "sobel", summary: "edges of the photo itself (a control)", paper: "pytorch-grad-cam")
    public let cost = Cost(passes: "none", needs: "the photo", isShared: true)
    public let sumsChannels = false, explainsLayers = false

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs() }

    public func explain(_ subject: Subject) throws -> RawMap {
        let grey = subject.greyPhoto
        var edges = grey
        for y in 0..<grey.height {
            for x in 0..<grey.width {
                func at(_ dx: Int, _ dy: Int) -> Float {
                    grey.values[mirrored(y + dy, grey.height) * grey.width + mirrored(x + dx, grey.width)]
                }
                let left: Float = at(-1, -1) + 2 * at(-1, 0) + at(-1, 1)
                let right: Float = at(1, -1) + 2 * at(1, 0) + at(1, 1)
                let above: Float = at(-1, -1) + 2 * at(0, -1) + at(1, -1)
                let below: Float = at(-1, 1) + 2 * at(0, 1) + at(1, 1)
                let sum = min(abs(right - left), 255) + min(abs(below - above), 255)
                edges.values[y * grey.width + x] = (sum / 2).rounded(.toNearestOrEven)
            }
        }
        return .planes([edges])
    }

    /// A place beyond an edge is as far before it; the edge itself is not repeated.
    private func mirrored(_ i: Int, _ size: Int) -> Int { min(max(0, i < size ? abs(i) : 2 * size - 2 - i), size - 1) }
}
