/// The photos that the given paths stand for, in order, and the paths that bring none, with the reason.
///
/// A file is a photo, whatever it holds: decoding tells. A folder gives every file under it that is a JPEG or PNG by its content, and every
/// file that is one by its name alone, so that a broken photo is told and not passed over; sorted by path. Hidden names, and the
/// folder that results go to (where it lies inside), are passed over. `-` stands for the paths on standard input.
/// A file that is reached twice by the same path counts once.
struct PhotoList {
    struct Failure: Equatable {
        let path: String
        let fault: PhotoFault
    }

    private(set) var photos: [Photo] = []
    private(set) var failures: [Failure] = []

    private var candidates: [PhotoNames.Candidate] = []
    private var paths: [String] = []
    private var seen: Set<[String]> = []
    private var visited: Set<FileStatus.Identity> = []
    private let workingFolder = System.workingFolder
    private let resultFolder: FileStatus.Identity?
    private let isPhoto: (String) -> Bool

    /// - Parameters:
    ///   - resultFolder: passed over where it lies inside a given folder.
    ///   - list: reads the bytes that `-` stands for.
    ///   - isPhoto: whether a file's content is that of a photo.
    init(
        _ given: [String], resultFolder: String,
        list: () throws(SystemError) -> [UInt8] = { () throws(SystemError) in try System.readAll(from: 0) },
        isPhoto: @escaping (String) -> Bool
    ) {
        self.resultFolder = try? FileStatus(of: resultFolder).identity
        self.isPhoto = isPhoto
        var kinds: [FileStatus.Kind?] = []
        for path in given {
            if path == "-" { addList(list) } else { kinds.append(add(path)) }
        }
        let single = given.count == 1 && kinds == [.file]
        let names: [String?] = single ? paths.map { _ in nil } : PhotoNames.names(for: candidates)
        photos = zip(paths, names).map { Photo(path: $0, name: $1) }
    }

    /// The photos that one of several processes takes: every `count`-th, so that each gets its share of every folder.
    func photos(of shard: Arguments.Shard) -> [Photo] {
        photos.indices.filter { $0 % shard.count == shard.index - 1 }.map { photos[$0] }
    }

    /// Failures are told by the first of several processes alone.
    func failures(of shard: Arguments.Shard) -> [Failure] { shard.index == 1 ? failures : [] }

    /// Whether a path is that of a photo on the list.
    func contains(_ path: String) -> Bool { seen.contains(Paths.absoluteParts(path, from: workingFolder)) }

    private mutating func addList(_ list: () throws(SystemError) -> [UInt8]) {
        do throws(SystemError) {
            let lines = try list().split(separator: UInt8(ascii: "\n")).map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
            let paths = lines.filter { !$0.isEmpty }
            if paths.isEmpty { fail("-", .emptyList) }
            for bytes in paths {
                guard let path = String(validating: bytes, as: UTF8.self) else {
                    fail(String(decoding: bytes, as: UTF8.self), .nameNotUTF8)
                    continue
                }
                add(path)
            }
        } catch {
            fail("-", .system(error.code))
        }
    }

    @discardableResult
    private mutating func add(_ path: String) -> FileStatus.Kind? {
        do throws(SystemError) {
            let status = try FileStatus(of: path)
            switch status.kind {
            case .file: append(path, below: Paths.name(path))
            case .folder: addFolder(path, status.identity)
            case .other: fail(path, .notAPhotoOrFolder)
            }
            return status.kind
        } catch {
            fail(path, .system(error.code))
            return nil
        }
    }

    private mutating func addFolder(_ folder: String, _ identity: FileStatus.Identity) {
        let before = (paths.count, failures.count)
        visited = [identity]
        walk(folder, below: "")
        if before == (paths.count, failures.count) { fail(folder, .noPhotoInside) }
    }

    private mutating func walk(_ folder: String, below: String) {
        let names: [[UInt8]]
        do throws(SystemError) {
            names = try System.names(in: folder)
        } catch {
            return fail(folder, .system(error.code))
        }
        for bytes in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) where bytes.first != UInt8(ascii: ".") {
            guard let name = String(validating: bytes, as: UTF8.self) else {
                fail(Paths.joined(folder, String(decoding: bytes, as: UTF8.self)), .nameNotUTF8)
                continue
            }
            let path = folder == "." ? name : Paths.joined(folder, name), inner = below.isEmpty ? name : below + "/" + name
            guard let status = try? FileStatus(of: path) else { continue }
            switch status.kind {
            case .file: if isPhoto(path) || Self.isNamedLikePhoto(name) { append(path, below: inner) }
            case .folder: if status.identity != resultFolder, visited.insert(status.identity).inserted { walk(path, below: inner) }
            case .other: continue
            }
        }
    }

    private static func isNamedLikePhoto(_ name: String) -> Bool {
        let name = name.lowercased()
        return [".jpg", ".jpeg", ".jpe", ".jfif", ".png"].contains { name.hasSuffix($0) }
    }

    private mutating func append(_ path: String, below: String) {
        let parts = Paths.absoluteParts(path, from: workingFolder)
        guard seen.insert(parts).inserted else { return }
        paths.append(path)
        candidates.append(.init(below: below, parts: parts))
    }

    private mutating func fail(_ path: String, _ fault: PhotoFault) {
        failures.append(Failure(path: path, fault: fault))
    }
}
