import Foundation
import Platform
import Testing

@testable import Archive

/// What is written, other programs read.
@Suite struct TarWriterTests {
    static func everything(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let tar = TarWriter(descriptor: file)
        for (path, size) in paths { try tar.add(path, content(size)) }
        try tar.finish()
    }

    @Test func isReadBack() throws {
        let folder = Folder(), path = folder.path + "/t.tar"
        try Self.everything(path)
        let reading = Reading(file: path)
        #expect(reading.fault == nil)
        #expect(reading.members.map(\.path) == paths.map(\.path))
        #expect(reading.files == TarReaderTests.expected)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(try #require(size) % 10240 == 0)
    }

    @Test(.enabled(if: has("python3"), "python3 is not here")) func python() throws {
        let folder = Folder(), path = folder.path + "/t.tar"
        try Self.everything(path)
        let script = """
            import sys, tarfile
            with tarfile.open(sys.argv[1], errorlevel=2) as tar:
                for member in tar:
                    data = tar.extractfile(member).read()
                    assert data == bytes((i * 7 + (i >> 8)) % 256 for i in range(len(data)))
                    assert (member.mode, member.mtime, member.uid, member.gid) == (0o644, 0, 0, 0)
                    print(member.name.encode().hex(), len(data))
            """
        let result = try run(["python3", "-c", script, path])
        let lines = paths.map { path, size in
            path.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + " \(size)"
        }
        #expect(result.output.split(separator: "\n").map(String.init) == lines)
    }

    /// 8 GB and more need an extended header, with holes for data.
    @Test(.enabled(if: has("tar"), "tar is not here"), arguments: [1 << 33 - 1, 1 << 33, 1 << 35 + 5])
    func gnuListsLargeMembers(_ size: Int) throws {
        let folder = Folder(), path = folder.path + "/t.tar"
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let header = TarHeader.blocks(path: Array("large".utf8), size: size, modified: 86400)
        #expect(write(file, header, header.count) == header.count)
        #expect(ftruncate(file, off_t(header.count + size + (-size & 511) + 10240)) == 0)
        let result = try run(["tar", "tvf", path])
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("-rw-r--r-- 0/0"), "\(result.output)")
        #expect(result.output.hasSuffix(" \(size) 1970-01-02 00:00 large\n"), "\(result.output)")
        lseek(file, 0, SEEK_SET)
        #expect(try TarReader(descriptor: file).next()?.size == size)
    }

    @Test(.enabled(if: has("tar"), "tar is not here")) func gnuUnpacks() throws {
        let folder = Folder(), path = folder.path + "/t.tar"
        try Self.everything(path)
        let unpacked = try run(["tar", "-C", folder.path, "-xf", path])
        #expect(unpacked.status == 0 && unpacked.output.isEmpty, "\(unpacked.output)")
        for (name, size) in paths {
            #expect(FileManager.default.contents(atPath: folder.path + "/" + name) == Data(content(size)), "\(name)")
        }
    }

    /// Pieces of a known sum, across the buffer's size.
    @Test(arguments: [0, 1, 511, 512, 65_535, 65_536, 65_537, 200_000]) func pieces(_ size: Int) throws {
        let bytes = content(size)
        for piece in [1000, 65_536, 100_000] {
            let tar = try written { tar in
                try tar.begin("a", size: size)
                for start in stride(from: 0, to: size, by: piece) {
                    try tar.append(Array(bytes[start..<min(start + piece, size)]))
                }
                try tar.finish()
            }
            let whole = try written { tar in
                try tar.add("a", bytes)
                try tar.finish()
            }
            #expect(tar == whole && Reading(tar).files == ["a": bytes])
        }
    }

    @Test func faultsAreTyped() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        #expect(throws: TarError.closed) { try TarWriter(descriptor: ends[1]).add("a", [1]) }
        close(ends[1])
        #expect(throws: TarError.unwritable(code: EBADF)) { try TarWriter(descriptor: -1).add("a", [1]) }
        let full = open("/dev/full", O_WRONLY)
        if full >= 0 {
            #expect(throws: TarError.noSpace(code: ENOSPC)) { try TarWriter(descriptor: full).add("a", [1]) }
            close(full)
        }
    }
}
