import CKernels
import Synchronization

extension CPU {
    /// The loops in C that compute, by the name that GRADCAM_KERNELS takes: `avx512`, `amx`.
    public static var kernels: String { String(cString: gradcam_kernels()) }

    /// Those that this processor computes with: float32, and bfloat16 where it has AMX (or tests emulate it).
    public static var precisions: [Precision] {
        gradcam_has_split_products() ? [.float32, .bf16x3, .bf16] : [.float32]
    }

    /// The one that is taken where none is asked for: the fastest whose maps are float32's.
    public static var precision: Precision { gradcam_has_split_products() ? .bf16x3 : .float32 }
}

/// Products with packed panels.
extension Precision {
    /// The least inner extent of which anything is split.
    static let leastDepth = 32

    /// Splits a packed panel, k x `PackedProduct.width`, in place; it takes the same memory.
    func split(_ panel: UnsafeMutablePointer<Float>, k: Int) {
        if self != .float32 { gradcam_split_panel(panel, k, self == .bf16x3) }
    }

    /// `gradcam_packed_product` of panels that are split so. Where `finish` is not nil, y is its rows from `row` on, of
    /// the channels from `column` on.
    func multiply(
        m: Int, n: Int, k: Int, _ x: UnsafePointer<Float>, _ ldx: Int, _ panels: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>, _ ldy: Int, adds: Bool, finish: Finish? = nil, row: Int = 0,
        column: Int = 0
    ) {
        if self != .float32 {
            gradcam_split_product(x, ldx, panels, y, ldy, m, n, k, adds, self == .bf16x3)
            finish?(row..<row + m, column..<column + n)
        } else if let finish {
            withUnsafePointer(to: finish.part(row: row, column: column)) {
                gradcam_packed_product(x, ldx, panels, y, ldy, m, n, k, adds, $0)
            }
        } else {
            gradcam_packed_product(x, ldx, panels, y, ldy, m, n, k, adds, nil)
        }
    }

    /// This one, or float32 where the weights are not fit to be split, as those that are not finite.
    func fitting(_ weights: FloatStorage, threads: Threads) -> Precision {
        guard self != .float32 else { return self }
        let all = Mutex<Float>(0)
        threads.split(weights.count, grain: 1 << 18) { part in
            let largest = gradcam_largest(weights.base + part.lowerBound, part.count)
            all.withLock { $0 = max($0, largest) }
        }
        return (0x1p-30...0x1p40).contains(all.withLock { $0 }) ? self : .float32
    }
}
