/// One of the operators' goldens: a model of a node, and its inputs, outputs and their gradients by their keys there.
public struct OperatorCase: Decodable, Sendable, CustomStringConvertible {
    public let name, `operator`, file, output, outputGradient: String
    public let opset: Int
    public let inputs, inputGradients: [String: String]
    public var description: String { name }

    private struct Index: Decodable { let cases: [OperatorCase] }

    public static let golden = try? Golden("operators")
    public static let all = (try? golden?.decode(Index.self).cases) ?? []
}
