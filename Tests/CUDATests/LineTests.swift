import CCUDA
import ONNX
import Testing
import TestSupport

@testable import CUDA
@testable import Network

/// Few and long lines, of which several threads take parts, against the CPU; lines of the operators' goldens are short.
struct LineTests {
    /// An operator whose input is [1, 3, 60, 70], with what it has besides.
    struct Case: Sendable, CustomTestStringConvertible {
        let type: String
        var attributes: [String: Attribute] = [:]
        var opset = 17
        /// How much numbers differ from 1.
        var spread: Float = 1
        /// Of gain and bias.
        var gains: Int?
        var testDescription: String { "\(type) \(attributes["axis"].map { "\($0)" } ?? "")" }
    }

    static let cases: [Case] =
        [-1, 1, 2].flatMap { axis in
            ["Softmax", "LogSoftmax"].map { Case(type: $0, attributes: ["axis": .int(axis)], spread: 20) }
        } + [
            Case(type: "LayerNormalization", attributes: ["axis": .int(1)], spread: 20, gains: 12_600),
            Case(type: "LayerNormalization", attributes: ["axis": .int(-1)], gains: 70),
            Case(type: "RMSNormalization", attributes: ["axis": .int(-1)], opset: 23, gains: 70),
            Case(type: "InstanceNormalization", spread: 5, gains: 3),
            // By its own mean: that of a channel is shared by its numbers.
            Case(type: "Mul", opset: 13),
        ]
        + [
            "ReduceMean", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
            "ReduceMin", "ReduceProd",
        ].map {
            Case(type: $0, attributes: ["axes": .ints([2, 3])], opset: 13, spread: $0 == "ReduceProd" ? 0.001 : 0.5)
        }

    @Test(arguments: cases)
    func longLines(_ single: Case) throws {
        var importer = Importer(Model(graph: GraphDef(), opsets: ["": Int64(single.opset)]))
        var inputs = ["x"]
        if let gains = single.gains {
            let isFlat = single.type == "InstanceNormalization" || gains == 70
            let dims = isFlat ? [gains] : [3, 60, 70]
            let numbers = (0..<gains).map { Float($0 % 7) - 2 }
            importer.addInitializers(
                GraphDef(initializers: [
                    try TensorDef(name: "gain", dims: dims, floats: numbers),
                    try TensorDef(name: "bias", dims: dims, floats: numbers.reversed()),
                ]))
            inputs += single.type == "RMSNormalization" ? ["gain"] : ["gain", "bias"]
        }
        let input = importer.define("x", try Shape([1, 3, 60, 70]), producer: nil)
        var nodes = [NodeDef(opType: single.type, inputs: inputs, outputs: ["y"], attributes: single.attributes)]
        if single.type == "Mul" {
            nodes = [
                NodeDef(opType: "ReduceMean", inputs: ["x"], outputs: ["m"], attributes: ["axes": .ints([2, 3])]),
                NodeDef(opType: "Mul", inputs: ["x", "m"], outputs: ["y"]),
            ]
        }
        importer.add(nodes, opset: single.opset)
        if let fault = importer.faults.first { throw fault }
        guard case .value(let result, _)? = importer.tensors["y"] else { Issue.record("no value"); return }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: result)
        let images = (0..<2).map { k in
            (0..<12_600).map { 1 + single.spread * (Float(($0 * 7919 + k * 31) % 1013) / 506.5 - 1) }
        }
        let cotangents = images.map { image in (0..<graph.numbers).map { Float($0 % 5) - 1.5 + image[$0] / 10 } }
        func compute(_ session: any Session) throws -> [[Float]] {
            let run = try session.run(images, recording: Recording(gradients: [input]))
            return run.scores + (try run.gradients(cotangents, at: [input], rule: .plain)).map { $0[0].values }
        }
        let expected = try compute(CPU.load(graph, LoadOptions()).session(threads: 1))
        for (own, wanted) in zip(try compute(StandIn.program(graph).session(threads: 1)), expected) {
            #expect(maxDifference(own, wanted) <= 1e-4 * wanted.map(abs).max()!)
        }
        StandIn.expectNoBreach(single.type)
    }

    /// Lines are shared where they are few and long.
    @Test func partsOfLines() {
        #expect(Lines.parts(1, of: 15) == 1)
        #expect(Lines.parts(1, of: 100) == 12)
        #expect(Lines.parts(197, of: 768) == 96)
        #expect(Lines.parts(32, of: 112 * 112) == 256)
        #expect(Lines.parts(1 << 16, of: 1 << 16) == 1)
        #expect(Lines.parts(0, of: 0) == 1)
    }

    /// Numbers that are none, or infinite, in one part of a line.
    @Test func oddNumbersOfLines() throws {
        let card = StandIn.card, stream = try Stream(card)
        func found(_ kind: line_kind, _ numbers: [Float]) throws -> [Float] {
            let x = try stream.pool.take(numbers.count)
            try stream.upload(numbers, to: x.address)
            let buffer = try Lines(count: 1, extent: numbers.count).found(kind, stream, x: x.address, epsilon: 0)
            return try stream.download(buffer.address, 2)
        }
        var numbers = [Float](repeating: -.infinity, count: 64)
        #expect(try found(line_exponentials, numbers)[1].isNaN)
        (numbers[17], numbers[40]) = (-900, -900)
        #expect(try found(line_exponentials, numbers) == [-900, 2])
        numbers[3] = .nan
        #expect(try found(line_exponentials, numbers)[1].isNaN)
        #expect(try found(line_range, (0..<64).map { Float($0 * 7 % 64) - 10 }) == [-10, 63])
        #expect(try found(line_sum, (0..<64).map(Float.init))[0] == 2016)
        StandIn.expectNoBreach()
    }
}
