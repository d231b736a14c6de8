import ActivationMaps
import Network
import Platform

/// The lines of `--list-layers`: every layer that `--target-layer` takes, in the order in which they run, under the
/// modules that they belong to; the default one comes with a star.
enum LayerList {
    /// A module with more layers than this is taken apart.
    private static let largestGroup = 24

    static func text(_ graph: Graph) -> String {
        let names = graph.layerNames, standard = graph.defaultLayer?.value, layers = graph.layers
        let isSignal = graph.image.isSignal
        let header = ["", "layer", "operator", isSignal ? "C x T" : "C x H x W", "stride", "node"]
        let rows = layers.map { layer in
            let name = names[layer.value] ?? layer.name
            return [
                layer.value == standard ? "*" : "", Messages.listed(name), layer.opType, extents(layer, isSignal),
                isSignal ? number(layer.strideX) : stride(layer),
                layer.name == name ? "" : Messages.listed(layer.name),
            ]
        }
        var lines = table([header] + rows).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let groups = groups(layers, 0..<layers.count, depth: 1)
        for (index, group) in groups.enumerated().reversed() {
            let heading =
                group.rows.count > 1
                ? ["", "\(Messages.listed(group.module)): \(extents(layers[group.rows.upperBound - 1], isSignal))"]
                : [""]
            // A layer alone stands apart from the module before it.
            guard group.rows.count > 1 || (index > 0 && groups[index - 1].rows.count > 1) else { continue }
            lines.insert(contentsOf: heading, at: group.rows.lowerBound + 1)
        }
        let input = graph.inputShape, name = standard.flatMap { names[$0] }.map { ", \(Messages.listed($0))" } ?? ""
        let legend =
            "network input \(input[1]) x \(isSignal ? "" : "\(input[2]) x ")\(input[3]); stride: "
            + "\(isSignal ? "samples" : "pixels") of this input a step of the map; "
            + "*: the default layer\(name)"
        return ([legend] + lines).joined(separator: "\n")
    }

    /// Neighbouring layers of one module, given by as many names of its path as `depth`, more where it is large.
    private static func groups(_ layers: [Layer], _ rows: Range<Int>, depth: Int) -> [(
        module: String, rows: Range<Int>
    )] {
        func module(_ row: Int) -> [Substring] { Array(layers[row].path.split(separator: ".").prefix(depth)) }
        var found: [(module: String, rows: Range<Int>)] = []
        var start = rows.lowerBound
        while start < rows.upperBound {
            let name = module(start)
            let end = rows[start...].first { module($0) != name } ?? rows.upperBound
            if end - start > largestGroup, name.count == depth {
                found += groups(layers, start..<end, depth: depth + 1)
            } else {
                found.append((name.isEmpty ? "outside any module" : name.joined(separator: "."), start..<end))
            }
            start = end
        }
        return found
    }

    private static func extents(_ layer: Layer, _ isSignal: Bool) -> String {
        "\(layer.channels) x \(isSignal ? "" : "\(layer.height) x ")\(layer.width)"
    }

    /// One number where both are the same, else across x down.
    private static func stride(_ layer: Layer) -> String {
        let (across, down) = (number(layer.strideX), number(layer.strideY))
        return across == down ? across : across + " x " + down
    }

    private static func number(_ stride: Double) -> String {
        stride == stride.rounded() ? "\(Int(stride))" : fixed(Float(stride), digits: 2)
    }
}

/// Rows of cells, a line each, their columns aligned; those in `right` to the right.
func table(_ rows: [[String]], right: Set<Int> = []) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        var line = ""
        for (column, cell) in row.enumerated() {
            let space = String(repeating: " ", count: widths[column] - cell.count)
            line += (column > 0 ? "  " : "") + (right.contains(column) ? space + cell : cell + space)
        }
        while line.last == " " { line.removeLast() }
        return line
    }.joined(separator: "\n")
}
