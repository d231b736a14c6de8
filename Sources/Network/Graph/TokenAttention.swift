/// What a network's tokens pay attention to: its attentions over the whole photo, one after the other.
public struct TokenAttention: Sendable {
    /// The probabilities of one attention, as they leave its Softmax: heads x queries x keys.
    public struct Block: Sendable {
        /// These numbers; a value of any rank, in that order.
        public let value: ValueID
        /// How many there are.
        public let heads: Int
        /// The tokens that look, and those that are looked at.
        public let queries, keys: Range<Int>
    }

    /// In the order in which they run.
    public let blocks: [Block]
    /// The tokens that are places on the photo, row by row.
    public let places: Range<Int>
    /// Rows and columns of places.
    public let height, width: Int
    /// The tokens that the scores are made of after the last block: the class token, or many whose mean is taken.
    public let read: [Int]

    /// Places, and class and register tokens before and after them.
    public var tokens: Int {
        max(places.upperBound, blocks.reduce(0) { max($0, $1.queries.upperBound, $1.keys.upperBound) })
    }
}

/// Why a network's attention is none of all tokens to all others, block after block.
public enum AttentionFault: WordedError {
    /// There is none at all.
    case none
    /// One looks at other groups of tokens than all places of the photo.
    case windows(node: String)
    /// Blocks of several sizes.
    case grids(node: String, height: Int, width: Int, before: (height: Int, width: Int))
    /// One does not read what the one before it made.
    case sideBySide(node: String)

    /// One line: what is wrong, with which node, and what to do.
    public var wording: Wording {
        let advice: Wording = "; take a method of a layer, such as gradcam (\(.methods))"
        return switch self {
        case .none: "the network has no attention of tokens to one another" + advice
        case .windows(let node):
            "the attention of node '\(node)' is within windows or among fewer places, not of all places of the photo "
                + "to all others" + advice
        case .grids(let node, let height, let width, let before):
            "the attention of node '\(node)' is among \(width) x \(height) places, that before it among "
                + "\(before.width) x \(before.height)" + advice
        case .sideBySide(let node):
            "the attention of node '\(node)' stands beside another one, not after it" + advice
        }
    }
}

extension Graph {
    /// The attentions that lead to the scores.
    ///
    /// - Throws: `AttentionFault` where they are not of one grid of places, each after the one before it.
    public func tokenAttention() throws(AttentionFault) -> TokenAttention {
        let found = try attentions()
        guard let last = found.last else { throw .none }
        // Class tokens that join late stand before the others.
        let first = found.reduce(0) { max($0, $1.first) }
        let places = first..<first + last.form.height * last.form.width
        let extra = found.reduce(places.upperBound) { max($0, first - $1.first + $1.keys) }
        let blocks = found.map { attention in
            let keys = first - attention.first..<first - attention.first + attention.keys
            // A single query is the class token; where none is among the keys, it is one more.
            let single = attention.first > 0 ? keys.lowerBound : extra
            return TokenAttention.Block(
                value: attention.value, heads: attention.heads,
                queries: attention.queries == attention.keys ? keys : single..<single + 1, keys: keys)
        }
        let queries = blocks[blocks.count - 1].queries
        return TokenAttention(
            blocks: blocks, places: places, height: last.form.height, width: last.form.width,
            read: queries.count == 1
                ? [queries.lowerBound] : tokensRead(after: last.result, first: first).filter(queries.contains))
    }

    /// Why `tokenAttention` gives none; nil where it does.
    public var attentionFault: AttentionFault? {
        do throws(AttentionFault) { _ = try tokenAttention() } catch { return error }
        return nil
    }

    private struct Attention {
        let value, result: ValueID
        let heads, queries, keys, first: Int
        let form: SpatialLayout
    }

    private func attentions() throws(AttentionFault) -> [Attention] {
        let onPath = ancestors(of: logits)
        var found: [Attention] = []
        // How many attentions came before a value.
        var before = [Int](repeating: 0, count: values.count)
        for node in nodes where onPath.contains(node.outputs[0]) {
            let passed = node.operands.reduce(0) { max($0, $1?.value.map { before[$0] } ?? 0) }
            for output in node.outputs { before[output] = passed }
            guard let attention = try attention(node) else { continue }
            guard passed == found.count else { throw .sideBySide(node: node.name) }
            if let form = found.last?.form, (form.height, form.width) != (attention.form.height, attention.form.width) {
                throw .grids(
                    node: node.name, height: attention.form.height, width: attention.form.width,
                    before: (form.height, form.width))
            }
            found.append(attention)
            before[attention.value] = found.count
        }
        return found
    }

    /// The attention whose probabilities a node gives; nil where it gives none.
    private func attention(_ node: Node) throws(AttentionFault) -> Attention? {
        let value = node.outputs[0], shape = values[value].shape
        guard let softmax = node.op as? Softmax, !softmax.isLog, shape.rank >= 2,
            softmax.extent == shape[shape.rank - 1],
            softmax.inner == 1, let product = product(with: value), let weighed = product.operands[1]?.value
        else { return nil }
        let (queries, keys) = (shape[shape.rank - 2], softmax.extent), axis = values[weighed].shape.rank - 2
        guard let op = product.op as? MatrixProduct, op.m == queries, op.k == keys else { return nil }
        guard let form = maps[weighed], case .tokens(axis, let first) = form.place, queries == keys || queries == 1
        else {
            // Of channels to one another.
            if let form = maps[weighed], case .tokens(axis + 1, _) = form.place { return nil }
            throw .windows(node: node.name)
        }
        return Attention(
            value: value, result: product.outputs[0], heads: shape.count / (queries * keys), queries: queries,
            keys: keys, first: first, form: form)
    }

    /// The product of a value, or of what is made of it and of constants alone before another Softmax, with a computed
    /// one.
    private func product(with value: ValueID) -> Node? {
        var values = [value]
        while let value = values.popLast() {
            for node in consumers[value].map({ nodes[$0] }) {
                let others = node.operands.contains { $0?.value.map { $0 != value } ?? false }
                if node.op is MatrixProduct, others { return node.operands[0]?.value == value ? node : nil }
                if !others, !(node.op is Softmax) { values += node.outputs }
            }
        }
        return nil
    }

    /// The tokens that lead to the scores from a value on.
    ///
    /// - Parameter first: the first place's number among them.
    private func tokensRead(after value: ValueID, first: Int) -> [Int] {
        let after = between(value, logits)
        var read: Set<Int> = []
        for node in nodes where after.contains(node.outputs[0]) && maps[node.outputs[0]]?.tokens == nil {
            for operand in node.operands.compactMap({ $0?.value }) where after.contains(operand) {
                guard case .tokens(let axis, let start)? = maps[operand]?.place else { continue }
                read.formUnion(taken(from: operand, along: axis, by: node).map { $0 + first - start })
            }
        }
        return read.sorted()
    }
}
