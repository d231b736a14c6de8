/// The modules that a network's nodes were traced in.
struct ModuleTree {
    private let graph: Graph
    /// Every module path of the network, its names split at the dots, in order of appearance.
    private let paths: [(names: [String], node: Int)]

    init(_ graph: Graph) {
        self.graph = graph
        paths = graph.nodes.enumerated().compactMap { index, node in
            node.path.isEmpty ? nil : (node.path.split(separator: ".").map(String.init), index)
        }
    }

    /// The last node computed inside the module that `text` names.
    func lastNode(of text: String) -> Int? {
        guard let steps = Self.parse(text), !steps.isEmpty else { return nil }
        // As written; without a leading `model.`; inside whatever module wraps the network.
        var candidates = [steps]
        if case .name(let first) = steps[0], ["model", "module", "self", "net"].contains(first) { candidates.append(Array(steps.dropFirst())) }
        for steps in candidates where !steps.isEmpty {
            for root in roots {
                if let path = resolve(steps, from: root) { return paths.last { $0.names.starts(with: path) }?.node }
            }
        }
        return nil
    }

    /// Names of layers that look like `text`, closest first.
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
        let ranked = names.map { ($0, editDistance(wanted, Self.canonical($0))) }.sorted { $0.1 < $1.1 }
        return ranked.prefix(3).filter { $0.1 <= max(3, wanted.count / 2) }.map(\.0)
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
        text.replacing("[", with: ".").filter { $0 != "]" }.lowercased()
    }

    /// Modules under which a path may begin, outermost first.
    private var roots: [[String]] {
        var roots: [[String]] = [[]]
        for (names, _) in paths { for length in 1...names.count where !roots.contains(Array(names[..<length])) { roots.append(Array(names[..<length])) } }
        return roots.enumerated().sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }.map(\.element)
    }

    /// The names of the modules right inside one, in order: by number where all are numbers, else by appearance.
    private func children(of module: [String]) -> [String] {
        var names: [String] = []
        for (path, _) in paths where path.count > module.count && path.starts(with: module) {
            if !names.contains(path[module.count]) { names.append(path[module.count]) }
        }
        let numbers = names.compactMap { Int($0) }
        return numbers.count == names.count ? numbers.sorted().map(String.init) : names
    }

    private func resolve(_ steps: [Step], from root: [String]) -> [String]? {
        var path = root
        for step in steps {
            let children = children(of: path)
            switch step {
            case .name(let name):
                guard children.contains(name) else { return nil }
                path.append(name)
            case .index(let index) where index >= 0 && children.contains(String(index)):
                path.append(String(index))
            case .index(let index):
                let place = index < 0 ? index + children.count : index
                // Numbered modules are named by their numbers: a missing one computes nothing and cannot be counted to.
                guard children.indices.contains(place), index < 0 || Int(children[place]) == nil else { return nil }
                path.append(children[place])
            }
        }
        return path
    }
}
