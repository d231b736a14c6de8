import CCUDA
import Network

extension Stream {
    /// y = w * x, or += where it adds, by cuDNN.
    ///
    /// - Returns: false where cuDNN is not there, or has no such convolution.
    func convolve(
        _ geometry: ConvolutionGeometry, x: UInt64, w: UInt64, y: UInt64, maps: Int, adds: Bool
    ) throws(NetworkError) -> Bool {
        guard let form = try form(geometry, maps) else { return false }
        return try form.forward(x, w, y, adds: adds, self)
    }

    /// t += the gradient of x.
    func convolveBack(
        _ geometry: ConvolutionGeometry, d: UInt64, w: UInt64, t: UInt64, maps: Int
    ) throws(NetworkError) -> Bool {
        guard let form = try form(geometry, maps) else { return false }
        return try form.gradient(d, w, t, self)
    }
}

extension Stream {
    /// nil where cuDNN has no such convolution.
    private func form(_ geometry: ConvolutionGeometry, _ maps: Int) throws(NetworkError) -> ConvolutionForm? {
        guard cudnn != nil else { return nil }
        let key = ConvolutionForm.Key(geometry: geometry, maps: maps)
        if let known = forms[key] { return known }
        let form = try ConvolutionForm(key, card, precision)
        forms[key] = .some(form)
        return form
    }
}

/// cuDNN's descriptors of one convolution, in the calls that versions 8 and 9 share, and the algorithms for it.
final class ConvolutionForm {
    struct Key: Hashable, Sendable {
        let geometry: ConvolutionGeometry
        let maps: Int
    }

    /// An algorithm, and the bytes that it works in.
    private struct Choice {
        let algorithm: Int32
        /// A cudnnMathType_t.
        let math: Int32
        let bytes: Int
    }

    private let key: Key
    private let card: Card
    private let precision: Precision
    private var x, w, y, convolution: UnsafeMutableRawPointer?
    /// The fastest first, without those that turned out not to do; nil: not looked for yet.
    private var forwardChoices, backChoices: [Choice]?
    private var calls: cuda_calls { card.calls }

    /// Bytes that an algorithm may work in at the most.
    static let workspace = 256 << 20
    /// `cudnnGetConvolution...Algorithm_v7` tells of no more than these.
    private static let mostAlgorithms = 10

    /// - Returns: nil where cuDNN knows no such padding, or takes no tensors of such a size.
    init?(_ key: Key, _ card: Card, _ precision: Precision) throws(NetworkError) {
        (self.key, self.card, self.precision) = (key, card, precision)
        let (geometry, maps) = (key.geometry, key.maps), window = geometry.window
        // Padding after the map is what the output's size says, where there are no more windows than it would give.
        func fits(_ extent: Int, _ pad: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ count: Int) -> Bool {
            pad >= 0 && (extent + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1 == count
        }
        guard
            fits(
                window.inHeight, window.padTop, window.kernelHeight, window.strideY, window.dilationY,
                window.outHeight),
            fits(window.inWidth, window.padLeft, window.kernelWidth, window.strideX, window.dilationX, window.outWidth)
        else { return nil }
        let calls = card.calls
        // CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, CUDNN_CROSS_CORRELATION
        let (planes, float, correlates): (Int32, Int32, Int32) = (0, 0, 1)
        try check(calls.cudnnCreateTensorDescriptor(&x), "cudnnCreateTensorDescriptor")
        try check(calls.cudnnCreateTensorDescriptor(&y), "cudnnCreateTensorDescriptor")
        try check(calls.cudnnCreateFilterDescriptor(&w), "cudnnCreateFilterDescriptor")
        try check(calls.cudnnCreateConvolutionDescriptor(&convolution), "cudnnCreateConvolutionDescriptor")
        guard
            try isTaken(
                calls.cudnnSetTensor4dDescriptor(
                    x, planes, float, Int32(maps), Int32(geometry.inChannels), Int32(window.inHeight),
                    Int32(window.inWidth)), "cudnnSetTensor4dDescriptor"),
            try isTaken(
                calls.cudnnSetTensor4dDescriptor(
                    y, planes, float, Int32(maps), Int32(geometry.outChannels), Int32(window.outHeight),
                    Int32(window.outWidth)), "cudnnSetTensor4dDescriptor"),
            try isTaken(
                calls.cudnnSetFilter4dDescriptor(
                    w, float, planes, Int32(geometry.outChannels), Int32(geometry.groupIn),
                    Int32(window.kernelHeight), Int32(window.kernelWidth)), "cudnnSetFilter4dDescriptor"),
            try isTaken(
                calls.cudnnSetConvolution2dDescriptor(
                    convolution, Int32(window.padTop), Int32(window.padLeft), Int32(window.strideY),
                    Int32(window.strideX), Int32(window.dilationY), Int32(window.dilationX), correlates, float),
                "cudnnSetConvolution2dDescriptor"),
            try isTaken(
                calls.cudnnSetConvolutionGroupCount(convolution, Int32(geometry.groups)),
                "cudnnSetConvolutionGroupCount")
        else { return nil }
    }

    /// Of cudnnMathType_t: TF32 where it is there, for all kinds of numbers; tensor cores, whose form of float32 is TF32;
    /// the same by way of float16; and float32 without TF32.
    private enum Math {
        static let standard: Int32 = 0, tensor: Int32 = 1, converted: Int32 = 2, exact: Int32 = 3
    }

    /// What algorithms are asked for.
    private var allowed: Int32 { precision == .tf32 ? Math.standard : Math.exact }

    private func set(math: Int32) -> Int32 { calls.cudnnSetConvolutionMathType(convolution, math) }

    deinit {
        if x != nil { _ = calls.cudnnDestroyTensorDescriptor(x) }
        if y != nil { _ = calls.cudnnDestroyTensorDescriptor(y) }
        if w != nil { _ = calls.cudnnDestroyFilterDescriptor(w) }
        if convolution != nil { _ = calls.cudnnDestroyConvolutionDescriptor(convolution) }
    }

    private func check(_ status: Int32, _ call: String) throws(NetworkError) {
        try card.check(status, of: cuda_library_cudnn, call)
    }

    /// - Returns: false where cuDNN does not support what it is asked for (NOT_SUPPORTED, 9 of version 8, 3000 and more
    ///   of version 9), or lacks the part of it that would (SUBLIBRARY_VERSION_MISMATCH, SUBLIBRARY_LOADING_FAILED).
    private func isTaken(_ status: Int32, _ call: String) throws(NetworkError) -> Bool {
        if [9, 1002, 1008].contains(status) || (3000..<4000).contains(status) { return false }
        try check(status, call)
        return true
    }

    private func pointer(_ address: UInt64) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: UInt(address))
    }

    func forward(
        _ x: UInt64, _ w: UInt64, _ y: UInt64, adds: Bool, _ stream: Stream
    ) throws(NetworkError) -> Bool {
        let (calls, handle) = (calls, stream.cudnn)
        var choices =
            if let forwardChoices {
                forwardChoices
            } else {
                try found(
                    {
                        calls.cudnnGetConvolutionForwardAlgorithm_v7(
                            handle, self.x, self.w, convolution, self.y, $0, $1, $2)
                    },
                    sized: {
                        calls.cudnnGetConvolutionForwardWorkspaceSize(
                            handle, self.x, self.w, convolution, self.y, $0, $1)
                    })
            }
        defer { forwardChoices = choices }
        var (one, beta): (Float, Float) = (1, adds ? 1 : 0)
        return try run(&choices, stream, "cudnnConvolutionForward") { choice, workspace in
            calls.cudnnConvolutionForward(
                handle, &one, self.x, pointer(x), self.w, pointer(w), convolution, choice.algorithm, workspace,
                choice.bytes, &beta, self.y, pointer(y))
        }
    }

    func gradient(_ d: UInt64, _ w: UInt64, _ t: UInt64, _ stream: Stream) throws(NetworkError) -> Bool {
        let (calls, handle) = (calls, stream.cudnn)
        var choices =
            if let backChoices {
                backChoices
            } else {
                try found(
                    {
                        calls.cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, self.w, y, convolution, x, $0, $1, $2)
                    },
                    sized: {
                        calls.cudnnGetConvolutionBackwardDataWorkspaceSize(handle, self.w, y, convolution, x, $0, $1)
                    })
            }
        defer { backChoices = choices }
        var one: Float = 1
        return try run(&choices, stream, "cudnnConvolutionBackwardData") { choice, workspace in
            calls.cudnnConvolutionBackwardData(
                handle, &one, self.w, pointer(w), y, pointer(d), convolution, choice.algorithm, workspace,
                choice.bytes, &one, x, pointer(t))
        }
    }

    /// The algorithms that give the same numbers every time, in memory that may be taken, the fastest first; none where
    /// cuDNN cannot tell of any.
    ///
    /// - Throws: where it could for want of memory alone.
    private func found(
        _ call: (Int32, UnsafeMutablePointer<Int32>, UnsafeMutableRawPointer) -> Int32,
        sized size: (Int32, UnsafeMutablePointer<Int>) -> Int32
    ) throws(NetworkError) -> [Choice] {
        var found = [cudnn_algorithm](repeating: cudnn_algorithm(), count: Self.mostAlgorithms), count: Int32 = 0
        do throws(NetworkError) {
            try check(set(math: allowed), "cudnnSetConvolutionMathType")
            let status = call(Int32(Self.mostAlgorithms), &count, &found)
            guard try isTaken(status, "cudnnGetConvolutionAlgorithm") else { return [] }
        } catch {
            if error.isShortage { throw error }
            return []
        }
        return found.prefix(Int(count)).compactMap { own -> Choice? in
            var bytes = 0
            let isPrecise = own.math != Math.converted && (precision == .tf32 || own.math != Math.tensor)
            let math = precision == .tf32 ? own.math : Math.exact
            // What it takes with these products may be more than what it was found with.
            guard own.status == 0, own.determinism == 1, own.memory <= Self.workspace, isPrecise,
                set(math: math) == 0, size(own.algorithm, &bytes) == 0, bytes <= Self.workspace
            else { return nil }
            return Choice(algorithm: own.algorithm, math: math, bytes: bytes)
        }
    }

    /// Calls the first algorithm that is supported and finds room to work in; what turns out not to do is not tried
    /// again.
    ///
    /// - Returns: false where there is none.
    private func run(
        _ choices: inout [Choice], _ stream: Stream, _ name: String,
        _ call: (Choice, UnsafeMutableRawPointer?) -> Int32
    ) throws(NetworkError) -> Bool {
        while let choice = choices.first {
            let workspace: Buffer
            do throws(NetworkError) {
                workspace = try stream.pool.take((choice.bytes + 3) / 4)
            } catch {
                let smaller = choices.filter { $0.bytes < choice.bytes }
                guard case .device(_, .memory, _) = error, !smaller.isEmpty else { throw error }
                for large in choices where large.bytes >= choice.bytes {
                    stream.left.insert(
                        LeftAlgorithm(call: name, convolution: key, algorithm: large.algorithm, math: large.math))
                }
                choices = smaller
                continue
            }
            try check(set(math: choice.math), "cudnnSetConvolutionMathType")
            let status = call(choice, pointer(workspace.address))
            withExtendedLifetime(workspace) {}
            if try isTaken(status, name) { return true }
            choices.removeFirst()
        }
        return false
    }
}

/// One that had no memory to work in, and in whose place a stream takes another one. (What is not supported has another
/// one in its place from the beginning, on all streams.)
struct LeftAlgorithm: Hashable, Sendable {
    let call: String
    let convolution: ConvolutionForm.Key
    let algorithm, math: Int32
}
