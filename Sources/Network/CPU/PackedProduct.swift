import CKernels

/// Products with weights packed for this processor's vectors: n outputs of k numbers each, as panels of `width`
/// outputs, [panel][k][width].
struct PackedProduct: Sendable {
    /// Columns in a panel; 0 where this processor has no kernel for it, and OpenBLAS does the work.
    static let width = gradcam_packed_width()

    /// Floats that packed weights take.
    static func size(n: Int, k: Int) -> Int { .sizeProduct(panels(n), width, k) }
    private static func panels(_ n: Int) -> Int { (n + width - 1) / width }

    /// Floats of scratch memory a thread, where the weights are packed at every product.
    static func scratch(n: Int, k: Int) -> Int {
        let size = Int.sizeProduct(width, k)
        return .sizeProduct(min(max(1, (1 << 16) / size), panels(n)), size)
    }

    private let n, k: Int
    private let precision: Precision
    private enum Panels: Sendable {
        case kept(PackedWeights)
        case packed(by: Packing, from: PackedWeights)
    }
    private let panels: Panels

    /// Packs the weights of some outputs, at most `width` of them, as one panel.
    typealias Packing = @Sendable (FloatStorage, Range<Int>, UnsafeMutablePointer<Float>) -> Void

    /// - Parameters:
    ///   - inAdvance: whether the panels are packed once and kept; else at every product, into scratch memory that stays
    ///     near.
    ///   - precision: of the panels; one that fits what is packed.
    ///   - source: what is packed.
    ///   - pack: how; called from several threads.
    init(
        n: Int, k: Int, inAdvance: Bool, precision: Precision = .float32, threads: Threads, from source: PackedWeights,
        pack packed: @escaping Packing
    ) {
        (self.n, self.k, self.precision) = (n, k, precision)
        let pack: Packing = { weights, outputs, panel in
            packed(weights, outputs, panel)
            precision.split(panel, k: k)
        }
        guard inAdvance else {
            panels = .packed(by: pack, from: source)
            return
        }
        let size = Self.size(n: n, k: k)
        panels = .kept(
            PackedWeights(count: size, transient: source.count + source.transient) { limit throws(MemoryShortage) in
                try source.prepare(within: limit)
                let weights = source.storage
                return try FloatStorage(count: size, within: limit, for: "packed weights") { target in
                    threads.split(Self.panels(n), grain: max(1, 16384 / (k * Self.width))) { panels in
                        for panel in panels { pack(weights, Self.outputs(panel, n), target + panel * Self.width * k) }
                    }
                }
            })
    }

    /// What is prepared before a product.
    var weights: PackedWeights {
        switch panels {
        case .kept(let weights), .packed(_, let weights): weights
        }
    }

    private static func outputs(_ panel: Int, _ n: Int) -> Range<Int> { panel * width..<min((panel + 1) * width, n) }

    /// Whether threads are better given panels than rows of x.
    private func splitsPanels(m: Int, _ threads: Threads) -> Bool {
        guard Self.panels(n) >= 2 * threads.count else { return false }
        return if case .kept = panels { m < 56 * threads.count } else { true }
    }

    /// y (m x n) = x (m x k) * weights^T (+ y where `adds`), then `finish` on every part of it.
    ///
    /// - Parameters:
    ///   - scratch: `Self.scratch` a thread, where the weights are packed at every product.
    ///   - row: the row of what is finished that is y's first.
    func multiply(
        m: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: Finish?, row: Int = 0
    ) {
        let (panels, stride) = (Self.panels(n), Self.scratch(n: n, k: k))
        let storage = weights.storage
        func multiply(_ part: Int, _ rows: Range<Int>, _ panels: Range<Int>) {
            guard !rows.isEmpty, !panels.isEmpty else { return }
            self.multiply(
                rows, panels, x, storage, into: y, adds: adds, scratch: scratch + part * stride, finish: finish,
                row: row)
        }
        withExtendedLifetime(storage) {
            if !splitsPanels(m: m, threads) {
                threads.parts(m, grain: 14) { part, rows in multiply(part, rows, 0..<panels) }
            } else if case .packed = self.panels {
                threads.parts(panels) { part, some in multiply(part, 0..<m, some) }
            } else {
                // Shares are even though panels are not: two threads share the rows of one between them.
                threads.parts(panels * m) { part, share in
                    let (first, begin) = share.lowerBound.quotientAndRemainder(dividingBy: m)
                    let (last, end) = share.upperBound.quotientAndRemainder(dividingBy: m)
                    if begin > 0 { multiply(part, begin..<(last > first ? m : end), first..<first + 1) }
                    let whole = begin > 0 ? first + 1 : first
                    if whole <= last {
                        multiply(part, 0..<m, whole..<last)
                        multiply(part, 0..<end, last..<last + 1)
                    }
                }
            }
        }
    }

    private func multiply(
        _ rows: Range<Int>, _ panels: Range<Int>, _ x: UnsafePointer<Float>, _ storage: FloatStorage,
        into y: UnsafeMutablePointer<Float>, adds: Bool, scratch: UnsafeMutablePointer<Float>, finish: Finish?,
        row: Int
    ) {
        func multiply(_ panels: Range<Int>, _ weights: UnsafePointer<Float>) {
            let columns = panels.lowerBound * Self.width..<min(panels.upperBound * Self.width, n)
            // Few rows at a time, so that the part of x stays near for all columns.
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 56) {
                precision.multiply(
                    m: min(56, rows.upperBound - start), n: columns.count, k: k, x + start * k, k, weights,
                    into: y + start * n + columns.lowerBound, n, adds: adds, finish: finish, row: row + start,
                    column: columns.lowerBound)
            }
        }
        let size = Self.width * k
        switch self.panels {
        case .kept:
            multiply(panels, storage.base + panels.lowerBound * size)
        case .packed(let pack, _):
            for first in stride(from: panels.lowerBound, to: panels.upperBound, by: max(1, (1 << 16) / size)) {
                let some = first..<min(first + max(1, (1 << 16) / size), panels.upperBound)
                for panel in some { pack(storage, Self.outputs(panel, n), scratch + (panel - first) * size) }
                multiply(some, scratch)
            }
        }
    }
}
