import Imaging
import Network

/// FullGrad: N(abs(dY/dinput * input)) for every input channel, and N(abs(b_k dY/dz_k)) for every channel k of every
/// convolution or batch norm z with a bias b, enlarged and summed; N(x) = (x - min x) / (max(x - min x) + 1e-7).
///
/// Srinivas and Fleuret, "Full-Gradient Representation for Neural Network Visualization", NeurIPS 2019, eq. 8, as the
/// package pytorch-grad-cam has it. It has no target layer.
public struct FullGrad: Method {
    public let info = MethodInfo(
        name: "fullgrad", summary: "gradients at the input and at every bias, times these; no target layer",
        paper: "Srinivas and Fleuret 2019")
    public let cost = Cost(passes: "1 forward, 1 backward of its own", madeOf: "gradients of all layers with a bias")
    public let sumsChannels = false, explainsLayers = false

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        Needs(recording: Recording(gradients: Set(graph.biases.map(\.value) + [graph.input])))
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let biases = subject.graph.biases, shape = subject.graph.inputShape
        let gradients = try subject.gradientMaps(at: [subject.graph.input] + biases.map(\.value), .plain)
        let input = FeatureMap(channels: shape[1], height: shape[2], width: shape[3], values: subject.input)
        var sum = Self.normalised(gradients[0] * input)
        for (bias, gradient) in zip(biases, gradients.dropFirst()) {
            // Enlarging is linear: a layer's channels are summed before it.
            let layer = Self.normalised(gradient.weighted(by: bias.numbers)).resized(width: shape[3], height: shape[2])
            for i in sum.values.indices { sum.values[i] += layer.values[i] }
        }
        return .planes([sum])
    }

    /// sum_k N(abs(x_k)).
    private static func normalised(_ x: FeatureMap) -> Plane {
        var result = x
        for k in 0..<x.channels {
            let plane = Plane(width: x.width, height: x.height, values: x.channel(k).map(abs))
            result.values.replaceSubrange(k * x.area..<(k + 1) * x.area, with: Normalise.minMax(plane).values)
        }
        return result.summed()
    }
}
