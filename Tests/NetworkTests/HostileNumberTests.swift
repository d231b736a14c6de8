import ONNX
import Testing
import TestSupport

@testable import Network

/// Every whole number that a node is told (attributes, small constants, its operands' extents), at the edges of what
/// integers hold: a node is refused with a reason or imported and run, and never ends the program.
struct HostileNumberTests {
    static let edges: [Int64] = [
        0, -1, 1, 2, 7, Int64(Int32.max), 1 << 31, 1 << 40, 1 << 62, .max, .min,
    ]
    static let floats: [Float] = [0, -1, 1e-30, 1e30, .nan, .infinity, -.infinity]

    /// Small, so that what is allowed is made at once.
    private static let limits: Limits = {
        var limits = Limits()
        (limits.memory, limits.elements) = (MemoryLimit(bytes: 1 << 24), 1 << 20)
        limits.operations = 1 << 28
        return limits
    }()

    private struct Site {
        let node: NodeDef
        let initializers: [TensorDef]
        let inputs: [String: [Int]]

        /// Why the node is refused; nil where it is not, and was run.
        func fault(opset: Int) throws -> NetworkError? {
            var importer = Importer(
                Model(graph: GraphDef(), opsets: ["": Int64(opset), "com.microsoft": 1]),
                limits: HostileNumberTests.limits)
            importer.addInitializers(GraphDef(initializers: initializers))
            for (name, dims) in inputs {
                guard let shape = try? Shape(dims) else { return nil }
                _ = importer.define(name, shape, producer: nil)
            }
            importer.add([node], opset: opset)
            if let fault = importer.faults.first { return fault }
            do {
                try Self.run(importer)
            } catch is MemoryShortage {
            } catch OperatorFault.memory {}
            return nil
        }

        /// Runs every node, the inputs being numbers inside and outside what indices and places may be.
        private static func run(_ importer: Importer) throws {
            var known: [ValueID: Graph.Source] = [:]
            for node in importer.nodes {
                var operands: [Graph.Source?] = []
                for operand in node.operands {
                    guard let value = operand?.value, known[value] == nil else {
                        operands.append(operand?.value.flatMap { known[$0] } ?? operand)
                        continue
                    }
                    let shape = importer.values[value].shape
                    // An input of so many numbers is refused before a run.
                    guard shape.count <= HostileNumberTests.limits.elements else { return }
                    let numbers = (0..<shape.count).map { HostileNumberTests.floats[$0 % 7] + Float($0 % 5) }
                    operands.append(.constant(shape, try FloatStorage(numbers)))
                }
                let results = try node.op.evaluated(operands, within: HostileNumberTests.limits.memory)
                for (output, (shape, numbers)) in zip(node.outputs, zip(node.op.outputShapes, results)) {
                    known[output] = .constant(shape, numbers)
                }
            }
        }

        func with(_ name: String, _ attribute: Attribute) -> Site {
            var node = node
            node.attributes[name] = attribute
            return Site(node: node, initializers: initializers, inputs: inputs)
        }

        func with(_ tensor: TensorDef, at place: Int) -> Site {
            var initializers = initializers
            initializers[place] = tensor
            return Site(node: node, initializers: initializers, inputs: inputs)
        }

        /// Every change of one number.
        func mutants() throws -> [Site] {
            var mutants: [Site] = []
            for (name, attribute) in node.attributes {
                switch attribute {
                case .int: mutants += edges.map { with(name, .int($0)) }
                case .ints(let numbers):
                    mutants += HostileNumberTests.changes(numbers, edges).map { with(name, .ints($0)) }
                    mutants += [with(name, .ints([])), with(name, .ints(numbers + [1]))]
                case .float: mutants += HostileNumberTests.floats.map { with(name, .float($0)) }
                default: break
                }
            }
            for (place, tensor) in initializers.enumerated() where tensor.count <= 8 {
                let (name, dims) = (tensor.name, tensor.dims)
                if let numbers = try? tensor.integers() {
                    for change in HostileNumberTests.changes(numbers, edges) {
                        mutants.append(with(try TensorDef(name: name, dims: dims, integers: change), at: place))
                    }
                    mutants.append(with(try TensorDef(name: name, dims: [0], integers: []), at: place))
                } else if let numbers = try? tensor.floats() {
                    for change in HostileNumberTests.changes(numbers, HostileNumberTests.floats) {
                        mutants.append(with(try TensorDef(name: name, dims: dims, floats: change), at: place))
                    }
                    mutants.append(with(try TensorDef(name: name, dims: [0], floats: []), at: place))
                }
            }
            for (name, dims) in inputs {
                let numbers = HostileNumberTests.changes(dims, edges.map { Int($0) }) + [[], [0], dims + [1]]
                for change in numbers {
                    var inputs = inputs
                    inputs[name] = change
                    mutants.append(Site(node: node, initializers: initializers, inputs: inputs))
                }
            }
            return mutants
        }

        private var edges: [Int64] { HostileNumberTests.edges }
    }

    /// The numbers with each of them, and all, exchanged for each edge.
    private static func changes<Number>(_ numbers: [Number], _ edges: [Number]) -> [[Number]] {
        edges.flatMap { edge in
            let ones = numbers.indices.map { place in
                var changed = numbers
                changed[place] = edge
                return changed
            }
            return ones + [numbers.map { _ in edge }]
        }
    }

    @Test(arguments: OperatorCase.all)
    func neverEndTheProgram(_ single: OperatorCase) throws {
        let golden = try #require(OperatorCase.golden)
        let model = try Model(contentsOf: golden.path + "/" + single.file)
        let site = Site(
            node: try #require(model.graph.nodes.first), initializers: model.graph.initializers,
            inputs: try single.inputs.mapValues { try golden.tensor($0).shape })
        for mutant in try site.mutants() {
            guard let fault = try mutant.fault(opset: single.opset) else { continue }
            #expect((1...300).contains(fault.description.count), "\(fault)")
        }
    }

    /// Sequences are taken apart while importing, by their sizes.
    @Test func sequencesNeverEndTheProgram() throws {
        for edge in Self.edges {
            for (dims, numbers) in [([], [edge]), ([1], [edge]), ([2], [edge, edge]), ([2], [edge, 4])] {
                let nodes = [
                    NodeDef(name: "split", opType: "SplitToSequence", inputs: ["x", "n"], outputs: ["s"]),
                    NodeDef(name: "at", opType: "SequenceAt", inputs: ["s", "n"], outputs: ["y"]),
                    NodeDef(name: "erase", opType: "SequenceErase", inputs: ["s", "n"], outputs: ["e"]),
                    NodeDef(
                        name: "join", opType: "ConcatFromSequence", inputs: ["s"], outputs: ["z"],
                        attributes: ["axis": .int(edge)]),
                ]
                var importer = Importer(Model(graph: GraphDef(), opsets: ["": 17]), limits: Self.limits)
                importer.addInitializers(
                    GraphDef(initializers: [try TensorDef(name: "n", dims: dims, integers: numbers)]))
                _ = importer.define("x", try Shape([8, 3]), producer: nil)
                importer.add(nodes, opset: 17)
                for fault in importer.faults {
                    #expect((1...300).contains(fault.description.count), "\(fault)")
                }
            }
        }
    }

    /// Integers of constants are computed with as int64, which wraps.
    private static let sums: [(op: String, operands: [Int64], result: [Int64])] = [
        ("Neg", [.min], [.min]), ("Abs", [.min, -3], [.min, 3]), ("Add", [.max, 1], [.min]),
        ("Sub", [.min, 1], [.max]), ("Mul", [.max, 2], [-2]), ("Div", [.min, -1], [.min]), ("Div", [7, 0], [0]),
        ("Mod", [.min, -1], [0]), ("Mod", [7, 0], [0]), ("Mod", [-7, 3], [2]), ("Range", [3, 0, -2], [3, 1]),
        ("Range", [.max - 1, .max, 2], [.max - 1]),
    ]

    @Test(arguments: sums)
    func integersWrap(_ op: String, _ operands: [Int64], _ result: [Int64]) throws {
        let isUnary = ["Neg", "Abs"].contains(op), constants = isUnary ? [operands] : operands.map { [$0] }
        var importer = Importer(opset: 17)
        for (place, numbers) in constants.enumerated() {
            importer.tensors["x\(place)"] = .integers(.vector(numbers.count), numbers)
        }
        importer.add(
            [NodeDef(opType: op, inputs: constants.indices.map { "x\($0)" }, outputs: ["y"])], opset: 17)
        guard case .integers(_, let values)? = importer.tensors["y"] else {
            Issue.record("\(op) is not folded"); return
        }
        #expect(values == result)
    }
}
