import Testing
import TestSupport

@testable import CLI

/// Files of many operands and nodes take no more memory than is allowed, and what the program itself takes.
@Suite struct CostTests {
    let folder = TemporaryFolder()

    /// The most memory of a run, and what it told.
    private func peak(_ network: NetworkFile, _ words: [String]) throws -> (memory: Int, process: Running) {
        let photo = try folder.photo("a.jpg", width: 8, height: 8)
        let model = folder.write(network.bytes, to: "m.onnx")
        let process = try Running([photo, "-o", folder.path, "--max-memory", "60MB"] + words, model: model)
        return (process.peakMemory(), process)
    }

    /// Score-CAM of many channels, with a class each: of a mask's scores the class's alone is kept.
    @Test func scoresOfManyClasses() throws {
        var network = NetworkFile()
        let count = amount(2000, debug: 100)
        network.nodes[1] = NetworkFile.node(
            "Concat", [String](repeating: "a", count: count), ["b"], name: "all", NetworkFile.attribute("axis", 1))
        network.output = NetworkFile.value("scores", [1, Int64(4 * count)])
        let (memory, process) = try peak(network, ["--method", "scorecam", "--outputs", "cam"])
        #expect(process.status == 0, "\(process.told)")
        #if os(Linux) && !DEBUG
        #expect(memory < 160_000_000, "\(memory)")
        #endif
    }

    @Test func manyNodes() throws {
        var network = NetworkFile()
        let count = amount(100_000, debug: 50_000)
        network.nodes += (0..<count).map { NetworkFile.node("Identity", ["a"], ["n\($0)"], name: "") }
        let (memory, process) = try peak(network, [])
        #expect(process.status == 3 && process.told.contains("a network of \(count + 4) nodes"), "\(process.told)")
        #if os(Linux) && !DEBUG
        #expect(memory < 160_000_000, "\(memory)")
        #endif
    }

    /// A message of two bytes takes a hundred times as much.
    @Test func manyMessages() throws {
        for field in [(5, "initializers"), (11, "inputs"), (1, "nodes")] {
            var network = NetworkFile()
            let empty = Proto.data(field.0, [])
            network.more = [.data(7, Proto.many([Proto](repeating: empty, count: 300_000)).bytes)]
            let (memory, process) = try peak(network, [])
            #expect(process.status == 3, "\(field)")
            for part in ["m.onnx: its messages would take more than the 60000000 bytes", "--max-memory"] {
                #expect(process.told.contains(part), "\(process.told)")
            }
            #if os(Linux) && !DEBUG
            #expect(memory < 160_000_000, "\(memory)")
            #endif
        }
    }
}
