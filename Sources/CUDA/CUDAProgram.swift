import Network
import Synchronization

/// A network on a card: its constants, which all sessions share.
package final class CUDAProgram: Program {
    package let graph: Graph
    let options: LoadOptions
    package let card: Card
    /// Whether memory is taken in rounded sizes; without, every tensor ends where its memory ends, for tests.
    package let roundsSizes: Bool
    private let constants: Mutex<Constants>

    private struct Constants {
        var weights: [ObjectIdentifier: Buffer] = [:]
        var tables: [Int: [Buffer]] = [:]
        /// Which constants go to the card by.
        nonisolated(unsafe) var stream: Stream?
    }

    /// - Precondition: every operator is a `CUDAOperator` that runs on the card.
    init(_ graph: Graph, _ options: LoadOptions, on card: Card, roundsSizes: Bool = true) {
        (self.graph, self.options, self.card, self.roundsSizes) = (graph, options, card, roundsSizes)
        constants = Mutex(Constants())
    }

    package func session(threads: Int) -> any Session { CUDASession(self) }

    func op(_ node: Int) -> any CUDAOperator { graph.nodes[node].op as! any CUDAOperator }

    /// Bytes that the card takes for constants when it first runs, about; none when they are there.
    var constantBytes: Int {
        guard constants.withLock({ $0.weights.isEmpty && $0.tables.isEmpty }) else { return 0 }
        return 4
            * graph.nodes.reduce(0) { sum, node in
                sum + node.operands.reduce(0) { if case .constant(let shape, _)? = $1 { $0 + shape.count } else { $0 } }
            }
    }

    /// A constant's place on the card.
    func address(of storage: FloatStorage) throws(NetworkError) -> UInt64 {
        let place = constants.withLock { constants in
            Result { () throws(NetworkError) in try upload(storage, &constants) }
        }
        return try place.get()
    }

    /// The place of one of a node's tables on the card.
    func table(_ index: Int, of node: Int) throws(NetworkError) -> UInt64 {
        let place = constants.withLock { constants in
            Result { () throws(NetworkError) -> UInt64 in
                if let known = constants.tables[node] { return known[index].address }
                var buffers: [Buffer] = [], address: UInt64 = 0
                let input = graph.shape(ofOperand: 0, of: node)
                for (i, table) in op(node).tables(of: input).enumerated() {
                    switch table {
                    case .floats(let numbers): buffers.append(try upload(numbers, &constants))
                    case .integers(let numbers): buffers.append(try upload(numbers, &constants))
                    case .weights(let storage):
                        _ = try upload(storage, &constants)
                        buffers.append(constants.weights[ObjectIdentifier(storage)]!)
                    }
                    if i == index { address = buffers[i].address }
                }
                constants.tables[node] = buffers
                return address
            }
        }
        return try place.get()
    }

    private func upload(_ storage: FloatStorage, _ constants: inout Constants) throws(NetworkError) -> UInt64 {
        if let known = constants.weights[ObjectIdentifier(storage)] { return known.address }
        let numbers = UnsafeBufferPointer(start: storage.base, count: storage.count)
        let buffer = try withExtendedLifetime(storage) { () throws(NetworkError) in try upload(numbers, &constants) }
        constants.weights[ObjectIdentifier(storage)] = buffer
        return buffer.address
    }

    private func upload<Word>(_ words: [Word], _ constants: inout Constants) throws(NetworkError) -> Buffer {
        let uploaded = words.withUnsafeBufferPointer { words in
            Result { () throws(NetworkError) in try upload(words, &constants) }
        }
        return try uploaded.get()
    }

    private func upload<Word>(
        _ words: UnsafeBufferPointer<Word>, _ constants: inout Constants
    ) throws(NetworkError) -> Buffer {
        if constants.stream == nil { constants.stream = try Stream(card, computes: false) }
        let buffer = try card.allocate(words.count)
        try constants.stream!.upload(words, to: buffer.address)
        return buffer
    }
}

extension Graph {
    /// An operand's shape for one image; the network's input's where it is left out.
    func shape(ofOperand index: Int, of node: Int) -> Shape {
        switch nodes[node].operands.indices.contains(index) ? nodes[node].operands[index] : nil {
        case .value(let id)?: values[id].shape
        case .constant(let shape, _)?: shape
        case nil: inputShape
        }
    }
}
