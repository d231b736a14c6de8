/// A tensor with memory of its own, of one image. Its view is valid only as long as the object is kept alive.
final class OwnedTensor {
    let view: TensorView

    init(shape: Shape, layout: Layout) {
        let base = Memory.allocate(max(shape.count, 1))
        base.initialize(repeating: 0, count: max(shape.count, 1))
        view = TensorView(base: base, shape: shape, layout: layout, imageStride: shape.count)
    }

    /// Copies row-major numbers into a layout.
    convenience init(copying storage: FloatStorage, shape: Shape, layout: Layout) {
        self.init(shape: shape, layout: shape.rank == 4 ? layout : .plain)
        withExtendedLifetime(storage) {
            let source = TensorView(
                base: UnsafeMutablePointer(mutating: storage.base), shape: shape, layout: .plain, imageStride: 0)
            Self.reorder(source, view)
        }
    }

    deinit { Memory.release(view.base, max(view.shape.count, 1)) }

    /// The numbers in row-major order.
    func plainCopy() -> FloatStorage {
        withExtendedLifetime(self) {
            FloatStorage(count: view.shape.count) { memory in
                Self.reorder(view, TensorView(base: memory, shape: view.shape, layout: .plain, imageStride: 0))
            }
        }
    }

    private static func reorder(_ source: TensorView, _ target: TensorView) {
        Reorder().forward(
            ForwardPass(
                images: 1, operands: [source], outputs: [target], scratch: target.base, threads: Threads(count: 1)))
    }
}
