import Platform

/// A shared library's file, looked at before the loader maps it: of one that is cut off, as by a full disk, the loader
/// reads pages that are not there, and the system ends the process (SIGBUS).
enum LibraryFile {
    /// Why the loader is not to have a library, or one of its own beside it that it will ask for, as
    /// `libcublasLt.so.12` beside `libcublas.so.12`: the file's path, and what is wrong with it. nil where nothing is,
    /// as far as headers tell, and of what cannot be read, as the loader says why.
    static func fault(of path: String) -> String? {
        for path in [path] + kin(of: path) {
            if let damage = damage(of: path) { return "\(path) \(damage.text)" }
        }
        return nil
    }

    /// Whether the loader would not come back from a file, or from one beside it that it will ask for.
    static func isCutOff(_ path: String) -> Bool {
        ([path] + kin(of: path)).contains { if case .cutOff? = damage(of: $0) { true } else { false } }
    }

    private enum Damage {
        case cutOff(size: UInt64, whole: UInt64)
        /// What the loader itself refuses, or passes over.
        case other(String)

        var text: String {
            switch self {
            case .cutOff(let size, let whole): "is cut off: \(size) of at least \(whole) bytes"
            case .other(let text): text
            }
        }
    }

    /// The files beside a library whose names begin with its own and are of its major version.
    private static func kin(of path: String) -> [String] {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        let parts = path.dropFirst(folder.count).split(separator: ".")
        // With the driver's name begin those of others.
        guard parts.count > 2, parts[1] == "so", parts[0] != "libcuda" else { return [] }
        let literal = folder.reduce(into: "") { $0 += "\\*?[".contains($1) ? "\\\($1)" : "\($1)" }
        return LibrarySearch.matches("\(literal)\(parts[0])[-_A-Za-z]*.so.\(parts[2])*").filter { other in
            let version = other.dropFirst(folder.count).split(separator: ".").drop { $0 != "so" }.dropFirst()
            return version.first == parts[2] && version.allSatisfy { $0.allSatisfy(\.isWholeNumber) }
        }
    }

    /// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html and ch5.pheader.html
    private static func damage(of path: String) -> Damage? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0 else { return nil }
        guard state.st_mode & S_IFMT == S_IFREG else { return .other("is no file") }
        let size = UInt64(state.st_size)
        func cutOff(_ whole: UInt64) -> Damage { .cutOff(size: size, whole: whole) }
        guard let header = Bytes(file, at: 0, count: 64) else { return size < 64 ? cutOff(64) : nil }
        guard header.number(at: 0, of: UInt32.self) == 0x464C_457F else { return .other("is no shared library") }
        // 64 bits, little-endian, a shared object.
        let form = [header.number(at: 4, of: UInt8.self), header.number(at: 5, of: UInt8.self)]
        guard form == [2, 1], header.number(at: 16, of: UInt16.self) == 3,
            machine == nil || header.number(at: 18, of: UInt16.self) == machine
        else { return .other("is no shared library for this processor") }
        let start = header.number(at: 32, of: UInt64.self), segments = UInt64(header.number(at: 56, of: UInt16.self))
        let length = segments * 56
        guard header.number(at: 54, of: UInt16.self) == 56, start < 1 << 62 else {
            return .other("has a damaged header")
        }
        guard start + length <= size else { return cutOff(start + length) }
        guard let table = Bytes(file, at: Int(start), count: Int(length)) else { return nil }
        var whole: UInt64 = 0
        // What is loaded, PT_LOAD.
        for segment in 0..<Int(segments) where table.number(at: segment * 56, of: UInt32.self) == 1 {
            let offset = table.number(at: segment * 56 + 8, of: UInt64.self)
            let (end, overflows) = offset.addingReportingOverflow(table.number(at: segment * 56 + 32, of: UInt64.self))
            guard !overflows else { return .other("has a damaged header") }
            whole = max(whole, end)
        }
        return whole > size ? cutOff(whole) : nil
    }

    /// As a header has it; nil of processors that are not looked for.
    private static var machine: UInt16? {
        #if arch(x86_64)
        62
        #elseif arch(arm64)
        183
        #else
        nil
        #endif
    }

    /// Some bytes of a file.
    private struct Bytes {
        private let bytes: [UInt8]

        /// nil where they cannot be read.
        init?(_ file: Int32, at offset: Int, count: Int) {
            var isWhole = false
            bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                while filled < count {
                    let read = pread(file, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
                    guard read > 0 else { return }
                    filled += read
                }
                isWhole = true
            }
            guard isWhole else { return nil }
        }

        func number<Number: FixedWidthInteger>(at place: Int, of _: Number.Type) -> Number {
            Number(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Number.self) })
        }
    }
}
