import Platform
import Synchronization
import Testing

@testable import CLI

@Suite struct InOrderTests {
    private struct Full: Error, Equatable { let at: Int }

    /// Whatever takes long, and however many work; no more is begun than may wait.
    @Test(arguments: [1, 2, 5], [1, 3, 100]) func resultsComeInOrder(workers: Int, ahead: Int) throws {
        let delivered = Mutex<[Int]>([]), begun = Atomic(0), most = Atomic(0)
        var next = 0
        try InOrder.run(workers: workers, ahead: ahead) {
            next += 1
            return next <= 60 ? next : nil
        } work: { worker, piece -> (Int, Int) in
            let waiting = begun.add(1, ordering: .relaxed).newValue - delivered.withLock { $0.count }
            _ = most.max(waiting, ordering: .relaxed)
            usleep(piece % 7 == 1 ? 5000 : 100)
            return (worker, 10 * piece)
        } deliver: { result throws(Full) in
            let (worker, value) = result
            #expect(0..<workers ~= worker)
            delivered.withLock { $0.append(value) }
        }
        #expect(delivered.withLock { $0 } == (1...60).map { 10 * $0 })
        // One more may be told while it is counted.
        #expect(most.load(ordering: .relaxed) <= max(ahead, workers) + 1)
    }

    /// Nothing is delivered after it, and what is left is not begun.
    @Test(arguments: [1, 4]) func aFaultOfDeliveryEndsTheWork(workers: Int) {
        let delivered = Mutex<[Int]>([])
        var next = 0
        #expect(throws: Full(at: 5)) {
            try InOrder.run(workers: workers, ahead: 8) {
                next += 1
                return next
            } work: { _, piece in
                piece
            } deliver: { value throws(Full) in
                if value == 5 { throw Full(at: value) }
                delivered.withLock { $0.append(value) }
            }
        }
        #expect(delivered.withLock { $0 } == [1, 2, 3, 4] && next < 30)
    }

    @Test func nothingToDo() throws {
        try InOrder.run(workers: 3, ahead: 1) {
            Int?.none
        } work: { _, piece in
            piece
        } deliver: { (_: Int) throws(Full) in
            Issue.record("there was nothing")
        }
    }
}
