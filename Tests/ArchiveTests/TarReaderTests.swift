import Foundation
import Platform
import Testing

@testable import Archive

/// What other programs write is read back.
@Suite struct TarReaderTests {
    static let expected = Dictionary(uniqueKeysWithValues: paths.map { ($0.path, content($0.size)) })

    /// Python's tarfile writes what stands in a folder, in one of its formats.
    @Test(.enabled(if: has("python3"), "python3 is not here"), arguments: ["USTAR", "GNU", "PAX"])
    func python(_ format: String) throws {
        let folder = Folder(), tar = folder.path + "/t.tar"
        let expected = format == "USTAR" ? Self.expected.filter { $0.key.utf8.count <= 100 } : Self.expected
        try store(expected, in: folder.path + "/in")
        let script = """
            import sys, tarfile
            every = {'comment': 'of all members: ä'}
            with tarfile.open(sys.argv[1], 'w', format=tarfile.\(format)_FORMAT, pax_headers=every) as tar:
                tar.add(sys.argv[2], arcname='')
            """
        let result = try run(["python3", "-c", script, tar, folder.path + "/in"])
        #expect(result.status == 0, "\(result.output)")
        let reading = Reading(file: tar)
        #expect(reading.fault == nil && !reading.goesOn)
        #expect(reading.files == expected)
    }

    /// 8 GB and more: binary numbers in GNU's format, an extended header in pax.
    @Test(.enabled(if: has("python3"), "python3 is not here"), arguments: ["GNU", "PAX"])
    func pythonsLargeSizes(_ format: String) throws {
        for size in [1 << 33 - 1, 1 << 33, 1 << 45 + 7] {
            let script = """
                import tarfile
                member = tarfile.TarInfo('large')
                member.size = \(size)
                print(*member.tobuf(tarfile.\(format)_FORMAT))
                """
            let result = try run(["python3", "-c", script])
            let bytes = result.output.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0) }
            let member = try TarReader(descriptor: -1, beginning: bytes).next()
            #expect(member?.size == size && member?.path == Array("large".utf8))
        }
    }

    @Test(.enabled(if: has("tar"), "tar is not here"), arguments: ["v7", "oldgnu", "gnu", "ustar", "posix"])
    func gnu(_ format: String) throws {
        let folder = Folder(), tar = folder.path + "/t.tar"
        // v7 has no more than 99 bytes for a path, ustar a slash in the right place.
        let most = ["v7": 97, "ustar": 100][format] ?? .max
        let expected = Self.expected.filter { $0.key.utf8.count <= most }
        try store(expected, in: folder.path + "/in")
        let made = try run(["tar", "-C", folder.path + "/in", "--format", format, "-cf", tar, "."])
        #expect(made.status == 0, "\(made.output)")
        let reading = Reading(file: tar)
        #expect(reading.fault == nil && !reading.goesOn)
        #expect(reading.files == Dictionary(uniqueKeysWithValues: expected.map { ("./" + $0.key, $0.value) }))
        #expect(reading.members.first?.path == "./" && reading.members.first?.kind == .other)
    }

    /// Backups have times where POSIX has the path's prefix, and lists of what is in each folder.
    @Test(.enabled(if: has("tar"), "tar is not here")) func gnuBackups() throws {
        let folder = Folder(), tar = folder.path + "/t.tar"
        try store(Self.expected, in: folder.path + "/in")
        let made = try run(
            ["tar", "-C", folder.path + "/in", "--format", "gnu", "-g", folder.path + "/list", "-cf", tar, "."])
        #expect(made.status == 0, "\(made.output)")
        let reading = Reading(file: tar)
        #expect(reading.fault == nil)
        #expect(reading.files == Dictionary(uniqueKeysWithValues: Self.expected.map { ("./" + $0.key, $0.value) }))
    }

    @Test(.enabled(if: has("bsdtar"), "bsdtar is not here"), arguments: ["ustar", "pax", "gnutar", "v7"])
    func bsd(_ format: String) throws {
        let folder = Folder(), tar = folder.path + "/t.tar"
        let expected = Self.expected.filter { $0.key.utf8.allSatisfy { $0 < 128 } && $0.key.utf8.count <= 97 }
        try store(expected, in: folder.path + "/in")
        let made = try run(["bsdtar", "-C", folder.path + "/in", "--format", format, "-cf", tar] + expected.keys)
        #expect(made.status == 0, "\(made.output)")
        #expect(Reading(file: tar).files == expected)
    }

    /// Links and sparse files are told, and their data are not taken for a photo's.
    @Test(.enabled(if: has("tar"), "tar is not here"), arguments: ["gnu", "oldgnu", "posix", "ustar"])
    func linksAndSparseFiles(_ format: String) throws {
        let folder = Folder(), tar = folder.path + "/t.tar", inside = folder.path + "/in"
        try store(["a": content(600), "z": content(10)], in: inside)
        #expect(symlink("a", inside + "/b") == 0 && link(inside + "/a", inside + "/c") == 0)
        #expect(mkfifo(inside + "/d", 0o600) == 0)
        let sparse = open(inside + "/s", O_WRONLY | O_CREAT, 0o600)
        // Thirty pieces of data: more than a header's map has room for.
        for piece in 0..<30 { #expect(pwrite(sparse, "data", 4, off_t(piece) << 17) == 4) }
        close(sparse)
        let words = format == "ustar" ? [] : ["--sparse"]
        let made = try run(
            ["tar", "-C", inside, "--format", format, "-cf", tar] + words + ["a", "b", "c", "d", "s", "z"])
        #expect(made.status == 0, "\(made.output)")
        let file = open(tar, O_RDONLY)
        defer { close(file) }
        let reading = Reading(TarReader(descriptor: file), most: 1 << 23)
        #expect(reading.fault == nil)
        let kinds: [TarMember.Kind] = [.file, .link, .link, .other, format == "ustar" ? .file : .sparse, .file]
        #expect(reading.members.map(\.kind) == kinds)
        #expect(reading.files["a"] == content(600) && reading.files["z"] == content(10))
    }

    @Test func endsOfEveryKind() throws {
        let tar = try written { tar in
            try tar.add("a", content(600))
            try tar.finish()
        }
        let member = 512 + 1024
        let zeros = { [UInt8](repeating: 0, count: $0) }
        for end in [[], zeros(512), zeros(1024), zeros(20480)] {
            let reading = Reading(tar[..<member] + end)
            #expect(reading.fault == nil && reading.files == ["a": content(600)] && !reading.goesOn, "\(end.count)")
            #expect(reading.lacksEnd == end.isEmpty)
        }
        #expect(Reading(tar + tar).goesOn && Reading(tar + tar).members.count == 1)
        // One block of zeros is no end.
        #expect(Reading(tar[..<member] + zeros(512) + tar).members.count == 2)
        #expect(Reading([]).fault == nil && Reading(zeros(10240)).members.isEmpty)
    }

    /// A pipe gives bytes in pieces, and nothing can be sought in it.
    @Test func pipes() throws {
        let tar = try written { tar in
            for (path, bytes) in Self.expected.sorted(by: { $0.key < $1.key }) { try tar.add(path, bytes) }
            try tar.finish()
        }
        let pipe = Pipe()
        _ = fcntl(pipe.fileHandleForReading.fileDescriptor, F_SETFL, O_NONBLOCK)
        let thread = SystemThread {
            for start in stride(from: 0, to: tar.count, by: 777) {
                try? pipe.fileHandleForWriting.write(contentsOf: tar[start..<min(start + 777, tar.count)])
            }
            try? pipe.fileHandleForWriting.close()
        }
        let reading = Reading(TarReader(descriptor: pipe.fileHandleForReading.fileDescriptor))
        thread?.join()
        #expect(reading.fault == nil && reading.files == Self.expected)
    }

    @Test func beginningsStayUnread() throws {
        let tar = try written { tar in
            try tar.add("a", content(70_000))
            try tar.add("b", content(3))
        }
        let null = open("/dev/null", O_RDONLY)
        defer { close(null) }
        let reader = TarReader(descriptor: null, beginning: tar)
        _ = try reader.next()
        #expect(try reader.beginning(most: 1000) == content(1000))
        #expect(throws: TarError.tooLarge(size: 70_000, limit: 69_999)) { try reader.data(most: 69_999) }
        #expect(try reader.data(most: 70_000).withUnsafeBytes { Array($0) } == content(70_000))
        #expect(try reader.next()?.path == Array("b".utf8))
        #expect(try reader.beginning(most: 1000) == content(3))
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    /// 256 MB that nobody wants, in a file of holes.
    @Test func largeMembersArePassedOver() throws {
        let folder = Folder(), path = folder.path + "/t.tar"
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let tar = TarWriter(descriptor: file)
        try tar.begin("large", size: 1 << 28)
        try tar.append([1])
        let end = try written { try $0.add("small", [7]) }
        #expect(pwrite(file, TarHeader.blocks(path: Array("large".utf8), size: 1 << 28, modified: 0), 512, 0) == 512)
        #expect(pwrite(file, end, end.count, 512 + 1 << 28) == end.count)
        lseek(file, 0, SEEK_SET)
        let reading = Reading(TarReader(descriptor: file)) { $0.size == 1 }
        #expect(reading.fault == nil && reading.files["small"] == [7])
    }

    private func store(_ files: [String: [UInt8]], in folder: String) throws {
        for (path, bytes) in files {
            let url = URL(fileURLWithPath: folder + "/" + path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
    }
}
