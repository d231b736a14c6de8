import Imaging
import Network

/// What a method knows of one image at one layer: it never resizes, normalises or touches the network.
public struct Evidence {
    /// A: the layer's activations, channels x height x width.
    public let activations: FeatureMap
    /// g = dY/dA, of the same shape; nil where the method does not ask for it.
    public let gradients: FeatureMap?
    /// Y of the image under masks (height x width of the network's input, by which every channel is multiplied): one
    /// score a mask.
    public let scores:
        (_ masks: Int, _ mask: @escaping @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void) throws -> [Float]
    /// The size of the network's input, which masks have.
    public let inputWidth, inputHeight: Int
}

/// A class activation map. A new method is a file in `Methods/` and a line in `Methods.all`.
public protocol Method: Sendable {
    /// As users and files spell it.
    var name: String { get }
    /// One line for `--list-methods`: what it is, and the paper.
    var summary: String { get }
    var needsGradients: Bool { get }
    /// The activations weighted by what they say for the target, channels x height x width; their sum over the channels
    /// is
    /// the raw map.
    func weightedActivations(_ evidence: Evidence) throws -> FeatureMap
}

/// Every method, in the order of `--list-methods`.
public enum Methods {
    public static let all: [any Method] = [GradCAM(), GradCAMPlusPlus(), ScoreCAM()]

    /// The method of that name, or nil.
    public static func named(_ name: String) -> (any Method)? { all.first { $0.name == name } }
}

extension Method where Self == GradCAM { public static var gradcam: GradCAM { GradCAM() } }
extension Method where Self == GradCAMPlusPlus {
    public static var gradcamPlusPlus: GradCAMPlusPlus { GradCAMPlusPlus() }
}
extension Method where Self == ScoreCAM { public static var scorecam: ScoreCAM { ScoreCAM() } }

extension FeatureMap {
    /// One channel's numbers, row-major.
    func channel(_ index: Int) -> ArraySlice<Float> { values[index * area..<(index + 1) * area] }

    /// Every channel times a weight of its own.
    func weighted(by weights: [Float]) -> FeatureMap {
        var result = self
        for (k, weight) in weights.enumerated() { for i in k * area..<(k + 1) * area { result.values[i] *= weight } }
        return result
    }

    /// The sum over the channels: a raw map.
    func summed() -> Plane {
        var sum = [Float](repeating: 0, count: area)
        for k in 0..<channels { for i in 0..<area { sum[i] += values[k * area + i] } }
        return Plane(width: width, height: height, values: sum)
    }
}
