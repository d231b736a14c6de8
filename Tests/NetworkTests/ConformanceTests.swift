import Foundation
import ONNX
import Testing
import TestSupport

@testable import Network

/// The ONNX standard's own node tests: every test whose operators this program has, on tensors that it computes with.
///
/// conformance-gaps.txt lists the operators that it has not and the tests that fail, with the reason; a listed operator
/// that is known, and a listed test that passes, are failures too.
@Suite struct ConformanceTests {
    enum Outcome {
        case passed
        case failed(String)
        case outOfScope(String)
    }

    static let suite = try? NodeTests(for: "the ONNX standard's node tests")
    static let gapsFile = Shared.repository + "/Tests/NetworkTests/conformance-gaps.txt"

    @Test func agreesWithTheStandard() throws {
        guard let suite = Self.suite else { return }
        #expect(suite.names.count > 1000)
        let gaps = try Self.gaps(), operators = Set(gaps.keys.filter { !$0.contains("_") })
        for name in operators { #expect(!Registry.knows(name), "\(name) is known, but is listed as a gap") }
        var (passed, listed) = (0, 0)
        var scopes: [String: Int] = [:]
        for name in suite.names {
            switch try Self.outcome(name, suite, without: operators) {
            case .passed:
                passed += 1
                #expect(gaps[name] == nil, "\(name) passes, but is listed as a gap")
            case .failed(let reason):
                listed += 1
                #expect(gaps[name] != nil, "\(name): \(reason)")
            case .outOfScope(let why):
                scopes[why, default: 0] += 1
                #expect(gaps[name] == nil, "\(name) is out of scope (\(why)), but is listed as a gap")
            }
        }
        let rest = scopes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print(
            "conformance: \(passed) of \(passed + listed) tests in scope pass, \(listed) listed gaps; out of scope: \(rest)"
        )
    }

    static func gaps() throws -> [String: String] {
        var gaps: [String: String] = [:]
        for line in try String(contentsOfFile: gapsFile, encoding: .utf8).split(separator: "\n")
        where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1)
            gaps[String(parts[0])] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        return gaps
    }

    /// Element types that constants and values are read in.
    static let types: Set<ElementType> = [
        .float32, .float16, .bfloat16, .float64, .int64, .int32, .bool, .uint8, .int8, .uint16, .int16, .uint32,
        .uint64, .int4, .uint4,
    ]

    /// - Parameter operators: those that are listed as unknown.
    static func outcome(_ name: String, _ suite: NodeTests, without operators: Set<String>) throws -> Outcome {
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
            guard types.contains(type) else { return .outOfScope("of other element types") }
            guard let file = suite.path(name, "input_\(index).pb") else { return .outOfScope("without data") }
            inputs[input.name] = try TensorDef(contentsOf: file)
        }
        var expected: [String: TensorDef] = [:]
        for (index, output) in model.graph.outputs.enumerated() {
            guard let type = output.elementType, let file = suite.path(name, "output_\(index).pb") else {
                return .outOfScope("with sequences or optionals")
            }
            guard types.contains(type) else { return .outOfScope("of other element types") }
            expected[output.name] = try TensorDef(contentsOf: file)
        }
        let isFloat = (Array(inputs.values) + expected.values).contains { $0.elementType.isFloat }
        guard isFloat || model.graph.inputs.allSatisfy({ [.int64, .bool, nil].contains($0.elementType) }) else {
            return .outOfScope("of other element types")
        }
        return run(
            model, inputs, expected, layouts: name.hasPrefix("light_") ? [.channelsLast] : [.plain, .channelsLast])
    }

    /// Runs with every float input computed; what must be a constant (weights) is made one.
    private static func run(
        _ model: Model, _ inputs: [String: TensorDef], _ expected: [String: TensorDef], layouts: [Layout]
    ) -> Outcome {
        var constants: Set<String> = []
        while true {
            do {
                var runner = try GraphRunner(model, inputs: inputs, constants: constants)
                for layout in layouts {
                    try runner.run(arriving: layout)
                    for (name, tensor) in expected {
                        if let difference = try difference(try runner.output(name), tensor) {
                            return .failed("output \(name) \(difference)")
                        }
                    }
                }
                return .passed
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
    private static func difference(_ found: (shape: Shape, values: [Double])?, _ expected: TensorDef) throws -> String?
    {
        guard let found else { return "is missing" }
        guard found.shape.dims == expected.dims else { return "has shape \(found.shape), not \(expected.dims)" }
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
