import ONNX

extension Importer {
    /// The photo as [1, channels, height, width]; the file reads it through a transposition where it wants another
    /// order.
    mutating func addInput(
        _ image: ImageInput, width: Int, height: Int, images: Int = 1
    ) throws(NetworkError) -> ValueID {
        let size = (channels: image.channels ?? 3, height: image.height ?? height, width: image.width ?? width)
        let shape: Shape
        do throws(OperatorFault) {
            shape = try Shape([images, size.channels, size.height, size.width])
            guard shape.count > 0 else { throw .shape("its shape, \(shape), holds no pixels") }
            try limits.check(Extent(shape.count), bytes: 4, for: "the image, of shape \(shape),")
        } catch {
            throw .tensor(name: image.name, reason: error.reason)
        }
        let input = define(image.name, shape, producer: nil)
        var inner = image.name
        if let order = image.signalOrder {
            addSignal(image.name, order)
            return input
        }
        if image.axes == .channelsLast {
            inner = "\0channels last"
            add(
                NodeDef(
                    name: "channels last", opType: "Transpose", domain: NodeDef.written, inputs: [image.name],
                    outputs: [inner], attributes: ["perm": .ints([0, 2, 3, 1])]), opset: opset)
        }
        if image.axes == .noChannels || !image.hasBatch {
            let axes: [Int64] = (image.hasBatch ? [] : [0]) + (image.axes == .noChannels ? [1] : [])
            add(
                NodeDef(
                    name: "as the file has it", opType: "Squeeze", domain: NodeDef.written, inputs: [inner],
                    outputs: ["\0image"], attributes: ["axes": .ints(axes)]), opset: opset)
            inner = "\0image"
        }
        tensors[image.name] = tensors[inner]
        return input
    }

    /// A signal, which is fed as [1, channels, 1, time], as the file has it.
    private mutating func addSignal(_ name: String, _ order: [Int]) {
        let (permutation, squeezed) = ImageInput.steps(to: order)
        var inner = name
        func step(_ kind: String, _ attribute: String, _ values: [Int]) {
            let output = "\0signal \(kind)"
            add(
                NodeDef(
                    name: "signal as the file has it", opType: kind, domain: NodeDef.written, inputs: [inner],
                    outputs: [output], attributes: [attribute: .ints(values.map(Int64.init))]), opset: opset)
            inner = output
        }
        if permutation != [0, 1, 2, 3] { step("Transpose", "perm", permutation) }
        if !squeezed.isEmpty { step("Squeeze", "axes", squeezed) }
        tensors[name] = tensors[inner]
    }
}
