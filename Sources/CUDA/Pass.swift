import CCUDA
import Network

/// What a gradient reads of the forward pass, besides the incoming gradient.
struct GradientReads: OptionSet {
    let rawValue: Int
    static let operands = GradientReads(rawValue: 1)
    static let outputs = GradientReads(rawValue: 2)
}

/// Numbers of some images in the card's memory.
struct Place {
    let address: UInt64
    /// Numbers from one image to the next; 0 where all images share them, as they do a constant.
    let stride: Int
}

/// A constant that a kernel reads.
enum Table: Sendable {
    case floats([Float])
    case integers([Int32])
    case weights(FloatStorage)
}

/// A call of one operator for some images.
struct Pass {
    let stream: Stream
    let program: CUDAProgram
    /// The node's place in the graph.
    let node: Int
    let images: Int
    /// Those that are computed; nil for constants and for what is not there.
    let computed: [Place?]
    /// nil where nothing keeps it and no gradient reads it.
    let outputs: [Place?]

    /// An operand's numbers; those of a constant come to the card when they are first asked for.
    func operand(_ index: Int) throws(NetworkError) -> Place {
        if let place = computed[index] { return place }
        guard case .constant(_, let storage)? = program.graph.nodes[node].operands[index] else {
            return Place(address: 0, stride: 0)
        }
        return Place(address: try program.address(of: storage), stride: 0)
    }

    func has(_ index: Int) -> Bool {
        let operands = program.graph.nodes[node].operands
        return operands.indices.contains(index) && operands[index] != nil
    }

    /// An operand's numbers, one image's after another's, as kernels read them that know of no strides.
    func dense(_ index: Int, _ shape: Shape) throws(NetworkError) -> (address: UInt64, keep: Buffer?) {
        let place = try operand(index)
        guard place.stride == 0, images > 1, shape.count > 0 else { return (place.address, nil) }
        let copy = try stream.pool.take(images * shape.count)
        try stream.launch(
            copy_elements(
                count: Int64(images * shape.count), adds: 0,
                walk: walk([images, shape.count], [[0, 1], [shape.count, 1]]), from: place.address, to: copy.address))
        return (copy.address, copy)
    }

    var x: UInt64 { computed[0]?.address ?? 0 }
    var y: UInt64 { outputs[0]?.address ?? 0 }

    /// The address of one of the operator's tables.
    func table(_ index: Int) throws(NetworkError) -> UInt64 { try program.table(index, of: node) }

    /// An operand's shape for one image.
    func shape(_ index: Int) -> Shape { program.graph.shape(ofOperand: index, of: node) }
}

/// The same with gradients.
struct GradientPass {
    let pass: Pass
    /// The incoming gradient of every output; nil where there is none.
    let dOutputs: [UInt64?]
    /// Where to add the gradient of every operand; nil where nobody asks for it.
    let dOperands: [UInt64?]
    let rule: RectifierRule

    var d: UInt64 { dOutputs[0]! }
    var stream: Stream { pass.stream }
    var images: Int { pass.images }
}

extension walk {
    /// Indices of these extents, the outermost first, and up to three tensors' strides along them. What can be one axis
    /// is made one.
    init(_ extents: [Int], _ strides: [[Int]]) {
        self.init()
        var axes: [(extent: Int, strides: [Int])] = []
        for axis in extents.indices where extents[axis] != 1 {
            let own = strides.map { $0[axis] }
            if let last = axes.last, zip(last.strides, own).allSatisfy({ $0 == $1 * extents[axis] }) {
                axes[axes.count - 1] = (last.extent * extents[axis], own)
            } else {
                axes.append((extents[axis], own))
            }
        }
        precondition(axes.count <= Int(GRADCAM_AXES), "operators refuse more axes")
        rank = Int32(axes.count)
        withUnsafeMutableBytes(of: &self.extents) { bytes in
            let numbers = bytes.assumingMemoryBound(to: Int64.self)
            for (i, axis) in axes.enumerated() { numbers[i] = Int64(axis.extent) }
        }
        withUnsafeMutableBytes(of: &self.strides) { bytes in
            let numbers = bytes.assumingMemoryBound(to: Int64.self)
            for (i, axis) in axes.enumerated() {
                for (k, stride) in axis.strides.enumerated() { numbers[k * Int(GRADCAM_AXES) + i] = Int64(stride) }
            }
        }
    }
}

extension Shape {
    /// Numbers from one element to the next along each axis.
    var rowMajor: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in Swift.stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * dims[axis + 1]
        }
        return strides
    }

    /// The same along each axis of a shape that it broadcasts to: 0 where it is repeated.
    func strides(broadcastTo target: Shape) -> [Int] {
        let own = rowMajor, offset = target.rank - rank
        return target.dims.indices.map { $0 >= offset && dims[$0 - offset] > 1 ? own[$0 - offset] : 0 }
    }
}
