import CFuzzer

/// Lets libFuzzer change bytes, then mends the checksum of every block that may be a header, without which nothing
/// behind it is read; one input in eight stays as it is.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32) -> Int {
    let count = LLVMFuzzerMutate(data, count, capacity)
    guard seed % 8 > 0 else { return count }
    for start in stride(from: 0, through: count - 512, by: 512) {
        let block = UnsafeMutableBufferPointer(start: data + start, count: 512)
        guard start == 0 || block[257..<262].elementsEqual("ustar".utf8) else { continue }
        for place in 148..<156 { block[place] = UInt8(ascii: " ") }
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8).utf8
        for (place, digit) in zip(148..., sum) { block[place] = digit }
    }
    return count
}
