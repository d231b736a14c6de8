import ONNX

/// What the standard says of a node whatever its operator computes: how many inputs and outputs, of what kind its
/// attributes are, which operands are lists and which are single numbers.
///
/// Let be, as files of good exporters have it: names left empty at the end, attributes that the operator has not, a
/// single number as a list of axes or a list of one as a single number.
extension NodeDef {
    /// What the node breaks, as far as it shows before its operands are known.
    func breach(opset: Int) -> OperatorFault? {
        guard !isWritten, let signatures = Signature.all[qualifiedType] else { return nil }
        guard let signature = signatures.last(where: { $0.since <= opset }) else {
            return .since(signatures[0].since)
        }
        return breach(inputs: signature.inputs, outputs: signature.outputs, areInOrder: domain.isEmpty)
            ?? breachOfAttributes(opset: opset)
    }

    /// - Parameter areInOrder: whether optional inputs stand after all required ones.
    func breach(inputs: ClosedRange<Int>, outputs: ClosedRange<Int>, areInOrder: Bool) -> OperatorFault? {
        let read = self.inputs.count(upToLast: { !$0.isEmpty }), given = self.outputs.count(upToLast: { !$0.isEmpty })
        guard inputs.contains(read) else { return .count(of: "input", found: read, allowed: inputs) }
        guard given <= outputs.upperBound, self.outputs.count >= outputs.lowerBound else {
            return .count(
                of: "output", found: given > outputs.upperBound ? given : self.outputs.count, allowed: outputs)
        }
        guard areInOrder, let missing = self.inputs.prefix(inputs.lowerBound).firstIndex(of: "") else { return nil }
        return .missingOperand(missing)
    }

    private func breachOfAttributes(opset: Int) -> OperatorFault? {
        for (name, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
            guard let kinds = Self.kinds[name], let kind = attribute.kind else { continue }
            if !kinds.contains(kind) { return .attributeType(name) }
        }
        guard isStandard else { return nil }
        if let (name, since) = Self.required[opType], attributes[name] == nil, since <= opset {
            return .missingAttribute(name)
        }
        return opType == "Cast" ? breachOfCast(opset: opset) : nil
    }

    /// A type that no network can go on with.
    private func breachOfCast(opset: Int) -> OperatorFault? {
        switch attributes["to"] {
        case .int(let code)?:
            switch ElementType(code: code) {
            case .string, .other: .cast(to: "\(ElementType(code: code))")
            default: nil
            }
        // Operator set 1 wrote the type's name.
        case .string(let name)?: opset < 6 && Self.typeNames.contains(name) ? nil : .cast(to: name)
        default: nil
        }
    }

    private static let typeNames: Set = [
        "BOOL", "DOUBLE", "FLOAT", "FLOAT16", "INT16", "INT32", "INT64", "INT8", "UINT16", "UINT32", "UINT64", "UINT8",
    ]

    /// The attribute that an operator cannot go without, and the operator set since which it cannot.
    private static let required: [String: (name: String, since: Int)] = [
        "AveragePool": ("kernel_shape", 1), "Cast": ("to", 1), "Concat": ("axis", 4),
        "ConcatFromSequence": ("axis", 11), "DepthToSpace": ("blocksize", 1), "Einsum": ("equation", 12),
        "GroupNormalization": ("num_groups", 18), "LRN": ("size", 1), "LpPool": ("kernel_shape", 2),
        "MaxPool": ("kernel_shape", 1), "SpaceToDepth": ("blocksize", 1),
    ]

    /// The kinds of attributes by their names, which all operators share; of several where operator sets differ.
    private static let kinds: [String: Set<Attribute.Kind>] = {
        let names: [(Attribute.Kind, String)] = [
            (.float, "activation_alpha activation_beta activation_gamma alpha beta bias cubic_coeff_a epsilon"),
            (.float, "extrapolation_value gamma height_scale lambd mask_filter_value max min momentum p ratio scale"),
            (.float, "softcap value value_float width_scale"),
            (.int, "K N align_corners allowzero antialias axis batch_dims bits block_size blocksize broadcast"),
            (.int, "ceil_mode channels_last count_include_pad detect_negative detect_positive do_rotary dtype end"),
            (
                .int,
                "exclude_outside exclusive fmod group interleaved is_causal is_test k keepdims kv_num_heads largest"
            ),
            (.int, "left_window_size new_axis noop_with_empty_axes num_groups num_heads num_outputs output_dtype p"),
            (.int, "precision q_num_heads qk_matmul_output_mode reverse right_window_size rotary_embedding_dim"),
            (.int, "saturate seed select_last_index size softmax_precision sorted spatial start stash_type"),
            (.int, "storage_order to training_mode transA transB transBatchA transBatchB unidirectional upper"),
            (.int, "value_int"),
            (.string, "activation approximate auto_pad coordinate_transformation_mode equation"),
            (.string, "keep_aspect_ratio_policy mode nearest_mode padding_mode reduction round_mode to value_string"),
            (.tensor, "value"),
            (.graph, "else_branch then_branch"),
            (.floats, "activation_params scales value_floats"),
            (.ints, "axes consumed_inputs dilations ends kernel_shape output_padding output_shape paddings pads perm"),
            (.ints, "qkv_hidden_sizes shape split starts strides value_ints"),
            (.strings, "value_strings"),
        ]
        return names.reduce(into: [:]) { kinds, row in
            for name in row.1.split(separator: " ") { kinds[String(name), default: []].insert(row.0) }
        }
    }()
}

extension NodeReader {
    /// Refuses operands that are no list, or no single number, where the standard wants one.
    func checkRanks() throws(OperatorFault) {
        guard node.domain.isEmpty else { return }
        for index in Self.lists[node.opType] ?? [] {
            guard let shape = operand(index)?.shape, shape.rank != 1 else { continue }
            guard shape.rank == 0, Self.takesOneAxis(node.opType) else { throw .rank(index, shape, wanted: "a list") }
        }
        for index in Self.single[node.opType] ?? [] {
            guard let shape = operand(index)?.shape, shape.rank > 1 || shape.dims.contains(where: { $0 != 1 }) else {
                continue
            }
            throw .rank(index, shape, wanted: "a single number")
        }
    }

    private static func takesOneAxis(_ op: String) -> Bool {
        op == "Squeeze" || op == "Unsqueeze" || op.hasPrefix("Reduce")
    }

    private static let lists: [String: [Int]] = {
        let reductions = Registry.operators.keys.filter { $0.hasPrefix("Reduce") }
        return [
            "AffineGrid": [1], "BatchNormalization": [1, 2, 3, 4], "CenterCropPad": [1], "Col2Im": [1, 2],
            "ConstantOfShape": [0], "Conv": [2], "ConvTranspose": [2], "Expand": [1], "GroupNormalization": [1, 2],
            "InstanceNormalization": [1, 2], "Pad": [1, 3], "Reshape": [1], "Resize": [1, 2, 3], "Slice": [1, 2, 3, 4],
            "Split": [1], "Squeeze": [1],
            "Tile": [1], "TopK": [1], "Unsqueeze": [1], "Upsample": [1],
        ].merging(reductions.map { ($0, [1]) }) { first, _ in first }
    }()

    private static let single: [String: [Int]] = [
        "Clip": [1, 2], "CumSum": [1], "Dropout": [1, 2], "OneHot": [1], "Pad": [2], "Range": [0, 1, 2], "Trilu": [1],
    ]
}

extension Array {
    /// How many there are up to the last one that counts.
    fileprivate func count(upToLast isCounted: (Element) -> Bool) -> Int {
        lastIndex(where: isCounted).map { $0 + 1 } ?? 0
    }
}
