import ONNX

/// Constant float32 numbers: a network's weights, lent by the mapped file where they lie there as they are, else owned.
final class FloatStorage: @unchecked Sendable {
    let base: UnsafePointer<Float>
    let count: Int
    private let owned: UnsafeMutablePointer<Float>?
    private let owner: AnyObject?

    init(_ values: [Float]) {
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: max(values.count, 1))
        copy.initialize(from: values, count: values.count)
        (owned, base, count, owner) = (copy, UnsafePointer(copy), values.count, nil)
    }

    init(_ tensor: TensorDef) throws(ONNXError) {
        if let (pointer, file) = tensor.mappedFloats {
            (owned, base, count, owner) = (nil, pointer, tensor.count, file)
        } else {
            let values = try tensor.floats()
            let copy = UnsafeMutablePointer<Float>.allocate(capacity: max(values.count, 1))
            copy.initialize(from: values, count: values.count)
            (owned, base, count, owner) = (copy, UnsafePointer(copy), values.count, nil)
        }
    }

    deinit { owned?.deallocate() }

    var values: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: base, count: count) }
}
