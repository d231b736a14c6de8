import CFuzzer
import FuzzRandom

/// Changes a photo at some pieces, or where it cannot be taken apart its bytes.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32) -> Int {
    guard seed % 8 > 0, var photo = Segments(Array(UnsafeBufferPointer(start: data, count: count))) else {
        return LLVMFuzzerMutate(data, count, capacity)
    }
    var random = Random(state: seed)
    for _ in 0...random.below(3) { change(&photo, &random) }
    let bytes = photo.bytes
    guard bytes.count <= capacity else { return LLVMFuzzerMutate(data, count, capacity) }
    data.update(from: bytes, count: bytes.count)
    return bytes.count
}

private func change(_ photo: inout Segments, _ random: inout Random) {
    guard !photo.pieces.isEmpty else { return }
    let (place, other) = (random.below(photo.pieces.count), random.below(photo.pieces.count))
    switch random.below(10) {
    case 0: photo.pieces.remove(at: place)
    case 1: photo.pieces.insert(photo.pieces[place], at: other)
    case 2: photo.pieces.swapAt(place, other)
    case 3: mutate(&photo.pieces[place].name, by: 0)
    case 4...6 where !photo.pieces[place].coded.isEmpty: mutate(&photo.pieces[place].coded, by: 64)
    default: mutate(&photo.pieces[place].content, by: 64)
    }
}

/// Lets libFuzzer change bytes, and make them so many more.
private func mutate(_ bytes: inout [UInt8], by more: Int) {
    let count = bytes.count
    bytes += [UInt8](repeating: 0, count: more)
    let new = bytes.withUnsafeMutableBufferPointer { LLVMFuzzerMutate($0.baseAddress, count, count + more) }
    bytes.removeLast(bytes.count - new)
}
