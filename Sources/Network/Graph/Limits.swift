import ONNX

/// What a network may ask for: past it, reading or running a file is refused by name. No classifier that is in use
/// comes near.
public struct Limits: Hashable, Sendable {
    /// How much memory may be held to read it and to run it.
    public var memory = MemoryLimit.standard
    /// Numbers in one tensor.
    public var elements = 1 << 31
    /// Nodes, with those of functions and branches wherever they are called.
    public var nodes = 200_000
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
        let found = census.of(model.graph.nodes), (count, depth) = (found.count, found.depth)
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
        do throws(MemoryShortage) {
            let bytes = model.memory + found.bytes
            try Memory.check((bytes + 3) / 4, within: memory, for: "a network of \(count) nodes")
        } catch {
            throw .memory(error)
        }
    }
}

extension NodeDef {
    /// About as many bytes as a node takes until it has run, by measurement: its operator, its part of a plan, and its
    /// names, which nodes that it is rewritten into repeat.
    var memory: Int {
        let texts = (inputs + outputs).reduce(0) { $0 + $1.utf8.count } + name.utf8.count * (1 + inputs.count)
        return 1500 + 200 * inputs.count + 500 * outputs.count + 100 * attributes.count + 2 * texts
    }
}

/// Counts a file's nodes with those of functions and branches, each function looked at once.
private struct NodeCensus {
    /// How many nodes there are (Int.max: or more), what they take, and how deep they stand in one another: beyond
    /// `deepest` where a function calls itself.
    struct Count {
        var count = 0, bytes = 0, depth = 0

        mutating func add(_ count: Int, bytes: Int) {
            func sum(_ a: Int, _ b: Int) -> Int {
                let (sum, overflow) = a.addingReportingOverflow(b)
                return overflow ? .max : sum
            }
            (self.count, self.bytes) = (sum(self.count, count), min(sum(self.bytes, bytes), .uncountable))
        }

        /// Adds nodes that stand in one of these, under names that begin with its own.
        mutating func add(_ inner: Count, in node: NodeDef) {
            add(inner.count, bytes: inner.bytes)
            add(0, bytes: .sizeProduct(3 * node.name.utf8.count, inner.count))
            depth = max(depth, inner.depth + 1)
        }
    }

    private let functions: [String: FunctionDef]
    private let deepest: Int
    private var known: [String: Count] = [:]

    init(_ model: Model, deepest: Int) {
        functions = Importer.table(model.functions)
        self.deepest = deepest
    }

    mutating func of(_ nodes: [NodeDef], at depth: Int = 0) -> Count {
        var found = Count()
        guard depth <= deepest else { return Count(depth: 1) }
        for node in nodes {
            found.add(1, bytes: node.memory)
            for case .graph(let graph) in node.attributes.values { found.add(of(graph.nodes, at: depth + 1), in: node) }
            let key = Importer.key(node.domain, node.opType, node.overload)
            guard let function = functions[key] else { continue }
            let inner = known[key] ?? of(function.nodes, at: depth + 1)
            known[key] = inner
            found.add(inner, in: node)
        }
        return found
    }
}
