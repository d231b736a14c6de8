/// A tensor with memory of its own, of one image. Its view is valid only as long as the object is kept alive.
final class OwnedTensor {
    let view: TensorView
    private let storage: FloatStorage

    /// - Throws: where the system has no more memory.
    convenience init(shape: Shape, layout: Layout) throws(MemoryShortage) {
        self.init(
            try FloatStorage(count: shape.count) { $0.initialize(repeating: 0, count: shape.count) }, shape: shape,
            layout: layout)
    }

    /// Row-major numbers in a layout: in place where they lie the same way in it, else copied.
    convenience init(copying storage: FloatStorage, shape: Shape, layout: Layout) throws(MemoryShortage) {
        guard Self.copies(storage, shape, layout) else {
            self.init(storage, shape: shape, layout: shape.rank == 4 ? layout : .plain)
            return
        }
        try self.init(shape: shape, layout: shape.rank == 4 ? layout : .plain)
        withExtendedLifetime(storage) { Self.reorder(Self.plain(storage, shape), view) }
    }

    private init(_ storage: FloatStorage, shape: Shape, layout: Layout) {
        self.storage = storage
        view = TensorView(
            base: UnsafeMutablePointer(mutating: storage.base), shape: shape, layout: layout, imageStride: shape.count)
    }

    /// Whether numbers in a layout lie otherwise than row-major ones.
    static func copies(_ shape: Shape, _ layout: Layout) -> Bool {
        shape.rank == 4 && layout == .channelsLast && !Layout.coincide(shape)
    }

    /// Whether row-major numbers are copied into a layout: those of a file that lie between the places of floats, too.
    static func copies(_ storage: FloatStorage, _ shape: Shape, _ layout: Layout) -> Bool {
        copies(shape, layout) || Int(bitPattern: storage.base) % MemoryLayout<Float>.alignment != 0
    }

    /// The numbers in row-major order: its own where they lie so.
    func plain() throws(MemoryShortage) -> FloatStorage {
        guard Self.copies(view.shape, view.layout) else { return storage }
        return try FloatStorage(count: view.shape.count) { memory in
            Self.reorder(view, TensorView(base: memory, shape: view.shape, layout: .plain, imageStride: 0))
        }
    }

    private static func plain(_ storage: FloatStorage, _ shape: Shape) -> TensorView {
        TensorView(base: UnsafeMutablePointer(mutating: storage.base), shape: shape, layout: .plain, imageStride: 0)
    }

    private static func reorder(_ source: TensorView, _ target: TensorView) {
        Move.reorder.forward(
            ForwardPass(
                images: 1, operands: [source], outputs: [target], scratch: target.base, threads: Threads(count: 1)))
    }
}
