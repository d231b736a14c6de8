import ONNX
import Testing
import TestSupport

@testable import Network

/// What runs hold, and what is refused.
@Suite(.serialized) struct MemoryTests {
    private func graph(limit: MemoryLimit = .standard) throws -> Graph {
        var limits = Limits()
        limits.memory = limit
        let model = try Model(contentsOf: Golden("mobilenet_v2").path + "/torchscript.onnx")
        return try Graph(model, image: try ImageInput(model), width: 64, height: 64, limits: limits)
    }

    /// A hundred choices of layers hold no more than the first ones: neither plans, arenas nor packed weights add up.
    @Test func changingLayersHoldTheSame() throws {
        let graph = try graph()
        let session = CPUProgram(graph, LoadOptions(threads: 1)).session(threads: 1) as! CPUSession
        let layers = graph.layers.map(\.value).filter(graph.ancestors(of: graph.logits).contains)
        let image = [Float](repeating: 0.5, count: graph.inputShape.count)
        var largest = 0
        for index in 0..<100 {
            let some = Set([layers[index * 7 % layers.count], layers[index * 13 % layers.count]])
            let run = try session.run([image], recording: Recording(gradients: some))
            _ = try run.gradients(run.scores.map { $0.map { _ in 1 } }, at: some.sorted(), rule: .plain)
            let plan = try session.plan(PlanRequest(images: 1, gradientAt: some, sources: [graph.input]))
            largest = max(largest, plan.arenaFloats)
        }
        // One run at a time: its arena, and those of half its size, a quarter, and so on.
        #expect(
            session.idleFloats <= 2 * largest, "\(session.idleFloats) numbers idle, the largest arena has \(largest)")
    }

    /// The last pass of a stream runs as the first images of the plan of all passes, and gives the same scores.
    @Test func fewerImagesRunInTheSamePlan() throws {
        let graph = try graph()
        let image = [Float](repeating: 0.5, count: graph.inputShape.count)
        let session = CPUProgram(graph, LoadOptions(threads: 1, batch: 4)).session(threads: 1) as! CPUSession
        func scores(_ count: Int) throws -> [[Float]] {
            try session.scores(
                .written(count) { index, target in
                    for i in target.indices { target[i] = image[i] * Float(index + 1) / 8 }
                })
        }
        let all = try scores(7)
        let idle = session.idleFloats
        for count in [4, 5, 6, 7] { #expect(try scores(count) == Array(all.prefix(count))) }
        #expect(session.idleFloats == idle)
    }

    /// What does not fit into the limit is a line with bytes, limit and what to do.
    @Test func shortageIsTold() throws {
        #expect {
            let graph = try graph(limit: MemoryLimit(bytes: 100_000))
            _ = try graph.run([[Float](repeating: 0, count: graph.inputShape.count)])
        } throws: { error in
            let text = "\(error)"
            return text.contains("would take") && text.contains("100 KB are allowed") && text.contains("allow more")
        }
    }
}
