import Imaging

/// A method's map of a subject, as metrics see it.
public struct JudgedMap {
    /// The method's name.
    public let method: String
    /// Over the network's input, height x width: 0..1, or -1..1 where maps are signed.
    public let plane: Plane
    /// The same target's maps by the other methods that were asked for.
    public let others: [(method: String, plane: Plane)]
    private let make: (Subject) throws -> Plane

    /// - Parameter make: makes the same method's map, by the same settings, of another subject.
    public init(
        method: String, plane: Plane, others: [(method: String, plane: Plane)] = [],
        make: @escaping (Subject) throws -> Plane
    ) {
        (self.method, self.plane, self.others, self.make) = (method, plane, others, make)
    }

    /// The same method's map, by the same settings, of another subject.
    public func again(_ subject: Subject) throws -> Plane { try make(subject) }

    /// Whether all of its numbers are finite.
    public var isFinite: Bool { plane.values.allSatisfy(\.isFinite) }

    /// Whether it is the same everywhere, so that its pixels have no order.
    public var isFlat: Bool { plane.values.allSatisfy { $0 == plane.values[0] } }
}
