import CCUDA
import CUDAStandIn
import Testing
import TestSupport

@testable import CUDA
@testable import Network

/// Memory that is short, and cards that are lost.
extension GuardedTests {
    /// Where the CPU has no memory to compare with, nothing is given out, and it is said that it was the comparison.
    @Test func aShortageOfTheComparisonIsTold() throws {
        var graph = graph
        graph.limits.memory = MemoryLimit(bytes: 1)
        let card = try Card(Libraries(calls: stand_in_calls(0)), cache: KernelCache(folder: nil))
        let told = Told<CUDA.Replacement>()
        let program = GuardedProgram(try CUDA.load(graph, LoadOptions(), on: card), LoadOptions()) { told.add($0) }
        #expect {
            try program.session(threads: 1).run([image], recording: Recording())
        } throws: { error in
            guard case NetworkError.memory = error else { return false }
            return "\(error)".contains(", with which the numbers of CUDA are compared, would take ")
        }
        #expect(told.all.isEmpty)
    }

    /// Where one photo does not fit the CPU goes on; where several do not, that is said, so that fewer are taken.
    @Test func aCardThatIsFullIsLeft() throws {
        let told = try guarded { session, _ in
            stand_in_set_memory(1 << 20)
            #expect(StandIn.fault { try session.check(Recording(), images: 1, streams: false, runs: 8) }?.0 == .memory)
            try session.check(Recording(), images: 1, streams: false, runs: 1)
            _ = try session.run([image], recording: Recording())
        }
        guard case .failed(.device(_, .memory, _))? = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
    }

    /// One photo for which there is no memory is the CPU's; the next is the card's again.
    @Test func aShortageIsOfOnePhoto() throws {
        let layer = graph.defaultLayer!.value, recording = Recording(gradients: [layer])
        let told = try guarded { session, cpu in
            func compute(_ session: any Session) throws -> [[Float]] {
                let run = try session.run([image], recording: recording)
                return run.scores + [try run.gradients(run.scores, at: [layer], rule: .plain)[0][0].values]
            }
            let expected = try compute(cpu)
            func check() throws {
                for (own, wanted) in zip(try compute(session), expected) {
                    #expect(maxDifference(own, wanted) <= 1e-3 * wanted.map(abs).max()!)
                }
            }
            try check()
            // More than the pools hold.
            let more = Recording(gradients: [graph.input])
            for _ in 0..<2 {
                stand_in_set_memory(1)
                #expect(StandIn.fault { _ = try session.run([image, image], recording: more) }?.0 == .memory)
                let (own, wanted) = (
                    try session.run([image], recording: more), try cpu.run([image], recording: more)
                )
                #expect(own.scores == wanted.scores)
                stand_in_set_memory(1 << 36)
                try check()
            }
            // Who holds another run is told once, and may end it.
            let held = try session.run([image], recording: recording)
            stand_in_set_memory(1)
            #expect(StandIn.fault { _ = try session.run([image], recording: more) }?.0 == .memory)
            #expect(try session.run([image], recording: more).scores.count == 1)
            stand_in_set_memory(1 << 36)
            withExtendedLifetime(held) {}
            // A walk back that does not fit takes its run to the CPU.
            let walked = try session.run([image], recording: more)
            stand_in_set_memory(1)
            let own = try walked.gradients(walked.scores, at: [graph.input], rule: .plain)[0][0].values
            stand_in_set_memory(1 << 36)
            let wanted = try cpu.run([image], recording: more)
                .gradients(walked.scores, at: [graph.input], rule: .plain)[0][0].values
            #expect(own == wanted)
            stand_in_fail(0, 1)
            try check()
        }
        guard case .short? = told.first, case .failed? = told.last, told.count == 2 else {
            Issue.record("\(told)")
            return
        }
    }

    /// Whatever is being computed when the card is lost comes from the CPU, from its beginning.
    @Test(arguments: [20, 60, 120, 180, 200, 240])
    func aLostCardIsLeft(_ after: Int) throws {
        let layer = graph.defaultLayer!.value
        let recording = Recording(values: [layer], gradients: [layer], resumable: [layer])
        func compute(_ session: any Session) throws -> [[Float]] {
            let run = try session.run([image], recording: recording)
            var numbers = run.scores + [try run.value(layer, image: 0).values]
            numbers.append(try run.gradients([run.scores[0].map { _ in 1 }], at: [layer], rule: .plain)[0][0].values)
            numbers += try run.scores(replacing: layer, image: 0, count: 3) { k, target in
                for i in target.indices { target[i] = Float((i + k) % 3) }
            }
            let image = image
            numbers += try session.scores(
                .written(40) { k, target in
                    for i in target.indices { target[i] = image[i] * Float(k) / 40 }
                })
            return numbers
        }
        let told = try guarded { session, cpu in
            let expected = try compute(cpu)
            stand_in_fail(Int32(after), 719)
            for (own, wanted) in zip(try compute(session), expected) {
                let scale = wanted.map(abs).max()!
                #expect(maxDifference(own, wanted) <= 1e-3 * scale)
            }
        }
        #expect(told.count == 1)
        guard case .failed(.device(_, .lost, _))? = told.first else {
            Issue.record("\(told)")
            return
        }
    }
}
