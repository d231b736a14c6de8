import Imaging
import Network

/// Signals of any length, where a network's file leaves that open: for every length the network is read anew.
extension Explainer {
    /// So many are kept.
    private static let most = 4

    /// The explainer for signals of a photo's length; itself where the photo is none, or has the length that it was read
    /// for.
    ///
    /// - Throws: `ModelError` where the network takes no signals of this length.
    func fitted(to photo: Image) throws -> Explainer {
        let preprocessing = classifier.preprocessing, length = photo.width
        guard preprocessing.takesAnyLength, photo.isSignal, length != preprocessing.width,
            preprocessing.fault(of: photo) == nil
        else { return self }
        func isOfLength(_ explainer: Explainer) -> Bool { explainer.classifier.preprocessing.width == length }
        if let place = fitted.firstIndex(where: isOfLength) {
            fitted.append(fitted.remove(at: place))
            return fitted.last!
        }
        let classifier = try classifier.fitted(length: length)
        let explainer = Explainer(classifier, session: try session.session(of: classifier.graph))
        fitted = fitted.suffix(Self.most - 1) + [explainer]
        return explainer
    }

    /// What another explainer of the same network is asked for, with this one's layers.
    func same(_ request: Request, as other: Explainer) throws(ChoiceError) -> Request {
        var request = request
        request.layers = try same(request.layers, as: other)
        return request
    }

    /// The layers of the same names.
    func same(_ layers: [Layer], as other: Explainer) throws(ChoiceError) -> [Layer] {
        guard other !== self, !layers.isEmpty else { return layers }
        let all = classifier.graph.layers
        func name(_ layer: Layer, _ graph: Graph) -> [String] { [layer.name, graph.values[layer.value].name] }
        var found: [Layer] = []
        for layer in layers {
            let wanted = name(layer, other.classifier.graph)
            guard let same = all.first(where: { name($0, classifier.graph) == wanted }) else {
                throw .layer(
                    classifier.graph.values.contains { $0.name == wanted[1] }
                        ? .layerWithoutTimes(wanted[0], samples: classifier.graph.inputShape[3])
                        : .unknownLayer(wanted[0], nearest: []))
            }
            found.append(same)
        }
        return found
    }
}
