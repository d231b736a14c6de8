import Network

/// Bytes of a card's memory.
struct Room {
    /// Held at a time, at the most.
    var least: Int
    /// That a pool comes to have taken, which keeps memory for the next tensor of its size.
    var pooled: Int
}

/// Memory as a pool takes it for values and their gradients, of which several may share some.
private struct Ledger {
    struct Key: Hashable {
        let value: ValueID
        var isGradient = false
    }

    /// Which memory each key holds.
    private var places: [Key: Int] = [:]
    /// Of every memory, its bytes, and how many keys hold it.
    private var memories: [(bytes: Int, holders: Int)] = []
    /// How many memories of a size wait.
    private var waiting: [Int: Int] = [:]
    private var held = 0
    private(set) var room = Room(least: 0, pooled: 0)

    func holds(_ key: Key) -> Bool { places[key] != nil }

    private mutating func take(_ bytes: Int) {
        held += bytes
        room.least = max(room.least, held)
        if let own = waiting[bytes], own > 0 { waiting[bytes] = own - 1 } else { room.pooled += bytes }
    }

    private mutating func giveBack(_ bytes: Int) {
        held -= bytes
        waiting[bytes, default: 0] += 1
    }

    mutating func take(_ key: Key, _ bytes: Int) {
        places[key] = memories.count
        memories.append((bytes, 1))
        take(bytes)
    }

    /// A key's numbers lie where another one's do.
    mutating func share(_ key: Key, with other: Key) {
        guard let place = places[other] else { return }
        places[key] = place
        memories[place].holders += 1
    }

    mutating func work(in bytes: [Int]) {
        for own in bytes { take(own) }
        for own in bytes { giveBack(own) }
    }

    mutating func release(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        memories[place].holders -= 1
        if memories[place].holders == 0 { giveBack(memories[place].bytes) }
    }
}

extension Plan {
    /// What a pass of so many images takes, forward and back: for its values, and what its operators work in. Constants,
    /// and what libraries take for themselves, come besides.
    func room(_ images: Int, _ program: CUDAProgram, sources: [ValueID]) -> Room {
        let graph = program.graph
        func size(_ value: ValueID) -> Int { program.bytes(images * graph.values[value].shape.count) }
        func value(_ id: ValueID) -> Ledger.Key { Ledger.Key(value: id) }
        func gradient(_ id: ValueID) -> Ledger.Key { Ledger.Key(value: id, isGradient: true) }
        var ledger = Ledger()
        for source in sources { ledger.take(value(source), size(source)) }
        for (place, index) in nodes.enumerated() {
            let node = graph.nodes[index], op = program.op(index)
            if op.isView, let operand = node.operands[0]?.value {
                ledger.share(value(node.outputs[0]), with: value(operand))
            } else {
                for output in node.outputs { ledger.take(value(output), size(output)) }
                ledger.work(in: op.work(images, on: program.card).map(program.bytes))
            }
            for id in released[place] { ledger.release(value(id)) }
        }
        guard !onPath.isEmpty else { return ledger.room }
        // As `Execution.gradients` walks.
        ledger.take(gradient(graph.logits), size(graph.logits))
        for index in nodes.reversed() {
            let node = graph.nodes[index], op = program.op(index)
            let wanted = node.operands.map { $0?.value.flatMap { onPath.contains($0) ? $0 : nil } }
            guard node.outputs.contains(where: { ledger.holds(gradient($0)) }), wanted.contains(where: { $0 != nil })
            else { continue }
            if op.isView, let operand = wanted[0], !ledger.holds(gradient(operand)) {
                ledger.share(gradient(operand), with: gradient(node.outputs[0]))
            } else {
                for id in wanted.compactMap({ $0 }) where !ledger.holds(gradient(id)) {
                    ledger.take(gradient(id), size(id))
                }
                ledger.work(in: op.work(images, on: program.card).map(program.bytes))
            }
            for output in node.outputs { ledger.release(gradient(output)) }
        }
        return ledger.room
    }
}
