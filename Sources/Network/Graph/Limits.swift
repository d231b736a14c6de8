import ONNX

/// What a network may ask for: past it, reading or running a file is refused by name. No classifier that is in use
/// comes near.
public struct Limits: Hashable, Sendable {
    /// How much memory may be held to read it and to run it.
    public var memory = MemoryLimit.standard
    /// Numbers in one tensor.
    public var elements = 1 << 31
    /// Nodes, with those of functions and branches wherever they are called.
    public var nodes = 1_000_000
    /// How deep functions and branches stand in one another.
    public var nesting = 64
    /// Multiplications (each with its addition) an image; of constants, a tenth.
    public var operations = 10_000_000_000_000

    /// The limits that hold where nobody sets others.
    public init() {}

    /// Refuses numbers that are more than one tensor may hold, or than there may be memory for.
    func check(_ elements: Extent, bytes: Extent, for purpose: @autoclosure () -> Wording) throws(OperatorFault) {
        let floats = try (elements * bytes + 3) / 4
        do throws(MemoryShortage) {
            try Memory.check(floats.value, within: memory, for: purpose())
        } catch {
            throw .memory(error)
        }
        guard elements.value <= self.elements else {
            throw .shape(
                purpose() + " would hold \(elements) numbers, and \(self.elements) are allowed: give a smaller input, "
                    + "or allow more (\(.elementLimit))")
        }
    }
}

extension Limits {
    /// Refuses a file of more nodes, or deeper nested functions and branches, than there may be, before any of them is
    /// written out.
    func check(_ model: Model) throws(NetworkError) {
        var census = NodeCensus(model, deepest: nesting)
        let (count, depth) = census.of(model.graph.nodes)
        guard depth <= nesting else {
            throw .limit(
                "its functions and branches stand more than \(nesting) deep in one another, as where one calls itself: "
                    + "the file is damaged, or allow more (\(.nestingLimit))")
        }
        guard count <= nodes else {
            throw .limit(
                "it is a network of \(count) nodes, with those of its functions wherever they are called, and \(nodes) "
                    + "are allowed: the file is damaged, or allow more (\(.nodeLimit))")
        }
    }
}

/// Counts a file's nodes with those of functions and branches, each function looked at once.
private struct NodeCensus {
    private let functions: [String: FunctionDef]
    private let deepest: Int
    private var known: [String: (count: Int, depth: Int)] = [:]

    init(_ model: Model, deepest: Int) {
        functions = Importer.table(model.functions)
        self.deepest = deepest
    }

    /// How many there are (Int.max: or more), and how deep they stand in one another: beyond `deepest` where a function
    /// calls itself.
    mutating func of(_ nodes: [NodeDef], at depth: Int = 0) -> (count: Int, depth: Int) {
        var (count, below) = (nodes.count, 0)
        guard depth <= deepest else { return (count, 1) }
        func add(_ inner: (count: Int, depth: Int)) {
            let (sum, overflow) = count.addingReportingOverflow(inner.count)
            (count, below) = (overflow ? .max : sum, max(below, inner.depth + 1))
        }
        for node in nodes {
            for case .graph(let graph) in node.attributes.values { add(of(graph.nodes, at: depth + 1)) }
            let key = Importer.key(node.domain, node.opType, node.overload)
            guard let function = functions[key] else { continue }
            let inner = known[key] ?? of(function.nodes, at: depth + 1)
            known[key] = inner
            add(inner)
        }
        return (count, below)
    }
}
