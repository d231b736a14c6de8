/// Which values show the photo's mirror image, as one half of a network with test-time augmentation does: their places
/// are not the photo's.
struct MirrorImages {
    private(set) var values: Set<ValueID> = []

    /// - Parameter forms: how each value would be a map of what it shows.
    init(nodes: [Graph.Node], input: ValueID, forms: [SpatialLayout?]) {
        var (forms, pictures, turned) = (forms, Set([input]), [ValueID: Set<Int>]())
        for node in nodes {
            let read = node.operands.compactMap { $0?.value }
            let isPicture = !node.hasWeights && !read.isEmpty && read.allSatisfy(pictures.contains)
            var turns = read.reduce(into: Set<Int>()) { $0.formUnion(turned[$1] ?? []) }
            // A photo is turned before anything with weights, and may be turned back anywhere.
            if isPicture || !turns.isEmpty, let first = read.first, let form = forms[first],
                case let sides = Self.turnedSides(node, form), !sides.isEmpty
            {
                turns.formSymmetricDifference(sides)
                for output in node.outputs where forms[output] == nil { forms[output] = form }
            }
            if isPicture { pictures.formUnion(node.outputs) }
            if !turns.isEmpty { for output in node.outputs { turned[output] = turns } }
        }
        values = Set(turned.keys)
    }

    /// What a node turns about: 0 for the order of rows, 1 for that of columns.
    private static func turnedSides(_ node: Graph.Node, _ form: SpatialLayout) -> [Int] {
        guard form.tokens == nil else { return [] }
        return form.axes.indices.filter { side in
            let axis = form.axes[side]
            switch node.op.spatialEffect {
            case .slice(_, let steps): return steps[axis] < 0
            case .gather(let outer, let extent, let indices):
                return indices.count > 1 && extent == indices.count
                    && outer == node.op.outputShapes[0].dims[..<axis].reduce(1, *)
                    && indices.indices.allSatisfy { indices[$0] == extent - 1 - $0 }
            default: return false
            }
        }
    }
}
