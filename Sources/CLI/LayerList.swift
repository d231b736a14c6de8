import Network

/// The lines of `--list-layers`: every layer that `--target-layer` takes, in the order in which they run; the default one comes with a star.
enum LayerList {
    static func text(_ graph: Graph) -> String {
        let names = graph.layerNames, standard = graph.defaultLayer?.value
        let header = ["", "layer", "operator", "C x H x W", "stride", "node"]
        let rows = graph.layers.map { layer in
            let name = names[layer.value] ?? layer.name
            return [
                layer.value == standard ? "*" : "", name, layer.opType, "\(layer.channels) x \(layer.height) x \(layer.width)",
                stride(layer), layer.name == name ? "" : layer.name,
            ]
        }
        let input = graph.inputShape
        return """
            network input \(input[1]) x \(input[2]) x \(input[3]); stride: pixels of this input a step of the map; *: the default layer
            \(table([header] + rows))
            """
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
