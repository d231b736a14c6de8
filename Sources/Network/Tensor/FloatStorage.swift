import ONNX

/// Constant float32 numbers: a network's weights, lent by the mapped file where they lie there in one piece, else
/// owned.
///
/// What is lent may begin at any byte, for a protobuf file aligns nothing; x86-64 and arm64 read floats from any
/// address.
package final class FloatStorage: @unchecked Sendable {
    /// Valid as long as this object is kept alive.
    package let base: UnsafePointer<Float>
    package let count: Int
    private let owned: UnsafeMutablePointer<Float>?
    private let owner: AnyObject?
    private var isCounted = true

    init(_ values: [Float]) {
        let copy = Memory.allocate(values.count)
        copy.initialize(from: values, count: values.count)
        (owned, base, count, owner) = (copy, UnsafePointer(copy), values.count, nil)
    }

    private init(lending bytes: UnsafeRawPointer, count: Int, owner: AnyObject) {
        (owned, base, self.count, self.owner) = (nil, bytes.assumingMemoryBound(to: Float.self), count, owner)
    }

    convenience init(_ tensor: TensorDef) throws(ONNXError) {
        if let (bytes, file) = tensor.mappedFloatBytes {
            self.init(lending: bytes, count: tensor.count, owner: file)
        } else {
            self.init(try tensor.floats())
        }
    }

    /// Memory of its own, which `fill` writes to in full.
    init(count: Int, fill: (UnsafeMutablePointer<Float>) -> Void) {
        let memory = Memory.allocate(count)
        fill(memory)
        (owned, base, self.count, owner) = (memory, UnsafePointer(memory), count, nil)
    }

    /// Weights as a kernel packs them, which do not count against a limit.
    init(packed count: Int, fill: (UnsafeMutablePointer<Float>) -> Void) {
        let memory = Memory.allocate(count, isCounted: false)
        fill(memory)
        (owned, base, self.count, owner, isCounted) = (memory, UnsafePointer(memory), count, nil, false)
    }

    deinit { if let owned { Memory.release(owned, count, isCounted: isCounted) } }

    subscript(index: Int) -> Float { withExtendedLifetime(self) { base[index] } }

    /// A copy of all the numbers.
    var values: [Float] { withExtendedLifetime(self) { Array(UnsafeBufferPointer(start: base, count: count)) } }
}
