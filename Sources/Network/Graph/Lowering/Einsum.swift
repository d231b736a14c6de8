import ONNX

extension Lowering {
    /// Of an Einsum: each becomes some ten nodes.
    private static let mostOperands = 1 << 10

    /// Einstein's sum as transpositions, products and sums, operand by operand.
    /// https://onnx.ai/onnx/operators/onnx__Einsum.html
    static func einsum(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let equation = try node.string("equation", default: ""), count = node.operands.count
        guard count <= mostOperands else {
            throw .shape("\(count) operands are too many: \(mostOperands) are the most")
        }
        var shapes: [Extents] = []
        for index in node.operands.indices { shapes.append(try node.shape(index)) }
        let parsed = try Equation(equation, shapes)
        var (value, labels) = (node.name(0), parsed.terms[0])
        for (index, term) in parsed.terms.enumerated().dropFirst() {
            (value, labels) = try parsed.contract(
                (value, labels), (node.name(index), term), keeping: parsed.wanted(after: index), &body)
        }
        (value, labels) = parsed.sum(value, labels, keeping: Set(parsed.output), &body)
        body.finish("Transpose", [value], ["perm": .ints(parsed.output.map { Int64(labels.firstIndex(of: $0)!) })])
        return true
    }
}

/// An Einsum equation with the axes that "..." stands for spelled out.
private struct Equation {
    let terms: [[Character]]
    let output: [Character]
    private let extents: [Character: Extent]
    /// The last term that has a label; beyond all terms where the output has it.
    private let lastTerm: [Character: Int]

    init(_ text: String, _ shapes: [Extents]) throws(OperatorFault) {
        let fault = OperatorFault.attribute(
            "equation", "'\(text)' for operands of shapes \(shapes.map(\.description).joined(separator: ", "))")
        let squeezed = text.filter { $0 != " " }
        let arrow = squeezed.firstIndex(of: "-")
        let inputs = squeezed[..<(arrow ?? squeezed.endIndex)].split(separator: ",", omittingEmptySubsequences: false)
        guard inputs.count == shapes.count, !shapes.isEmpty else { throw fault }
        // Axes under "..." are aligned at their end; their letters are ones that no equation holds.
        func spelled(_ term: Substring, rank: Int) -> [Character]? {
            let letters = term.filter { $0 != "." }
            guard letters.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
            guard term.contains(".") else { return Array(term) }
            let hidden = rank - letters.count
            guard hidden >= 0, hidden < 10, let start = term.firstIndex(of: ".") else { return nil }
            let names = (0..<hidden).map { Character("\(hidden - 1 - $0)") }
            return Array(term[..<start]) + names + Array(term[start...].drop { $0 == "." })
        }
        var terms: [[Character]] = [], extents: [Character: Extent] = [:]
        for (term, shape) in zip(inputs, shapes) {
            guard let labels = spelled(term, rank: shape.rank), labels.count == shape.rank,
                Set(labels).count == labels.count
            else { throw fault }
            for (label, extent) in zip(labels, shape.dims) {
                guard extents[label, default: extent] == extent else { throw fault }
                extents[label] = extent
            }
            terms.append(labels)
        }
        let hidden = extents.keys.filter(\.isNumber).sorted(by: >)
        if let arrow {
            let right = squeezed[arrow...].dropFirst(2)
            guard let labels = spelled(right, rank: right.filter { $0 != "." }.count + hidden.count) else {
                throw fault
            }
            output = labels
        } else {
            let counts = terms.joined().reduce(into: [Character: Int]()) { $0[$1, default: 0] += 1 }
            output = hidden + counts.filter { !$0.key.isNumber && $0.value == 1 }.keys.sorted()
        }
        guard output.allSatisfy({ extents[$0] != nil }), Set(output).count == output.count else { throw fault }
        (self.terms, self.extents) = (terms, extents)
        var lastTerm: [Character: Int] = [:]
        for (index, term) in terms.enumerated() { for label in term { lastTerm[label] = index } }
        for label in output { lastTerm[label] = .max }
        self.lastTerm = lastTerm
    }

    /// The labels that the output or a later term has.
    func wanted(after index: Int) -> Set<Character> { Set(lastTerm.filter { $0.value > index }.keys) }

    /// Sums over the axes that nobody wants.
    func sum(
        _ value: String, _ labels: [Character], keeping wanted: Set<Character>, _ body: inout Lowering
    ) -> (String, [Character]) {
        let gone = labels.indices.filter { !wanted.contains(labels[$0]) }
        guard !gone.isEmpty else { return (value, labels) }
        let axes = body.axes(gone)
        return (body.call("ReduceSum", [value, axes], ["keepdims": .int(0)]), labels.filter(wanted.contains))
    }

    /// A product over shared axes that are wanted no more, batched over those that are.
    func contract(
        _ left: (String, [Character]), _ right: (String, [Character]), keeping wanted: Set<Character>,
        _ body: inout Lowering
    ) throws(OperatorFault) -> (String, [Character]) {
        let (a, rows) = sum(left.0, left.1, keeping: wanted.union(right.1), &body)
        let (b, columns) = sum(right.0, right.1, keeping: wanted.union(rows), &body)
        let shared = rows.filter(columns.contains)
        let batch = shared.filter(wanted.contains)
        let inner = shared.filter { !wanted.contains($0) }
        let (own, other) = (rows.filter { !shared.contains($0) }, columns.filter { !shared.contains($0) })
        func size(_ labels: [Character]) throws(OperatorFault) -> Extent { try labels.map { extents[$0]! }.product() }
        func arranged(_ value: String, _ from: [Character], _ to: [Character], _ dims: [Extent]) -> String {
            body.reshape(body.transpose(value, to.map { from.firstIndex(of: $0)! }), dims)
        }
        let head = batch.map { extents[$0]! }
        let x = arranged(a, rows, batch + own + inner, head + [try size(own), try size(inner)])
        let y = arranged(b, columns, batch + inner + other, head + [try size(inner), try size(other)])
        let product = body.call("MatMul", [x, y])
        let labels = batch + own + other
        return (body.reshape(product, labels.map { extents[$0]! }), labels)
    }
}
