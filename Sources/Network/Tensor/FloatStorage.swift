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

    /// Memory of its own, which `fill` writes to in full.
    init(
        count: Int, within limit: MemoryLimit = .none, for purpose: @autoclosure () -> Wording = "a constant",
        fill: (UnsafeMutablePointer<Float>) -> Void
    ) throws(MemoryShortage) {
        let memory = try Memory.allocate(count, within: limit, for: purpose())
        fill(memory)
        (owned, base, self.count, owner) = (memory, UnsafePointer(memory), count, nil)
    }

    /// A copy.
    convenience init(_ values: [Float], within limit: MemoryLimit = .none) throws(MemoryShortage) {
        try self.init(count: values.count, within: limit) { $0.initialize(from: values, count: values.count) }
    }

    private init(lending bytes: UnsafeRawPointer, count: Int, owner: AnyObject) {
        (owned, base, self.count, self.owner) = (nil, bytes.assumingMemoryBound(to: Float.self), count, owner)
    }

    /// A tensor's numbers.
    convenience init(_ tensor: TensorDef, within limit: MemoryLimit = .none) throws(OperatorFault) {
        if let (bytes, file) = tensor.mappedFloatBytes {
            self.init(lending: bytes, count: tensor.count, owner: file)
            return
        }
        do throws(MemoryShortage) {
            // The numbers as they stand in the file, as floats, and as they are kept.
            try Memory.check(.sizeProduct(4, tensor.count), within: limit, for: "its numbers")
        } catch {
            throw .memory(error)
        }
        let values: [Float]
        do throws(ONNXError) { values = try tensor.floats() } catch { throw .onnx(error) }
        do throws(MemoryShortage) { try self.init(values, within: limit) } catch { throw .memory(error) }
    }

    deinit { if let owned { Memory.release(owned, count) } }

    subscript(index: Int) -> Float { withExtendedLifetime(self) { base[index] } }

    /// A copy of all the numbers.
    package var values: [Float] { withExtendedLifetime(self) { Array(UnsafeBufferPointer(start: base, count: count)) } }
}
