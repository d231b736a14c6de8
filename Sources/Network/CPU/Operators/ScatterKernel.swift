extension Scatter: CPUOperator, Kernel {
    var gradientReads: GradientReads { [.operands, .outputs] }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    /// Of the gradient, for every place: which update stands there, how many are equal, or zeros and products.
    func scratch(images: Int, threads: Int) -> Int {
        switch reduction {
        case .add: 0
        case .none, .max, .min: outputShapes[0].count
        case .mul: 2 * outputShapes[0].count
        }
    }

    /// Calls `body(place in the tensor, update)` for an image's updates, in order or the last one first.
    private func forEach(
        _ operands: [TensorView], image: Int, reversed: Bool = false, _ body: (Int, Int) -> Void
    ) {
        for index in 0..<slices.count {
            let slice = reversed ? slices.count - 1 - index : index
            let start = slices.start(slice, operands, image: image)
            for i in 0..<slices.run { body(start + i, slice * slices.run + i) }
        }
    }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (y, u) = (pass.output.image(image), pass.operands[2].image(image))
            y.update(from: pass.input.image(image), count: pass.output.shape.count)
            forEach(pass.operands, image: image) { place, i in
                switch reduction {
                case .none: y[place] = u[i]
                case .add: y[place] += u[i]
                case .mul: y[place] *= u[i]
                case .max: y[place] = greater(y[place], u[i])
                case .min: y[place] = lesser(y[place], u[i])
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        let count = outputShapes[0].count
        for image in 0..<pass.images {
            let (x, u) = (pass.operands[0].image(image), pass.operands[2].image(image))
            let (y, d) = (pass.outputs[0].image(image), pass.dOutput.image(image))
            let (dx, du) = (pass.dOperands[0]?.image(image), pass.dOperands[2]?.image(image))
            /// Adds `f(place, its number before or an update)` times the incoming gradient everywhere.
            func share(_ f: (Int, Float) -> Float) {
                if let dx { for place in 0..<count { dx[place] += d[place] * f(place, x[place]) } }
                if let du { forEach(pass.operands, image: image) { place, i in du[i] += d[place] * f(place, u[i]) } }
            }
            switch reduction {
            case .add:
                share { _, _ in 1 }
            case .none:
                let isOver = pass.scratch
                isOver.update(repeating: 0, count: count)
                forEach(pass.operands, image: image, reversed: true) { place, i in
                    if isOver[place] == 0 { du?[i] += d[place] }
                    isOver[place] = 1
                }
                if let dx { for place in 0..<count where isOver[place] == 0 { dx[place] += d[place] } }
            case .max, .min:
                let ties = pass.scratch
                for place in 0..<count { ties[place] = x[place] == y[place] ? 1 : 0 }
                forEach(pass.operands, image: image) { place, i in if u[i] == y[place] { ties[place] += 1 } }
                share { place, value in value == y[place] ? 1 / ties[place] : 0 }
            case .mul:
                // The product of the others: of those that are not 0, where the number itself is the only 0 or there is
                // none.
                let (zeros, rest) = (pass.scratch, pass.scratch + count)
                for place in 0..<count {
                    (zeros[place], rest[place]) = (x[place] == 0 ? 1 : 0, x[place] == 0 ? 1 : x[place])
                }
                forEach(pass.operands, image: image) { place, i in
                    if u[i] == 0 { zeros[place] += 1 } else { rest[place] *= u[i] }
                }
                share { place, value in
                    zeros[place] == 0 ? rest[place] / value : zeros[place] == 1 && value == 0 ? rest[place] : 0
                }
            }
        }
    }
}
