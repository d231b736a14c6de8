import Foundation
import ONNX
import Testing
import TestSupport

@testable import Network

/// The default layer of the same network with its nodes written in other orders.
struct NodeOrderTests {
    static let files: [String] = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: Golden.folder)) ?? []
        let goldens = folders.flatMap { name in ["torchscript", "dynamo"].map { "\(Golden.folder)/\(name)/\($0).onnx" }
        }
        let cases = (try? FileManager.default.subpathsOfDirectory(atPath: Case.folder)) ?? []
        return goldens.filter { FileManager.default.fileExists(atPath: $0) }.sorted()
            + cases.filter { $0.hasPrefix("layers-") && $0.hasSuffix(".onnx") }.sorted().map { "\(Case.folder)/\($0)" }
    }()

    @Test func filesAreThere() { #expect(Self.files.count >= 70) }

    @Test(arguments: files)
    func doesNotDecideTheDefaultLayer(_ path: String) throws {
        var model = try Model(contentsOf: path)
        // Nodes without a name are named by their place.
        for index in model.graph.nodes.indices where model.graph.nodes[index].name.isEmpty {
            model.graph.nodes[index].name = "node \(index)"
        }
        let image = try ImageInput(model), size = image.fixedSize ?? (96, 96)
        func layer() throws -> String? {
            let graph = try Graph(model, image: image, width: size.width, height: size.height)
            return graph.defaultLayer.map {
                "\($0.name) \($0.path) \(graph.values[$0.value].name) \($0.channels) x \($0.height) x \($0.width)"
            }
        }
        let expected = try #require(try layer())
        let nodes = model.graph.nodes
        var random = SplitMix(state: 7)
        for order in [Order.last, .random, .random] {
            model.graph.nodes = Self.reordered(nodes, order, &random)
            #expect(try layer() == expected)
        }
    }

    private enum Order { case last, random }

    /// Another topological order: of the nodes that can stand next, the last in the file or any.
    private static func reordered(_ nodes: [NodeDef], _ order: Order, _ random: inout SplitMix) -> [NodeDef] {
        let made = Dictionary(
            nodes.enumerated().flatMap { index, node in node.outputs.filter { !$0.isEmpty }.map { ($0, index) } }
        ) { first, _ in first }
        var readers = [[Int]](repeating: [], count: nodes.count), missing = [Int](repeating: 0, count: nodes.count)
        for (index, node) in nodes.enumerated() {
            for source in Set(reads(node).compactMap { made[$0] }) where source != index {
                readers[source].append(index)
                missing[index] += 1
            }
        }
        var ready = nodes.indices.filter { missing[$0] == 0 }, result: [NodeDef] = []
        while !ready.isEmpty {
            let place =
                order == .last
                ? ready.indices.max { ready[$0] < ready[$1] }! : Int.random(in: ready.indices, using: &random)
            let next = ready.remove(at: place)
            result.append(nodes[next])
            for reader in readers[next] {
                missing[reader] -= 1
                if missing[reader] == 0 { ready.append(reader) }
            }
        }
        precondition(result.count == nodes.count)
        return result
    }

    /// With the tensors that the graphs in its attributes read.
    private static func reads(_ node: NodeDef) -> [String] {
        node.inputs
            + node.attributes.values.flatMap { attribute -> [String] in
                if case .graph(let graph) = attribute {
                    graph.nodes.flatMap(reads) + graph.outputs.map(\.name)
                } else {
                    []
                }
            }
    }
}

/// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
