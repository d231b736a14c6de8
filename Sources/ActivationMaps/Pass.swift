import Imaging
import Network

/// One forward pass of one network input, and what methods ask of it afterwards.
struct Pass {
    let input: [Float]
    let logits: [Float]
    /// The scores that the network says itself; nil where they are a function of the logits.
    let stated: [Float]?
    private let layers: [Layer]
    private let activations: [FeatureMap]
    private let session: any Session

    init(_ input: [Float], layers: [Layer], guided: Bool, session: any Session) throws(NetworkError) {
        (self.input, self.layers, self.session) = (input, layers, session)
        let scores = session.graph.probability.value
        logits = try session.forward(
            [input], keeping: layers.map(\.value) + (scores.map { [$0] } ?? []), gradients: guided ? .input : .layers)[
                0]
        stated = scores.map { session.activation(at: $0, image: 0).values }
        activations = layers.map { session.activation(at: $0.value, image: 0) }
    }

    /// All classes, best first.
    func scores(labels: [String]?) -> [ClassScore] {
        ClassScore.ranked(logits, session.graph.probability, stated: stated, labels: labels)
    }

    /// dY/dA of every layer, Y the logit of a class.
    func gradients(of category: Int) throws(NetworkError) -> [FeatureMap] {
        try session.gradients(of: [seed(category)], at: layers.map(\.value), rule: .plain)[0]
    }

    /// dY/dinput by guided backpropagation.
    func guided(of category: Int) throws(NetworkError) -> GuidedGradient {
        GuidedGradient(try session.gradients(of: [seed(category)], at: [session.graph.input], rule: .guided)[0][0])
    }

    private func seed(_ category: Int) -> [Float] {
        var seed = [Float](repeating: 0, count: logits.count)
        seed[category] = 1
        return seed
    }

    /// A method's raw maps, one a layer.
    func rawMaps(_ method: any Method, _ category: Int, gradients: [FeatureMap]?, eigenSmooth: Bool) throws -> [Plane] {
        let shape = session.graph.inputShape
        return try layers.indices.map { index in
            let evidence = Evidence(
                activations: activations[index], gradients: gradients?[index],
                scores: { [session, input] masks, mask in
                    try session.scores(of: input, masks: masks, mask: mask).map { $0[category] }
                },
                inputWidth: shape[3], inputHeight: shape[2])
            let weighted = try method.weightedActivations(evidence)
            return eigenSmooth ? try PrincipalComponent.map(of: weighted) : weighted.summed()
        }
    }
}

extension GuidedGradient {
    /// From channels x height x width; a network of one channel gives three equal ones.
    init(_ volume: FeatureMap) {
        let (area, channels) = (volume.area, volume.channels)
        var values = [Float](repeating: 0, count: 3 * area)
        for c in 0..<3 {
            let channel = c % channels * area
            for pixel in 0..<area { values[3 * pixel + c] = volume.values[channel + pixel] }
        }
        self.init(values: values, width: volume.width, height: volume.height)
    }

    /// Red, green, blue, whatever order the network is fed in.
    func reordered(_ order: Preprocessing.ChannelOrder) -> GuidedGradient {
        guard order == .bgr else { return self }
        return GuidedGradient(
            values: values.indices.map { values[$0 + 2 - 2 * ($0 % 3)] }, width: width, height: height)
    }
}
