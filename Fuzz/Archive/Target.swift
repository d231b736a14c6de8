import Archive
import Foundation

/// Reads the bytes as a tar: every other member's data, the names of all, and never more memory than was allowed.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: bytes, count: count))
    _ = TarReader.isTar(bytes)
    let reader = TarReader(descriptor: null, beginning: bytes)
    var names = MemberNames(), turn = 0
    do throws(TarError) {
        while let member = try reader.next() {
            turn += 1
            let beginning = try reader.beginning(most: 1024)
            precondition(beginning.count == min(member.size, 1024))
            if turn % 2 == 0 {
                let data = try reader.data(most: 1 << 16)
                precondition(data.count == member.size)
            }
            guard let name = try? names.name(of: member.path) else { continue }
            precondition(!name.file.isEmpty && !name.file.hasPrefix("/"))
            precondition(!name.file.split(separator: "/").contains(".."))
        }
    } catch { precondition(!error.description.isEmpty) }
    return 0
}

private let null = open("/dev/null", O_RDONLY)
