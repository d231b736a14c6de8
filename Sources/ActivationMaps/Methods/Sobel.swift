import Imaging
import Network

/// A control, blind to the network: (abs(G_x) + abs(G_y)) / 2, G Sobel's 3 x 3 derivatives of the photo in grey as the
/// network is fed it, in levels of 0..255, each magnitude 255 at most; mirrored beyond the edges. What a method shows
/// must be more than this.
public struct Sobel: Method {
    public let info = MethodInfo(
        name: "sobel", summary: "edges of the photo itself (a control)", paper: "pytorch-grad-cam")
    public let cost = Cost(passes: "none", madeOf: "the photo", isShared: true)
    public let sumsChannels = false, explainsLayers = false
    public let isClassBlind = true

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs() }

    public func explain(_ subject: Subject) throws -> RawMap {
        let grey = subject.greyPhoto, (width, height) = (grey.width, grey.height)
        let (before, after) = ((0..<width).map { mirrored($0 - 1, width) }, (0..<width).map { mirrored($0 + 1, width) })
        let edges = [Float](unsafeUninitializedCapacity: grey.values.count) { edges, count in
            grey.values.withUnsafeBufferPointer { grey in
                for y in 0..<height {
                    let above = mirrored(y - 1, height) * width, here = y * width,
                        below = mirrored(y + 1, height) * width
                    for x in 0..<width {
                        let (left, right) = (before[x], after[x])
                        let across =
                            grey[above + right] + 2 * grey[here + right] + grey[below + right]
                            - (grey[above + left] + 2 * grey[here + left] + grey[below + left])
                        let down =
                            grey[below + left] + 2 * grey[below + x] + grey[below + right]
                            - (grey[above + left] + 2 * grey[above + x] + grey[above + right])
                        let sum = min(abs(across), 255) + min(abs(down), 255)
                        // To the nearest even, as this sum has no room for fractions.
                        edges.initializeElement(at: here + x, to: sum / 2 + 0x1.8p23 - 0x1.8p23)
                    }
                }
            }
            count = grey.values.count
        }
        return .planes([Plane(width: width, height: height, values: edges)])
    }

    /// A place beyond an edge is as far before it; the edge itself is not repeated.
    private func mirrored(_ i: Int, _ size: Int) -> Int { min(max(0, i < size ? abs(i) : 2 * size - 2 - i), size - 1) }
}
