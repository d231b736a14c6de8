/// The messages of ONNX that mutations know the insides of.
///
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
enum Kind: Hashable {
    case model, graph, node, attribute, tensor, value, type, tensorType, sequence, shape, dimension, function, opset,
        entry

    /// What a length-delimited field holds; bytes where nothing is said.
    enum Content: Hashable {
        case text, integers
        case message(Kind)
    }

    /// By the fields' numbers.
    var content: [Int: Content] {
        switch self {
        case .model:
            [2: .text, 7: .message(.graph), 8: .message(.opset), 14: .message(.entry), 25: .message(.function)]
        case .graph:
            [
                1: .message(.node), 2: .text, 5: .message(.tensor), 11: .message(.value), 12: .message(.value),
                13: .message(.value),
            ]
        case .node: [1: .text, 2: .text, 3: .text, 4: .text, 5: .message(.attribute), 7: .text, 8: .text]
        case .attribute:
            [
                1: .text, 4: .text, 5: .message(.tensor), 6: .message(.graph), 8: .integers, 9: .text,
                10: .message(.tensor), 11: .message(.graph), 14: .message(.type), 21: .text,
            ]
        case .tensor: [1: .integers, 5: .integers, 7: .integers, 8: .text, 13: .message(.entry)]
        case .value: [1: .text, 2: .message(.type)]
        case .type: [1: .message(.tensorType), 4: .message(.sequence), 9: .message(.sequence)]
        case .tensorType: [2: .message(.shape)]
        case .sequence: [1: .message(.type)]
        case .shape: [1: .message(.dimension)]
        case .dimension: [2: .text]
        case .function:
            [
                1: .text, 4: .text, 5: .text, 6: .text, 7: .message(.node), 9: .message(.opset), 10: .text,
                11: .message(.attribute), 13: .text,
            ]
        case .opset: [1: .text]
        case .entry: [1: .text, 2: .text]
        }
    }
}
