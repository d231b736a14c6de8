import CFuzzer

/// Changes a network at some places: of its messages where it can be taken apart, else of its bytes.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32) -> Int {
    guard seed % 32 > 0, let message = read(data, count) else { return LLVMFuzzerMutate(data, count, capacity) }
    var mutation = Mutation(seed: UInt64(seed), [message])
    return write(mutation.changed(message), to: data, capacity) ?? LLVMFuzzerMutate(data, count, capacity)
}

/// Changes a network with parts of another.
@_cdecl("LLVMFuzzerCustomCrossOver")
public func cross(
    _ first: UnsafePointer<UInt8>, _ firstCount: Int, _ second: UnsafePointer<UInt8>, _ secondCount: Int,
    _ out: UnsafeMutablePointer<UInt8>, _ capacity: Int, _ seed: UInt32
) -> Int {
    guard let one = read(first, firstCount), let other = read(second, secondCount) else { return 0 }
    var mutation = Mutation(seed: UInt64(seed), [one, other])
    return write(mutation.changed(one), to: out, capacity) ?? 0
}

extension Mutation {
    fileprivate mutating func changed(_ message: Message) -> Message {
        var message = message
        for _ in 0..<random.one(of: [1, 1, 1, 2, 2, 3, 5]) { change(&message) }
        return message
    }
}

private func read(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Message? {
    Message(.model, Array(UnsafeBufferPointer(start: bytes, count: count))[...])
}

/// - Returns: how many bytes were written; nil where they are too many.
private func write(_ message: Message, to out: UnsafeMutablePointer<UInt8>, _ capacity: Int) -> Int? {
    let bytes = message.bytes
    guard bytes.count <= capacity else { return nil }
    out.update(from: bytes, count: bytes.count)
    return bytes.count
}
