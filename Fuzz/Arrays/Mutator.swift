import CFuzzer
import FuzzRandom

/// Changes the header and the numbers of an `.npy` file: lets libFuzzer change bytes, or puts another type, order or
/// shape into the header, whose length, and as often as not the count of bytes behind it, is mended.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32) -> Int {
    var random = Random(state: seed)
    guard random.below(4) > 0 else { return LLVMFuzzerMutate(data, count, capacity) }
    let type = types[random.below(types.count)]
    let extents = (0..<random.below(4)).map { _ in random.below(8) == 0 ? random.odd : random.below(9) }
    let order = random.below(8) == 0 ? "True" : "False"
    let list = extents.map(String.init).joined(separator: ", ") + (extents.count == 1 ? "," : "")
    let facts = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(list)), }"
    let version = UInt8(1 + random.below(3))
    let padding = [UInt8](repeating: 0x20, count: random.below(2) * (63 - (10 + facts.utf8.count) % 64))
    let header = Array(facts.utf8) + padding + [0x0A]
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    var numbers = Array(UnsafeBufferPointer(start: data, count: count).suffix(random.below(count + 1)))
    let size = extents.reduce(type.last!.wholeNumberValue ?? 1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    if random.below(8) > 0, 0...4096 ~= size {
        numbers = Array(numbers.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - numbers.count))
    }
    let file = [0x93] + Array("NUMPY".utf8) + [version, 0] + length + header + numbers
    guard file.count <= capacity else { return LLVMFuzzerMutate(data, count, capacity) }
    data.update(from: file, count: file.count)
    return random.below(4) > 0 ? file.count : LLVMFuzzerMutate(data, file.count, capacity)
}

/// Those that are read, in every order of bytes, and some that are not.
private let types =
    ["<", ">", "|", "="].flatMap { order in
        ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"].map { order + $0 }
    } + ["<c8", "|O", "<U3", "<f16", "<M8[ns]"]

extension Random {
    /// An extent that no small file has.
    fileprivate var odd: Int {
        mutating get { [-1, 65_537, 1 << 31, 1 << 32, 1 << 62, Int.max][below(6)] }
    }
}
