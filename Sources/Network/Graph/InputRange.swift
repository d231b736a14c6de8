/// What numbers a network's pixels are, before any normalisation that it brings along.
public enum InputRange: Sendable {
    /// The network normalises nothing itself.
    case normalised
    /// It normalises pixels of 0..1 itself.
    case unit
    /// It normalises pixels of 0..255 itself, or takes whole numbers.
    case byte
}

extension Graph {
    /// Judged by the arithmetic with constants that stands right behind the input: what shifts by more than 2, or scales to less
    /// than a tenth, was made for 0..255.
    func inputRange(isInteger: Bool) -> InputRange {
        if isInteger { return .byte }
        var value = input
        var (scale, shift, found): (Float, Float, Bool) = (1, 0, false)
        while consumers[value].count == 1, let index = consumers[value].first {
            let node = nodes[index]
            if !node.op.isView, !(node.op is Transpose) {
                guard node.operands.count == 2, let number = node.operands.compactMap({ $0?.constant }).first else { break }
                let isFirst = node.operands[0]?.value == value
                switch node.opType {
                case "Add": shift += number
                case "Sub" where isFirst: shift -= number
                case "Sub": (scale, shift) = (-scale, number - shift)
                case "Mul": (scale, shift) = (scale * number, shift * number)
                case "Div" where isFirst: (scale, shift) = (scale / number, shift / number)
                default: return found ? Self.range(scale, shift) : .normalised
                }
                found = true
            }
            value = node.outputs[0]
        }
        return found ? Self.range(scale, shift) : .normalised
    }

    private static func range(_ scale: Float, _ shift: Float) -> InputRange {
        abs(scale) < 0.1 || abs(shift / scale) > 2 ? .byte : .unit
    }
}

extension Graph.Source {
    /// The first number of a constant of one number, or of one a channel.
    fileprivate var constant: Float? {
        guard case .constant(_, let storage) = self, storage.count == 1 || storage.count == 3 else { return nil }
        return storage[0]
    }
}
