import ActivationMaps
import Platform

/// The photos that the given paths stand for, in order, and the paths that bring none, with the reason.
///
/// A file is a photo, whatever it holds: decoding tells. A folder gives every file under it that is a JPEG or PNG by
/// its content, and every file that is one by its name alone, so that a broken photo is told and not passed over;
/// sorted by path. Hidden names, and the folder that results go to (where it lies inside), are passed over, and so are
/// pictures that the program wrote itself, wherever they are found, unless one is given by itself alone. Pictures whose
/// names are those of other formats are counted. `-` stands for
/// the paths on standard input. A file that is reached twice by the same path counts once.
struct PhotoList {
    struct Failure: Equatable {
        let path: String
        let fault: PhotoFault
    }

    private(set) var photos: [Photo] = []
    private(set) var failures: [Failure] = []
    /// The program's own pictures that were passed over.
    var ownPictures: Int { own.count }

    /// How many pictures of other formats were passed over in folders, by what their names end with.
    private(set) var otherPictures: [String: Int] = [:]

    private var candidates: [PhotoNames.Candidate] = []
    private var paths: [String] = []
    private var seen: Set<[String]> = []
    private var visited: Set<FileStatus.Identity> = []
    private let workingFolder = System.workingFolder
    private let resultFolder: FileStatus.Identity?
    private var own: Set<[String]> = []
    /// Files that were found, those found before and those passed over too.
    private var reached = 0
    /// Whether one path was given, and that of a file.
    private let isSingle: Bool
    private let isPhoto: (String) -> Bool
    private let isOwnPicture: (String) -> Bool

    /// - Parameters:
    ///   - resultFolder: passed over where it lies inside a given folder.
    ///   - notUTF8: given paths that had to be repaired.
    ///   - endsInNUL: whether the paths on standard input end in NUL; else each is a line.
    ///   - list: reads the bytes that `-` stands for.
    ///   - isOwnPicture: whether a file is a picture that the program wrote.
    ///   - isPhoto: whether a file's content is that of a photo.
    init(
        _ given: [String], notUTF8: Set<String> = [], resultFolder: String, endsInNUL: Bool,
        list: () throws(SystemError) -> [UInt8] = { () throws(SystemError) in
            try System.readAll(from: 0, most: mostListed)
        },
        isOwnPicture: @escaping (String) -> Bool, isPhoto: @escaping (String) -> Bool
    ) {
        self.resultFolder = try? FileStatus(of: resultFolder).identity
        (self.isPhoto, self.isOwnPicture) = (isPhoto, isOwnPicture)
        isSingle = given.count == 1 && given[0] != "-" && (try? FileStatus(of: given[0]).kind) == .file
        for path in given {
            if notUTF8.contains(path) {
                fail(path, .nameNotUTF8)
            } else if path == "-" {
                addList(list, endsInNUL)
            } else {
                add(path)
            }
        }
        if paths.isEmpty, failures.isEmpty, !own.isEmpty { fail(given[0], .onlyOwnPictures) }
        let names: [String?] = isSingle ? paths.map { _ in nil } : PhotoNames.names(for: candidates)
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

    /// Bytes of a list: of ten million photos and more.
    static let mostListed = 1 << 30
    /// What is held of a path at the most, in bytes, besides its own.
    private static let bytesOfPath = 500

    private mutating func addList(_ list: () throws(SystemError) -> [UInt8], _ endsInNUL: Bool) {
        do throws(SystemError) {
            let bytes = try list(), text = endsInNUL ? bytes : utf8(of: bytes)
            if !endsInNUL && text.contains(0) { return fail("-", .holdsNUL) }
            let end = endsInNUL ? 0 : UInt8(ascii: "\n")
            let count = text.lazy.filter { $0 == end }.count
            guard systemGives(bytes: 2 * text.count + Self.bytesOfPath * count) else { throw SystemError(code: ENOMEM) }
            let paths = text.split(separator: end)
                .map { !endsInNUL && $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
            if paths.isEmpty { fail("-", endsInNUL ? .emptyNULList : .emptyList) }
            for bytes in paths {
                guard let path = String(validating: bytes, as: UTF8.self) else {
                    fail(String(decoding: bytes, as: UTF8.self), .nameNotUTF8)
                    continue
                }
                add(endsInNUL ? path : Self.withoutQuotes(path))
            }
        } catch {
            fail("-", error.code == EFBIG || error.code == ENOMEM ? .longList : .system(error.code))
        }
    }

    /// A path in quotes, where there is only what they enclose.
    private static func withoutQuotes(_ path: String) -> String {
        guard path.utf8.count > 2, let quote = path.first, quote == path.last, quote == "\"" || quote == "'" else {
            return path
        }
        let inside = String(path.dropFirst().dropLast())
        return (try? FileStatus(of: path)) == nil && (try? FileStatus(of: inside)) != nil ? inside : path
    }

    private mutating func add(_ path: String) {
        do throws(SystemError) {
            let status = try FileStatus(of: path)
            switch status.kind {
            case .file: append(path, below: Paths.name(path))
            case .folder: addFolder(path, status.identity)
            case .other: fail(path, .notAPhotoOrFolder)
            }
        } catch {
            fail(path, .system(error.code))
        }
    }

    private mutating func addFolder(_ folder: String, _ identity: FileStatus.Identity) {
        let before = (reached, failures.count)
        visited = [identity]
        walk(folder, below: "")
        if before == (reached, failures.count) { fail(folder, .noPhotoInside) }
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
            let path = folder == "." ? name : Paths.joined(folder, name),
                inner = below.isEmpty ? name : below + "/" + name
            let status: FileStatus
            do throws(SystemError) { status = try FileStatus(of: path) } catch {
                // A link may lead nowhere, as those of photos that were not fetched do.
                let leadsNowhere = error.code == ENOENT || error.code == ELOOP
                if !leadsNowhere || Self.isNamedLikePhoto(name) { fail(path, .system(error.code)) }
                continue
            }
            switch status.kind {
            case .file:
                if isPhoto(path) || Self.isNamedLikePhoto(name) {
                    append(path, below: inner)
                } else if let ending = Self.otherPicture(name) {
                    otherPictures[ending, default: 0] += 1
                }
            case .folder:
                if status.identity != resultFolder, visited.insert(status.identity).inserted {
                    walk(path, below: inner)
                }
            case .other: continue
            }
        }
    }

    private static func isNamedLikePhoto(_ name: String) -> Bool {
        let name = name.lowercased()
        return [".jpg", ".jpeg", ".jpe", ".jfif", ".png"].contains { name.hasSuffix($0) }
    }

    /// What a name ends with, where it is that of a picture that is not read.
    private static func otherPicture(_ name: String) -> String? {
        let name = name.lowercased()
        return [
            ".heic", ".heif", ".avif", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".jxl", ".jp2", ".dng", ".cr2", ".cr3",
            ".nef", ".arw", ".raf", ".orf", ".rw2", ".psd", ".svg", ".dcm",
        ].first { name.hasSuffix($0) }
    }

    private mutating func append(_ path: String, below: String) {
        let parts = Paths.absoluteParts(path, from: workingFolder)
        reached += 1
        if !isSingle, !seen.contains(parts), isOwnPicture(path) {
            own.insert(parts)
            return
        }
        guard seen.insert(parts).inserted else { return }
        paths.append(path)
        candidates.append(.init(below: below, parts: parts))
    }

    private mutating func fail(_ path: String, _ fault: PhotoFault) {
        failures.append(Failure(path: path, fault: fault))
    }
}
