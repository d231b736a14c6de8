/// A table of a forward pass, step by step.
struct ProfileTable {
    struct Row {
        let name, opType, shape, algorithm: String
        let milliseconds: Double
        /// Floating-point operations; 0 where they are not counted.
        let operations: Double
    }

    let rows: [Row]

    /// One line a step: operator, output shape, algorithm, time, GFLOP/s and the share of the whole pass.
    var text: String {
        let total = rows.reduce(0) { $0 + $1.milliseconds }
        func cell(_ text: String, _ width: Int) -> String { String(text.suffix(width)) + String(repeating: " ", count: max(0, width - text.count)) }
        func number(_ value: Double, _ width: Int) -> String {
            let text = "\((value * 100).rounded() / 100)"
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        var lines = [cell("step", 44) + cell("operator", 20) + cell("output", 22) + cell("algorithm", 12) + "      ms   GFLOP/s       %"]
        for row in rows {
            let rate = row.operations > 0 ? number(row.operations / row.milliseconds / 1e6, 10) : String(repeating: " ", count: 10)
            lines.append(
                cell(row.name, 43) + " " + cell(row.opType, 20) + cell(row.shape, 22) + cell(row.algorithm, 12)
                    + number(row.milliseconds, 8) + rate + number(100 * row.milliseconds / total, 8))
        }
        var byAlgorithm: [(String, Double)] = []
        for row in rows {
            let key = row.algorithm.isEmpty ? row.opType : row.algorithm
            if let index = byAlgorithm.firstIndex(where: { $0.0 == key }) { byAlgorithm[index].1 += row.milliseconds } else { byAlgorithm.append((key, row.milliseconds)) }
        }
        lines.append("")
        lines += byAlgorithm.sorted { $0.1 > $1.1 }.map { cell($0.0, 30) + number($0.1, 10) + " ms" }
        let operations = rows.reduce(0) { $0 + $1.operations }
        lines.append(cell("whole pass", 30) + number(total, 10) + " ms" + number(operations / total / 1e6, 10) + " GFLOP/s")
        return lines.joined(separator: "\n")
    }
}
