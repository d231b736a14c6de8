import CKernels

/// Products with weights packed for this processor's vectors: n outputs of k numbers each, as panels of `width`
/// outputs, [panel][k][width].
struct PackedProduct {
    /// Columns in a panel; 0 where this processor has no kernel for it, and OpenBLAS does the work.
    static let width = gradcam_packed_width()

    /// Floats that packed weights take.
    static func size(n: Int, k: Int) -> Int { panels(n) * width * k }
    private static func panels(_ n: Int) -> Int { (n + width - 1) / width }

    private let n, k: Int
    private enum Panels {
        case ready(FloatStorage)
        case packed(by: (Range<Int>, UnsafeMutablePointer<Float>) -> Void)
    }
    private let panels: Panels

    /// - Parameters:
    ///   - inAdvance: whether the panels are packed now and kept; else at every product, into memory that stays near.
    ///   - pack: packs the weights of some outputs, at most `width` of them, as one panel; called from several threads.
    init(
        n: Int, k: Int, inAdvance: Bool, threads: Threads,
        pack: @escaping (Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) {
        (self.n, self.k) = (n, k)
        panels =
            !inAdvance
            ? .packed(by: pack)
            : .ready(
                FloatStorage(packed: Self.size(n: n, k: k)) { target in
                    threads.split(Self.panels(n), grain: max(1, 16384 / (k * Self.width))) { panels in
                        for panel in panels { pack(Self.outputs(panel, n), target + panel * Self.width * k) }
                    }
                })
    }

    private static func outputs(_ panel: Int, _ n: Int) -> Range<Int> { panel * width..<min((panel + 1) * width, n) }

    /// Whether threads are better given panels than rows of x.
    private func splitsPanels(m: Int, _ threads: Threads) -> Bool {
        guard Self.panels(n) >= 2 * threads.count else { return false }
        return if case .ready = panels { m < 56 * threads.count } else { true }
    }

    /// y (m x n) = x (m x k) * weights^T (+ y where `adds`), then `finish(rows, columns)` on every finished part.
    func multiply(
        m: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, threads: Threads,
        finish: (Range<Int>, Range<Int>) -> Void
    ) {
        let panels = Self.panels(n)
        if splitsPanels(m: m, threads) {
            threads.split(panels) { multiply(0..<m, $0, x, into: y, adds: adds, finish: finish) }
        } else {
            threads.split(m, grain: 14) { multiply($0, 0..<panels, x, into: y, adds: adds, finish: finish) }
        }
    }

    private func multiply(
        _ rows: Range<Int>, _ panels: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        adds: Bool,
        finish: (Range<Int>, Range<Int>) -> Void
    ) {
        func multiply(_ panels: Range<Int>, _ weights: UnsafePointer<Float>) {
            let columns = panels.lowerBound * Self.width..<min(panels.upperBound * Self.width, n)
            // Few rows at a time, so that what is finished is still near.
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 56) {
                let end = min(start + 56, rows.upperBound)
                gradcam_packed_product(
                    x + start * k, k, weights, y + start * n + columns.lowerBound, n, end - start, columns.count, k,
                    adds)
                finish(start..<end, columns)
            }
        }
        let size = Self.width * k
        switch self.panels {
        case .ready(let weights):
            withExtendedLifetime(weights) { multiply(panels, weights.base + panels.lowerBound * size) }
        case .packed(let pack):
            let group = max(1, (1 << 16) / size)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: min(group, panels.count) * size) { memory in
                for first in stride(from: panels.lowerBound, to: panels.upperBound, by: group) {
                    let some = first..<min(first + group, panels.upperBound)
                    for panel in some { pack(Self.outputs(panel, n), memory.baseAddress! + (panel - first) * size) }
                    multiply(some, memory.baseAddress!)
                }
            }
        }
    }
}
