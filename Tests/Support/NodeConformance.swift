import Network
import ONNX

/// What came of one of the standard's node tests.
package enum NodeOutcome {
    case passed
    case failed(String)
    case outOfScope(String)
}

/// How a device runs a model's nodes.
package protocol NodeRunner {
    /// - Parameters:
    ///   - computed: those of the graph's inputs that are values of floats, by name.
    ///   - constants: those that are known before anything runs.
    init(_ model: Model, computed: [String: TensorDef], constants: [String: TensorDef]) throws
    /// Runs all nodes, in as many ways as the device has that may differ, and calls `look` after each; it is given an
    /// output by its name, row-major, nil where no node gives it.
    ///
    /// - Parameter isWhole: whether it is a whole network, of which one way is enough.
    mutating func run(isWhole: Bool, _ look: ((String) throws -> (dims: [Int], values: [Double])?) throws -> Void)
        throws
}

/// The ONNX standard's node tests as a conformance suite: every test whose operators this program has, on tensors that
/// it computes with. conformance-gaps.txt lists the operators that it has not and the tests that fail, with the reason.
package struct NodeConformance {
    package let suite: NodeTests
    package let gaps: [String: String]
    /// Those that are listed as unknown.
    package var operators: Set<String> { Set(gaps.keys.filter { !$0.contains("_") }) }

    /// - Returns: nil where the suite is not on this machine, saying so.
    package init?(for what: String) throws {
        guard let suite = try NodeTests(for: what) else { return nil }
        self.suite = suite
        let file = Shared.repository + "/Tests/NetworkTests/conformance-gaps.txt"
        var gaps: [String: String] = [:]
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#")
        {
            let parts = line.split(separator: ":", maxSplits: 1)
            gaps[String(parts[0])] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        self.gaps = gaps
    }

    /// Element types that constants and values are read in.
    private static let types: Set<ElementType> = [
        .float32, .float16, .bfloat16, .float64, .int64, .int32, .bool, .uint8, .int8, .uint16, .int16, .uint32,
        .uint64, .int4, .uint4,
    ]

    package func outcome<Runner: NodeRunner>(_ name: String, by runner: Runner.Type) throws -> NodeOutcome {
        guard let path = suite.path(name, "model.onnx") else { return .outOfScope("without a model") }
        // A thousand equal scores of 9e9: the last bit of rounding decides their softmax, on every processor otherwise.
        if name == "light_squeezenet" { return .outOfScope("whose scores are rounding errors") }
        #if DEBUG
        if name.hasPrefix("light_") { return .outOfScope("whole networks, too slow without optimisation") }
        #endif
        let model = try Model(contentsOf: path)
        if model.graph.nodes.contains(where: { !$0.domain.isEmpty }) {
            return .outOfScope("of other domains than ONNX's own")
        }
        if model.graph.nodes.contains(where: { operators.contains($0.opType) }) {
            return .outOfScope("of listed operators")
        }
        var inputs: [String: TensorDef] = [:]
        let weights = Set(model.graph.initializers.map(\.name))
        for (index, input) in model.graph.inputs.filter({ !weights.contains($0.name) }).enumerated() {
            guard let type = input.elementType else { return .outOfScope("with sequences or optionals") }
            guard Self.types.contains(type) else { return .outOfScope("of other element types") }
            guard let file = suite.path(name, "input_\(index).pb") else { return .outOfScope("without data") }
            inputs[input.name] = try TensorDef(contentsOf: file)
        }
        var expected: [String: TensorDef] = [:]
        for (index, output) in model.graph.outputs.enumerated() {
            guard let type = output.elementType, let file = suite.path(name, "output_\(index).pb") else {
                return .outOfScope("with sequences or optionals")
            }
            guard Self.types.contains(type) else { return .outOfScope("of other element types") }
            expected[output.name] = try TensorDef(contentsOf: file)
        }
        let isFloat = (Array(inputs.values) + expected.values).contains { $0.elementType.isFloat }
        guard isFloat || model.graph.inputs.allSatisfy({ [.int64, .bool, nil].contains($0.elementType) }) else {
            return .outOfScope("of other element types")
        }
        return run(model, inputs, expected, isWhole: name.hasPrefix("light_"), by: runner)
    }

    /// Runs with every float input computed; what must be a constant (weights) is made one.
    private func run<Runner: NodeRunner>(
        _ model: Model, _ inputs: [String: TensorDef], _ expected: [String: TensorDef], isWhole: Bool,
        by runner: Runner.Type
    ) -> NodeOutcome {
        var constants: Set<String> = []
        while true {
            do {
                let computed = inputs.filter { name, tensor in
                    tensor.elementType.isFloat && !constants.contains(name)
                }
                var runner = try Runner(
                    model, computed: computed, constants: inputs.filter { computed[$0.key] == nil })
                var fault: String?
                try runner.run(isWhole: isWhole) { output in
                    for (name, tensor) in expected where fault == nil {
                        fault = try difference(try output(name), tensor).map { "output \(name) \($0)" }
                    }
                }
                return fault.map { .failed($0) } ?? .passed
            } catch let error as NetworkError {
                guard case .node(_, _, _, let reason) = error, reason.description.contains("is computed at run time"),
                    let next = model.graph.inputs.last(where: {
                        (inputs[$0.name]?.elementType.isFloat ?? false) && !constants.contains($0.name)
                    })
                else { return .failed("\(error)") }
                constants.insert(next.name)
            } catch {
                return .failed("\(error)")
            }
        }
    }

    /// What is wrong with an output, by the tolerance of ONNX's backend tests; nil where nothing is.
    private func difference(_ found: (dims: [Int], values: [Double])?, _ expected: TensorDef) throws -> String? {
        guard let found else { return "is missing" }
        guard found.dims == expected.dims else { return "has shape \(found.dims), not \(expected.dims)" }
        let numbers =
            expected.elementType.isFloat
            ? try expected.floats().map(Double.init) : try expected.integers().map(Double.init)
        // Types of few bits are computed in float32, so that the reference's own rounding shows.
        let tolerance =
            switch expected.elementType {
            case .float16: 4e-3
            case .bfloat16: 2e-2
            default: 1e-3
            }
        for (value, wanted) in zip(found.values, numbers) {
            let agrees =
                value == wanted || (value.isNaN && wanted.isNaN)
                || abs(value - wanted) <= 1e-7 + tolerance * abs(wanted)
            if !agrees { return "is \(value) where \(wanted) is expected" }
        }
        return nil
    }
}
