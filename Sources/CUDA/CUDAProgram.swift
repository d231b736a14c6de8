import Network
import Synchronization

/// A network on a card: its constants, which all sessions share.
package final class CUDAProgram: Program {
    package let graph: Graph
    let options: LoadOptions
    package let card: Card
    package let precision: Precision
    package var kernelName: String { CUDA.name }
    /// Whether memory is taken in rounded sizes; without, every tensor ends where its memory ends, for tests.
    package let roundsSizes: Bool
    /// Bytes that a stream's pass may take besides those of one image, where that was checked.
    let spare = Atomic(Int.max)
    private let constants: Mutex<Constants>

    private struct Constants {
        var weights: [ObjectIdentifier: Buffer] = [:]
        var tables: [Int: [Buffer]] = [:]
        /// Of all of them, where they were counted.
        var bytes: Int?
        /// Which constants go to the card by.
        nonisolated(unsafe) var stream: Stream?
    }

    /// - Precondition: every operator is a `CUDAOperator` that runs on the card.
    init(_ graph: Graph, _ options: LoadOptions, on card: Card, roundsSizes: Bool = true) {
        (self.graph, self.options, self.card, self.roundsSizes) = (graph, options, card, roundsSizes)
        precision = options.precision ?? .float32
        constants = Mutex(Constants())
    }

    package func session(threads: Int) -> any Session { CUDASession(self, threads: threads) }

    func op(_ node: Int) -> any CUDAOperator { graph.nodes[node].op as! any CUDAOperator }

    /// Bytes of the card's memory that are taken for so many numbers.
    func bytes(_ count: Int) -> Int { Pool.bytes(count, rounds: roundsSizes) }

    /// Bytes that the card takes for constants when it first runs; none when they are there.
    var constantBytes: Int {
        constants.withLock { constants in
            guard constants.weights.isEmpty, constants.tables.isEmpty else { return 0 }
            let bytes = constants.bytes ?? countedConstants()
            constants.bytes = bytes
            return bytes
        }
    }

    private func countedConstants() -> Int {
        var (known, bytes): (Set<ObjectIdentifier>, Int) = ([], 0)
        func add(_ storage: FloatStorage) {
            if known.insert(ObjectIdentifier(storage)).inserted { bytes += 4 * storage.count }
        }
        for index in graph.nodes.indices {
            var hasWeights = false
            for table in op(index).tables(of: graph.shape(ofOperand: 0, of: index)) {
                switch table {
                case .floats(let numbers): bytes += 4 * numbers.count
                case .integers(let numbers): bytes += 4 * numbers.count
                case .weights(let storage):
                    hasWeights = true
                    add(storage)
                }
            }
            // Operands that are weights are read as such alone.
            for operand in graph.nodes[index].operands where !hasWeights {
                if case .constant(_, let storage)? = operand { add(storage) }
            }
        }
        return bytes
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
        // Other streams read it.
        try constants.stream!.wait()
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
