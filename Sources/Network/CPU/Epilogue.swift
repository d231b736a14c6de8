import CKernels

/// Where a gradient goes: it is added to what is there, or written over it.
struct GradientTarget {
    let base: UnsafeMutablePointer<Float>
    var overwrites = false

    static func + (target: GradientTarget, offset: Int) -> GradientTarget {
        GradientTarget(base: target.base + offset, overwrites: target.overwrites)
    }
}

extension Activation {
    /// Keeps of some numbers of a gradient `d` what passes at the outputs `y`, which goes to `target` too. At the
    /// bounds nothing passes, as in PyTorch's relu. Only what cuts off at zero is a rectifier, to which the guided
    /// rules apply; they pass an upper bound (of a relu6) by.
    func gradient(
        _ d: UnsafeMutablePointer<Float>, at y: UnsafePointer<Float>, count: Int, to target: GradientTarget?,
        _ rule: RectifierRule
    ) {
        let rule =
            switch low == 0 ? rule : .plain {
            case .plain: gradcam_rectifier_plain
            case .guided: gradcam_rectifier_guided
            case .deconvnet: gradcam_rectifier_deconvnet
            }
        gradcam_rectifier_gradient(target?.base, target?.overwrites == true, d, y, count, low, high, rule)
    }
}

/// The function that closes an epilogue.
enum PointFunction: Hashable, Sendable {
    /// A gradient passes by the output alone.
    case clip(Activation)
    /// Only where no gradient passes: it would need what the function is of.
    case function(UnaryFunction)
}

/// What is fused after a product, channel by channel: y = function(scale * x + shift + residual).
struct Epilogue: Hashable, Sendable {
    var scale: [Float]?
    var shift: [Float]?
    /// Whether the step's last operand is added.
    var addsResidual = false
    var function: PointFunction?

    var isIdentity: Bool { scale == nil && shift == nil && !addsResidual && function == nil }

    /// What its gradient needs to know of the forward pass.
    var gradientReads: GradientReads { function == nil ? [] : .outputs }

    /// The same with what follows it; nothing but a scale and a shift may be there. nil where constants together are
    /// beyond what float32 holds to the last digit, which the numbers that they are for need not be.
    func followed(by constants: ChannelConstants) -> Epilogue? {
        var whole = self
        switch constants {
        case .added(let values):
            whole.shift = shift.map { zip($0, values).map(+) } ?? values
            if shift != nil, !whole.shift!.allSatisfy(\.isFinite) { return nil }
        case .multiplied(let values):
            func product(_ factors: [Float]) -> [Float]? {
                let products = zip(factors, values).map(*)
                let isExact = zip(products, zip(factors, values)).allSatisfy { $0.isNormal || $1.0 == 0 || $1.1 == 0 }
                return isExact ? products : nil
            }
            whole.scale = scale.map(product) ?? values
            whole.shift = shift.flatMap(product)
            if whole.scale == nil || (shift != nil && whole.shift == nil) { return nil }
        }
        return whole
    }

    /// The same epilogue after a bias: scale * (x + bias) + shift = scale * x + (scale * bias + shift).
    func after(_ bias: [Float]?) -> Epilogue {
        guard let bias else { return self }
        var whole = self
        whole.shift = bias.indices.map { c in bias[c] * (scale?[c] ?? 1) + (shift?[c] ?? 0) }
        return whole
    }

    /// Applies itself to `rows` rows of the channels `columns` of y, in place or to x, which points at the first of
    /// these channels; `y` and `residual` point at channel 0 of the first row.
    func apply(
        _ y: UnsafeMutablePointer<Float>, from x: (base: UnsafePointer<Float>, stride: Int)? = nil, rows: Int,
        stride: Int, columns: Range<Int>, residual: UnsafePointer<Float>?
    ) {
        guard x != nil || !isIdentity else { return }
        withPointers { scale, shift in
            let first = columns.lowerBound
            var part = gradcam_epilogue(
                scale: scale.map { $0 + first }, shift: shift.map { $0 + first }, residual: residual.map { $0 + first },
                vectors)
            gradcam_channelwise(
                y + first, stride, x?.base ?? UnsafePointer(y + first), x?.stride ?? stride, rows, columns.count, &part)
        }
    }

    /// Its function as the loops compute it.
    var vectors: VectorFunction {
        switch function {
        case nil: VectorFunction(Activation(low: -.infinity))
        case .clip(let bounds): VectorFunction(bounds)
        case .function(let function): VectorFunction(function)!
        }
    }

    /// Turns d (the gradient at the output y) in place into the gradient before the scale; on its way it goes to
    /// `dResidual`.
    func gradient(
        _ d: UnsafeMutablePointer<Float>, y: UnsafePointer<Float>, rows: Int, channels: Int,
        dResidual: GradientTarget?, rule: RectifierRule
    ) {
        let count = rows * channels
        if case .clip(let activation) = function {
            activation.gradient(d, at: y, count: count, to: dResidual, rule)
        } else if let dResidual {
            if dResidual.overwrites {
                dResidual.base.update(from: d, count: count)
            } else {
                gradcam_add_scaled_rows([1], [UnsafePointer(d)], 1, dResidual.base, count)
            }
        }
        withPointers { scale, _ in
            guard let scale else { return }
            for row in 0..<rows { for c in 0..<channels { d[row * channels + c] *= scale[c] } }
        }
    }

    func withPointers(_ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void) {
        (scale ?? []).withUnsafeBufferPointer { s in
            (shift ?? []).withUnsafeBufferPointer { t in
                body(scale == nil ? nil : s.baseAddress, shift == nil ? nil : t.baseAddress)
            }
        }
    }
}
