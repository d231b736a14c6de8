/// The modules that a network's nodes were traced in.
struct ModuleTree {
    /// What a path stands for.
    struct Finding: Equatable {
        let node: Int
        /// Whether a convolution was meant that holds what followed its norm.
        let isConvolutionAlone: Bool
    }

    /// A module path, its names joined by dots; whatever is looked up by part of it shares its memory.
    private struct Path {
        let text: String
        /// Where every name ends.
        let ends: [String.Index]
        let node: Int

        /// nil where there is no name.
        init?(_ path: String, node: Int) {
            let text = path.split(separator: ".").joined(separator: ".")
            guard !text.isEmpty else { return nil }
            (self.text, self.node) = (text, node)
            ends = text.indices.filter { text[$0] == "." } + [text.endIndex]
        }

        /// The modules that it lies in, outermost first, itself last.
        var modules: [Substring] { ends.map { text[..<$0] } }
    }

    private let graph: Graph
    /// Every module path of the network, in order of appearance.
    private let paths: [Path]
    /// The last node computed inside every module, by its path: the one farthest from the photo.
    let last: [Substring: Int]
    /// The names of the modules right inside one, by its path, in order of appearance.
    private let inner: [Substring: [Substring]]
    /// Convolutions with a folded norm whose name the file does not tell, by the module right around them.
    private let folded: [Substring: [(name: String, node: Int)]]

    init(_ graph: Graph) {
        self.graph = graph
        paths = graph.nodes.enumerated().flatMap { index, node in
            Set([node.path, node.norm?.convolution ?? "", node.norm?.norm ?? ""]).sorted().compactMap {
                Path($0, node: index)
            }
        }
        let depths = graph.depths
        var last: [Substring: Int] = [:], inner: [Substring: [Substring]] = [:],
            folded: [Substring: [(name: String, node: Int)]] = [:]
        func depth(_ node: Int) -> Int { graph.nodes[node].outputs.map { depths[$0] }.max() ?? -1 }
        for path in paths {
            let node = path.node
            for module in path.modules {
                let (outer, name) = Self.split(module)
                if last[module] == nil { inner[outer, default: []].append(name) }
                if last[module].map({ depth($0) <= depth(node) }) ?? true { last[module] = node }
            }
            if let norm = graph.nodes[node].norm, norm.norm == nil {
                let (outer, name) = Self.split(path.text[...])
                folded[outer, default: []].append((String(name), node))
            }
        }
        (self.last, self.inner, self.folded) = (last, inner, folded)
    }

    /// The module around one, and its own name.
    private static func split(_ module: Substring) -> (outer: Substring, name: Substring) {
        guard let dot = module.lastIndex(of: ".") else { return ("", module) }
        return (module[..<dot], module[module.index(after: dot)...])
    }

    /// What `text` names: a module's path as written, without a leading `model.`, or inside whatever module wraps the
    /// network; or the end of a node's name.
    ///
    /// - Throws: `ambiguousLayer` where it is the end of several.
    func find(_ text: String) throws(NetworkError) -> Finding? {
        let dotted = text.contains("/") ? ModulePath(slashed: text).text : text
        guard let steps = Self.parse(dotted), !steps.isEmpty else { return nil }
        var candidates = [steps]
        if case .name(let first) = steps[0], ["model", "module", "self", "net"].contains(first) {
            candidates.append(Array(steps.dropFirst()))
        }
        for steps in candidates where !steps.isEmpty {
            if let path = resolve(steps, from: "") { return finding(path) }
            let found = roots.compactMap { resolve(steps, from: $0) }
            var seen = Set<Substring>()
            let ends = found.filter { seen.insert($0).inserted }
            if ends.count > 1 { throw .ambiguousLayer(text, matches: ends.map(String.init)) }
            if let path = ends.first { return finding(path) }
        }
        let named = graph.nodes.indices.filter { graph.nodes[$0].name.hasSuffix("/" + text) }
        if named.count > 1 { throw .ambiguousLayer(text, matches: named.map { graph.nodes[$0].name }) }
        return named.first.map { Finding(node: $0, isConvolutionAlone: graph.nodes[$0].norm != nil) }
    }

    private func finding(_ module: Substring) -> Finding? {
        guard let node = last[module] else {
            return convolution(under: module).map { Finding(node: $0, isConvolutionAlone: false) }
        }
        return Finding(
            node: node,
            isConvolutionAlone: graph.nodes[node].norm.map { $0.convolution == module && $0.norm ?? "" != module }
                ?? false)
    }

    /// Names of layers that look like `text` or end like it, closest first.
    func nearest(to text: String) -> [String] {
        let wanted = Array(Self.canonical(text).unicodeScalars)
        var seen = Set<Substring>(), ranked: [(name: Substring, distance: Int)] = []
        let names: [Substring] = paths.flatMap(\.modules) + graph.layers.map { $0.name[...] }
        for name in names where seen.count < Self.mostCompared && seen.insert(name).inserted {
            let whole = Array(Self.canonical(name).unicodeScalars)
            var distances = [Self.distance(wanted, whole[...], most: max(3, wanted.count / 2))]
            for dot in whole.indices where whole[dot] == "." {
                distances.append(Self.distance(wanted, whole[(dot + 1)...], most: max(1, wanted.count / 4)))
            }
            if let nearest = distances.compactMap({ $0 }).min() { ranked.append((name, nearest)) }
        }
        return ranked.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(3).map { String($0.element.name) }
    }

    /// How many names are compared with one that is not there.
    private static let mostCompared = 20_000

    /// nil where it is more than `most`, as lengths may tell alone.
    private static func distance(_ a: [Unicode.Scalar], _ b: ArraySlice<Unicode.Scalar>, most: Int) -> Int? {
        guard abs(a.count - b.count) <= most else { return nil }
        let distance = editDistance(String(String.UnicodeScalarView(a)), String(String.UnicodeScalarView(b)))
        return distance <= most ? distance : nil
    }

    // MARK: Paths as people write them

    private enum Step { case name(String), index(Int) }

    /// `layer4[-1].conv2` as steps; nil where the brackets do not close.
    private static func parse(_ text: String) -> [Step]? {
        var steps: [Step] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: true) {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            if !pieces[0].isEmpty { steps.append(.name(String(pieces[0]))) }
            for piece in pieces.dropFirst() {
                guard piece.last == "]", let index = Int(piece.dropLast()) else { return nil }
                steps.append(.index(index))
            }
        }
        return steps
    }

    private static func canonical(_ text: some StringProtocol) -> String {
        String(text.filter { $0 != "]" }.map { "[/".contains($0) ? "." : $0 }).lowercased()
    }

    /// Modules under which a path may begin, outermost first.
    private var roots: [Substring] {
        var seen = Set<Substring>()
        let roots = paths.flatMap { $0.modules.enumerated() }.filter { seen.insert($0.element).inserted }
        return roots.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
            .map(\.element.element)
    }

    /// The convolution that holds the norm of this path, which is not in the file.
    private func convolution(under path: Substring) -> Int? {
        let (outer, name) = Self.split(path)
        guard let candidates = folded[outer] else { return nil }
        return candidates.first { FoldedNorm.isNorm(String(name), of: $0.name, among: candidates.map(\.name)) }?.node
    }

    private func resolve(_ steps: [Step], from root: Substring) -> Substring? {
        var path = root
        for step in steps {
            let children = inner[path] ?? [], numbers = children.compactMap { Int($0) }.filter { $0 >= 0 }
            // Numbered modules are counted by their numbers, as some compute nothing in the file.
            let isNumbered = numbers.count == children.count
            let name: Substring
            switch step {
            case .name(let stated): name = stated[...]
            case .index(let index) where index >= 0 && (isNumbered || children.contains("\(index)")):
                name = "\(index)"
            case .index(let index):
                let last = isNumbered ? numbers.max() ?? -1 : children.count - 1
                let place = index < 0 ? index + 1 + last : index
                guard place >= 0, isNumbered || children.indices.contains(place) else { return nil }
                name = isNumbered ? "\(place)" : children[place]
            }
            path = path.isEmpty ? name : path + "." + name
            guard children.contains(name) || convolution(under: path) != nil else { return nil }
        }
        return path
    }
}
