import ONNX
import Testing

@testable import Network

/// Nodes as they are sorted: each is written as `output<inputs`.
struct NodeSortTests {
    private func order(_ text: String) -> NodeOrder {
        NodeOrder(
            text.split(separator: " ").map { word in
                let parts = word.split(separator: "<", omittingEmptySubsequences: false)
                return NodeDef(inputs: parts[1].map(String.init), outputs: [String(parts[0])])
            }
        ) { $0 == "x" }
    }

    @Test(arguments: [
        ("a<x b<a c<ab d<x e<cd", [0, 1, 2, 3, 4]),
        ("d<x a<x b< c<x", [0, 1, 2, 3]),
        // A last node that the first one reads comes just before it; the others keep their places.
        ("a<f b<x c<a d<bc f<x", [4, 0, 1, 2, 3]),
        ("e<d d<c c<b b<a a<x", [4, 3, 2, 1, 0]),
        ("a<x c<be b<a d<c e<b", [0, 2, 4, 1, 3]),
        // What nothing produces is nobody's to wait for; what is known beforehand may be written again.
        ("a<z b<a", [0, 1]), ("a<x x<a b<x", [0, 1, 2]),
    ])
    func keepsTheFilesOrderAsFarAsItCan(_ text: String, _ places: [Int]) {
        let order = order(text)
        #expect(order.places == places && order.cycles.isEmpty)
    }

    @Test(arguments: [("a<a", [[0]]), ("a<x b<ad c<b d<c e<d", [[1, 3, 2]]), ("a<b b<a c<d d<c", [[0, 1], [2, 3]])])
    func findsCycles(_ text: String, _ cycles: [[Int]]) {
        #expect(order(text).cycles == cycles)
        #expect(order(text).places.sorted() == Array(0..<text.split(separator: " ").count))
    }

    @Test func chainsMayBeOfAnyLength() {
        let count = 100_000
        let nodes = (0..<count).map { NodeDef(inputs: ["t\($0 + 1)"], outputs: ["t\($0)"]) }
        #expect(NodeOrder(nodes) { _ in false }.places == Array((0..<count).reversed()))
    }
}
