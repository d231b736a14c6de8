import Imaging
import Network
import Platform

/// A way to explain one image and one target. A new method is a file in `Methods/` and a line in `Methods.all`.
public protocol Method: Sendable {
    /// What it is.
    var info: MethodInfo { get }

    /// What a map of one class takes.
    var cost: Cost { get }

    /// Whether the map is a sum over a layer's channels (`RawMap.channels`), which eigen smoothing can replace.
    var sumsChannels: Bool { get }

    /// Why it has no map of these layers of a network, whatever the photo, and what to do; nil where it has.
    func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording?

    /// Whether the map is the same whatever the target.
    var isClassBlind: Bool { get }

    /// Whether it compares a class with others, so that the target must be one class's logit.
    var needsLogit: Bool { get }

    /// Which of the options it minds.
    var minds: Set<MethodOptions.Kind> { get }

    /// Whether the map is of the layers, and not of the input alone.
    var explainsLayers: Bool { get }

    /// What it will ask of a subject: a pass that records all of it serves it; what was left out runs again.
    func needs(_ graph: Graph, _ layers: [Layer]) -> Needs

    /// The raw map: neither rectified, scaled nor enlarged.
    func explain(_ subject: Subject) throws -> RawMap
}

/// A method's name and origin.
public struct MethodInfo: Sendable {
    /// As users and files spell it.
    public let name: String
    /// One line: what is made of what.
    public let summary: String
    /// Authors and year; the package where there is no paper.
    public let paper: String

    /// All of it is told to users.
    public init(name: String, summary: String, paper: String) {
        (self.name, self.summary, self.paper) = (name, summary, paper)
    }
}

/// What a method asks for.
public struct Needs: Sendable {
    /// What the image's own pass keeps.
    public var recording: Recording
    /// Images that run besides the image's own pass, for every class.
    public var images: Int

    /// Activations alone, unless told.
    public init(recording: Recording = Recording(), images: Int = 0) {
        (self.recording, self.images) = (recording, images)
    }

    /// Activations at the layers, and what else is told.
    public static func activations(_ layers: [Layer], images: Int = 0) -> Needs {
        Needs(recording: Recording(values: Set(layers.map(\.value))), images: images)
    }

    /// Activations and gradients at the layers.
    public static func gradients(_ layers: [Layer]) -> Needs {
        Needs(recording: Recording(gradients: Set(layers.map(\.value))))
    }

    /// Activations at the layers, from which the network runs again.
    public static func resumed(_ layers: [Layer]) -> Needs {
        let values = Set(layers.map(\.value))
        return Needs(recording: Recording(values: values, resumable: values))
    }

    /// The gradient at the input, of the image or of one other at a time, and so many images besides.
    public static func inputGradient(_ graph: Graph, images: Int = 0) -> Needs {
        Needs(recording: Recording(gradients: [graph.input]), images: images)
    }

    /// What both ask for.
    public func union(_ other: Needs) -> Needs {
        Needs(recording: recording.union(other.recording), images: images + other.images)
    }
}

/// What a method gives.
public enum RawMap: Sendable {
    /// One feature map a layer, whose sum over the channels (or, with eigen smoothing, whose first principal component)
    /// is the layer's map.
    case channels([FeatureMap])
    /// One map a layer.
    case planes([Plane])
    /// Signed numbers over the network's input, channels x height x width.
    case input(FeatureMap)
    /// A map, and what the user should know of how it was made.
    indirect case remarked(RawMap, Wording)
}

extension Method {
    /// As users and files spell it.
    public var name: String { info.name }

    /// Most do.
    public var sumsChannels: Bool { true }

    /// Most have a map of every network.
    public func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording? { nil }

    /// Most do.
    public var explainsLayers: Bool { true }

    /// Few do.
    public var needsLogit: Bool { false }

    /// Few are.
    public var isClassBlind: Bool { false }

    /// Most mind none.
    public var minds: Set<MethodOptions.Kind> { [] }
}

/// The methods. The picture of guided backpropagation beside every map, and the map's factor in Guided Grad-CAM, is
/// another thing than the map of the method `guided` (see `Explanation.Explained.guided`); both share its gradient.
public enum Methods {
    /// In the order in which they are listed.
    public static let all: [any Method] = [
        GradCAM(), GradCAMPlusPlus(), HiResCAM(), GradCAMElementWise(), LayerCAM(), XGradCAM(), RefineCAM(),
        EigenCAM(), EigenGradCAM(), SegEigenCAM(), KPCACAM(), FEM(), AttentionRollout(), FinerCAM(), FullGrad(),
        GradientRollout(), SmoothGradCAMPlusPlus(), AblationCAM(), ReciproCAM(), ShapleyCAM(), ScoreCAM(), SSCAM(),
        ISCAM(), Saliency(), InputXGradient(), GuidedBackpropagation(), Deconvnet(), SmoothGrad(),
        IntegratedGradients(), BlurIG(), Occlusion(), RISE(), RandomCAM(), Sobel(),
    ]
    /// Those that share one forward and one backward pass.
    public static let cheap = all.filter { $0.cost.isShared }

    /// Those that have a map of a network at its default layer.
    public static func of(_ graph: Graph) -> [any Method] {
        all.filter { $0.obstacle(graph, [graph.defaultLayer].compactMap { $0 }) == nil }
    }

    /// The method of that name, or nil.
    public static func named(_ name: String) -> (any Method)? { all.first { $0.name == name } }
}

extension Method where Self == GradCAM {
    /// Grad-CAM.
    public static var gradcam: GradCAM { GradCAM() }
}
extension Method where Self == GradCAMPlusPlus {
    /// Grad-CAM++.
    public static var gradcamPlusPlus: GradCAMPlusPlus { GradCAMPlusPlus() }
}
extension Method where Self == ScoreCAM {
    /// Score-CAM.
    public static var scorecam: ScoreCAM { ScoreCAM() }
}
