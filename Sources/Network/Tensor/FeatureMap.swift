import CKernels

/// Activations or gradients of one image at one layer: channels x height x width, row-major, owned.
public struct FeatureMap: Sendable, Equatable {
    public let channels, height, width: Int
    public var values: [Float]

    public init(channels: Int, height: Int, width: Int, values: [Float]) {
        precondition(values.count == channels * height * width)
        (self.channels, self.height, self.width, self.values) = (channels, height, width, values)
    }

    public var area: Int { height * width }

    /// Copies one image out of a view that is a map; any other value is a 1 x 1 map of all its numbers.
    init(_ view: TensorView, image: Int, form: SpatialLayout?) {
        let source = view.image(image)
        guard let form, let channelAxis = form.channelAxis(in: view.shape) else {
            let values = Array(UnsafeBufferPointer(start: source, count: view.shape.count))
            self.init(channels: values.count, height: 1, width: 1, values: values)
            return
        }
        let strides = view.strides
        let (rowStride, columnStride, start) =
            switch form.place {
            case .grid(let row, let column): (strides[row], strides[column], 0)
            case .tokens(let axis, let first): (form.width * strides[axis], strides[axis], first * strides[axis])
            }
        let (channels, area, step) = (view.shape[channelAxis], form.height * form.width, strides[channelAxis])
        let values = [Float](unsafeUninitializedCapacity: channels * area) { target, count in
            if step == 1, rowStride == form.width * columnStride {
                gradcam_transpose(source + start, columnStride, area, channels, target.baseAddress!, area)
            } else {
                for y in 0..<form.height {
                    for x in 0..<form.width {
                        let from = source + start + y * rowStride + x * columnStride
                        for c in 0..<channels { target[c * area + y * form.width + x] = from[c * step] }
                    }
                }
            }
            count = channels * area
        }
        self.init(channels: channels, height: form.height, width: form.width, values: values)
    }
}
