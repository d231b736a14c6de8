import CKernels

/// An epilogue on the output of one step, while that is computed part by part. Rows are counted from the output's first
/// one.
struct Finish {
    private let epilogue: Epilogue
    private let scale, shift: UnsafePointer<Float>?
    private let y: UnsafeMutablePointer<Float>
    private let residual: UnsafePointer<Float>?
    private let channels: Int

    /// Calls `body` with the epilogue on y, rows of `channels` channels; y and `residual` point at the first row.
    static func with(
        _ epilogue: Epilogue, on y: UnsafeMutablePointer<Float>, channels: Int, residual: UnsafePointer<Float>?,
        _ body: (Finish) -> Void
    ) {
        epilogue.withPointers { scale, shift in
            body(
                Finish(
                    epilogue: epilogue, scale: scale, shift: shift, y: y, residual: residual, channels: channels))
        }
    }

    /// Finishes some rows and channels that are not.
    func callAsFunction(_ rows: Range<Int>, _ columns: Range<Int>) {
        let offset = rows.lowerBound * channels
        epilogue.apply(
            y + offset, rows: rows.count, stride: channels, columns: columns, residual: residual.map { $0 + offset })
    }

    /// The same as a product does it, from a row and a channel on.
    func part(row: Int, column: Int) -> gradcam_epilogue {
        gradcam_epilogue(
            scale: scale.map { $0 + column }, shift: shift.map { $0 + column },
            residual: residual.map { $0 + row * channels + column }, epilogue.vectors)
    }
}
