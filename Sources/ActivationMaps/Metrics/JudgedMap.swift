import Imaging
import Network

/// A method's map of a subject, as metrics see it.
public final class JudgedMap {
    /// The method's name.
    public let method: String
    /// Over the network's input, height x width: 0..1, or -1..1 where maps are signed.
    public let plane: Plane
    /// The same target's maps by the other methods that were asked for.
    public let others: [(method: String, plane: Plane)]
    private let recording: Recording
    private let make: (Subject) throws -> Plane
    private var underItself: Plane?

    /// - Parameters:
    ///   - recording: what the method asks of an image's own pass.
    ///   - make: makes the same method's map, by the same settings, of another subject.
    public init(
        method: String, plane: Plane, others: [(method: String, plane: Plane)] = [],
        recording: Recording = Recording(), make: @escaping (Subject) throws -> Plane
    ) {
        (self.method, self.plane, self.others, self.recording, self.make) = (method, plane, others, recording, make)
    }

    /// The same method's map, by the same settings, of another input, perhaps by a network of other weights.
    func again(_ subject: Subject, input: [Float], session: (any Session)? = nil) throws -> Plane {
        try make(try subject.with(input: input, recording: recording, session: session))
    }

    /// The same method's map of the input times the map.
    func again(underItself subject: Subject) throws -> Plane {
        if let underItself { return underItself }
        let (input, mask) = (subject.input, mask)
        let plane = try again(subject, input: input.indices.map { input[$0] * mask[$0 % mask.count] })
        underItself = plane
        return plane
    }

    /// What the input is multiplied by to be seen through the map: its numbers; 0 where a signed map is negative.
    var mask: [Float] { plane.values.map { max($0, 0) } }

    /// Whether all of its numbers are finite.
    public var isFinite: Bool { plane.values.allSatisfy(\.isFinite) }

    /// Whether it says which pixels matter more than others: it is finite, and not the same everywhere.
    public var hasOrder: Bool { isFinite && !plane.values.allSatisfy { $0 == plane.values[0] } }
}

extension Subject {
    /// The score of the class where the input is seen through a mask, height x width.
    func confidence(through mask: [Float]) throws(NetworkError) -> Double {
        let input = input
        return Double(
            try confidences(
                .written(1) { _, pixels in
                    for i in pixels.indices { pixels[i] = input[i] * mask[i % mask.count] }
                })[0])
    }
}
