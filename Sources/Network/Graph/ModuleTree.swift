/// The modules that a network's nodes were traced in.
struct ModuleTree {
    /// What a path stands for.
    struct Finding: Equatable {
        let node: Int
        /// Whether a convolution was meant that holds what followed its norm.
        let isConvolutionAlone: Bool
    }

    private let graph: Graph
    /// Every module path of the network, its names split at the dots, in order of appearance.
    private let paths: [(names: [String], node: Int)]
    /// The last node computed inside every module, by its path: the one farthest from the photo.
    let last: [String: Int]
    /// The names of the modules right inside one, by its path, in order of appearance.
    private let inner: [[String]: [String]]
    /// Convolutions with a folded norm whose name the file does not tell, by the module right around them.
    private let folded: [[String]: [(name: String, node: Int)]]

    init(_ graph: Graph) {
        self.graph = graph
        paths = graph.nodes.enumerated().flatMap { index, node in
            Set([node.path, node.norm?.convolution ?? "", node.norm?.norm ?? ""]).sorted().compactMap { path in
                let names = path.split(separator: ".").map(String.init)
                return names.isEmpty ? nil : (names, index)
            }
        }
        let depths = graph.depths
        var last: [String: Int] = [:], inner: [[String]: [String]] = [:],
            folded: [[String]: [(name: String, node: Int)]] = [:]
        func depth(_ node: Int) -> Int { graph.nodes[node].outputs.map { depths[$0] }.max() ?? -1 }
        for (names, node) in paths {
            for length in 1...names.count {
                let module = names[..<length].joined(separator: ".")
                if last[module] == nil { inner[Array(names[..<(length - 1)]), default: []].append(names[length - 1]) }
                if last[module].map({ depth($0) <= depth(node) }) ?? true { last[module] = node }
            }
            if let norm = graph.nodes[node].norm, norm.norm == nil {
                folded[Array(names.dropLast()), default: []].append((names.last!, node))
            }
        }
        (self.last, self.inner, self.folded) = (last, inner, folded)
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
            if let path = resolve(steps, from: []) { return finding(path) }
            let found = roots.compactMap { resolve(steps, from: $0) }
            var seen = Set<[String]>()
            let ends = found.filter { seen.insert($0).inserted }
            if ends.count > 1 { throw .ambiguousLayer(text, matches: ends.map { $0.joined(separator: ".") }) }
            if let path = ends.first { return finding(path) }
        }
        let named = graph.nodes.indices.filter { graph.nodes[$0].name.hasSuffix("/" + text) }
        if named.count > 1 { throw .ambiguousLayer(text, matches: named.map { graph.nodes[$0].name }) }
        return named.first.map { Finding(node: $0, isConvolutionAlone: graph.nodes[$0].norm != nil) }
    }

    private func finding(_ path: [String]) -> Finding? {
        let module = path.joined(separator: ".")
        guard let node = last[module] else {
            return convolution(under: path).map { Finding(node: $0, isConvolutionAlone: false) }
        }
        return Finding(
            node: node,
            isConvolutionAlone: graph.nodes[node].norm.map { $0.convolution == module && $0.norm != module } ?? false)
    }

    /// Names of layers that look like `text` or end like it, closest first.
    func nearest(to text: String) -> [String] {
        var names: [String] = []
        var seen = Set<String>()
        for (path, _) in paths {
            for length in 1...path.count {
                let name = path[..<length].joined(separator: ".")
                if seen.insert(name).inserted { names.append(name) }
            }
        }
        names += graph.layers.map(\.name).filter { seen.insert($0).inserted }
        let wanted = Self.canonical(text)
        var ranked: [(name: String, distance: Int)] = []
        for name in names {
            let whole = Self.canonical(name), parts = whole.split(separator: ".")
            let distance = editDistance(wanted, whole)
            let ends =
                parts.indices.dropFirst().map { editDistance(wanted, parts[$0...].joined(separator: ".")) }.min()
                ?? .max
            if distance <= max(3, wanted.count / 2) || ends <= max(1, wanted.count / 4) {
                ranked.append((name, min(distance, ends)))
            }
        }
        return ranked.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(3).map(\.element.name)
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

    private static func canonical(_ text: String) -> String {
        text.replacing("[", with: ".").replacing("/", with: ".").filter { $0 != "]" }.lowercased()
    }

    /// Modules under which a path may begin, outermost first.
    private var roots: [[String]] {
        var seen = Set<[String]>()
        let roots = paths.flatMap { path in (1...path.names.count).map { Array(path.names[..<$0]) } }.filter {
            seen.insert($0).inserted
        }
        return roots.enumerated().sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }.map(
            \.element)
    }

    /// The convolution that holds the norm of this path, which is not in the file.
    private func convolution(under path: [String]) -> Int? {
        guard let name = path.last, let candidates = folded[Array(path.dropLast())] else { return nil }
        return candidates.first { FoldedNorm.isNorm(name, of: $0.name, among: candidates.map(\.name)) }?.node
    }

    private func resolve(_ steps: [Step], from root: [String]) -> [String]? {
        var path = root
        for step in steps {
            let children = inner[path] ?? [], numbers = children.compactMap { Int($0) }.filter { $0 >= 0 }
            // Numbered modules are counted by their numbers, as some compute nothing in the file.
            let isNumbered = numbers.count == children.count
            switch step {
            case .name(let name): path.append(name)
            case .index(let index) where index >= 0 && (isNumbered || children.contains(String(index))):
                path.append(String(index))
            case .index(let index):
                let place = index < 0 ? index + 1 + (isNumbered ? numbers.max() ?? -1 : children.count - 1) : index
                guard place >= 0, isNumbered || children.indices.contains(place) else { return nil }
                path.append(isNumbered ? String(place) : children[place])
            }
            guard children.contains(path.last!) || convolution(under: path) != nil else { return nil }
        }
        return path
    }
}
