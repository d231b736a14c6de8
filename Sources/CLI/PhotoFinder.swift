import Platform

/// Finds the photos that paths stand for, one after another, and what brings none.
///
/// A file is a photo, whatever it holds: decoding tells. A folder gives every file under it that is a JPEG or PNG by
/// its name or its content, so that a broken photo is told and not passed over; sorted by path, folder by folder.
/// Hidden names, and the folder that results go to (where it lies inside), are passed over. Pictures whose names are
/// those of other formats are counted. A file whose name ends in `.tar` gives the photos in it. `-` stands for standard
/// input: a list of paths, a tar, or a photo. A pipe that is given brings a photo.
struct PhotoFinder {
    enum Found {
        /// - Parameters:
        ///   - below: the path below the folder that was given; nil where the file itself was.
        ///   - isListed: whether a list told of it.
        case file(path: String, below: String?, isListed: Bool)
        /// In a tar.
        case member(Photo)
        /// What brings a photo, and is not read yet.
        case pipe(PhotoPipe)
        /// A file of another share, by its name alone: nobody has looked at it.
        case elsewhere(path: String, below: String?, isListed: Bool)
        case failure(PhotoFailure)
    }
    enum StandardInput { case list(PathLines), tar(TarPhotos), photo(PhotoPipe) }

    /// How many pictures of other formats were passed over in folders and tars, by what their names end with.
    private(set) var otherPictures: [String: Int] = [:]
    /// The program's own pictures that were passed over in tars, and its own arrays.
    private(set) var ownPictures = 0

    private struct Folder {
        let path: String
        /// Below the folder that was given, which is "" itself.
        let below: String
        /// Sorted, the next one last.
        var entries: [(name: [UInt8], isFile: Bool)]
    }

    private var given: ArraySlice<String>
    private let notUTF8: Set<String>
    private let resultFolder, outputTar: FileStatus.Identity?
    let kind: PictureNames.Kind
    private let isPhoto: (String) -> Bool
    private let share: Share
    private let mostBytes: Int
    private var standardInput: StandardInput
    /// Whether a photo comes through standard input.
    var bringsPhoto: Bool { if case .photo = standardInput { true } else { false } }
    private var isInList = false
    private var tar: TarPhotos?
    /// Those that were begun.
    private var tars: Set<FileStatus.Identity> = []
    /// Those that brought a photo.
    private var pipes: Set<FileStatus.Identity> = []
    /// What the photos' names begin with of each of several tars that were given.
    private let tarNames: [String: String]
    /// Whether the list, and whether the given folder that is read, brought something.
    private var listBrought = false, folderBrought = false
    /// From the given folder down to the one that is read.
    private var folders: [Folder] = []
    private var visited: Set<FileStatus.Identity> = []

    /// - Parameters:
    ///   - notUTF8: given paths that had to be repaired.
    ///   - resultFolder: passed over where it lies inside a given folder.
    ///   - outputTar: is not read, whoever lists it.
    ///   - standardInput: what `-` stands for.
    ///   - share: what photos of others are called is told, and no more; tars are shared out whole.
    ///   - mostBytes: of a photo in a tar.
    ///   - kind: what is a photo in folders, lists and tars by its name.
    ///   - isPhoto: whether a file's content is that of a photo.
    init(
        _ given: [String], notUTF8: Set<String>, resultFolder: String, outputTar: String? = nil,
        standardInput: StandardInput,
        share: Share = .whole, mostBytes: Int = 1 << 30, kind: PictureNames.Kind = .picture,
        isPhoto: @escaping (String) -> Bool
    ) {
        (self.given, self.notUTF8, self.standardInput) = (given[...], notUTF8, standardInput)
        (self.share, self.mostBytes, self.kind, self.isPhoto) = (share, mostBytes, kind, isPhoto)
        self.resultFolder = try? FileStatus(of: resultFolder).identity
        self.outputTar = outputTar.flatMap { try? FileStatus(of: $0).identity }
        let tars = given.count > 1 ? Array(Set(given.filter(PictureNames.isTar))).sorted() : []
        let place = System.workingFolder
        let names = PhotoNames.names(for: tars.map { .init(path: Paths.absolute($0, from: place), depth: 1) })
        tarNames = Dictionary(uniqueKeysWithValues: zip(tars, names))
    }

    /// nil where nothing is left.
    mutating func next() -> Found? {
        while true {
            if let tar {
                if let found = nextInTar(tar) { return found }
            } else if !folders.isEmpty {
                if let found = nextInFolder() { return found }
            } else if isInList {
                if let found = nextInList() { return found }
            } else {
                guard let path = given.popFirst() else { return nil }
                if path == "-" {
                    switch standardInput {
                    case .list: (isInList, listBrought) = (true, false)
                    case .tar(let photos): tar = photos
                    case .photo(let pipe):
                        if let status = try? FileStatus(of: "/dev/stdin") { pipes.insert(status.identity) }
                        standardInput = .list(PathLines(descriptor: 0, endsInNUL: false))
                        return .pipe(pipe)
                    }
                    continue
                }
                if notUTF8.contains(path) { return .failure(.init(path: path, fault: .nameNotUTF8, isOfAll: true)) }
                if let found = look(at: path, isListed: false) { return found }
            }
        }
    }

    /// What a path stands for; nil where it is a folder or a tar, which is read next.
    private mutating func look(at path: String, isListed: Bool) -> Found? {
        let isOthers =
            isListed && PictureNames.isPhoto(path, kind) && !PictureNames.mayBeOwn(path) && !share.holds(path)
        if isOthers { return .elsewhere(path: path, below: nil, isListed: true) }
        do throws(SystemError) {
            let status = try FileStatus(of: path)
            switch status.kind {
            // Those who share it would not look.
            case .folder where isListed && share.count > 1 && PictureNames.isPhoto(path, kind):
                return .failure(.init(path: path, fault: .folderNamedAsPhoto, isOfAll: false))
            case .file where PictureNames.isTar(path):
                guard tars.insert(status.identity).inserted, share.holds(path) else { return nil }
                guard status.identity != outputTar else {
                    return .failure(.init(path: path, fault: .outputTar, isOfAll: true))
                }
                let name = isListed ? Paths.absolute(path, from: System.workingFolder) : nil
                tar = try TarPhotos(
                    path, prefix: tarNames[path] ?? name.map { String($0.dropFirst()) }, mostBytes: mostBytes,
                    kind: kind)
                return nil
            case .file: return .file(path: path, below: nil, isListed: isListed)
            case .pipe where !isListed:
                return pipes.insert(status.identity).inserted ? .pipe(PhotoPipe(path: path)) : nil
            case .pipe, .other: return .failure(.init(path: path, fault: .notAPhotoOrFolder, isOfAll: !isListed))
            case .folder:
                (visited, folderBrought) = ([status.identity], false)
                return enter(path, below: "")
            }
        } catch {
            return .failure(.init(path: path, fault: .system(error.code), isOfAll: !isListed))
        }
    }

    private mutating func nextInTar(_ photos: TarPhotos) -> Found? {
        if let next = photos.next() {
            return switch next {
            case .success(let photo): .member(photo)
            case .failure(let failure): .failure(failure)
            }
        }
        ownPictures += photos.ownPictures
        otherPictures.merge(photos.otherPictures) { $0 + $1 }
        tar = nil
        return nil
    }

    private mutating func nextInList() -> Found? {
        guard case .list(var lines) = standardInput else { return nil }
        defer { standardInput = .list(lines) }
        do throws(PhotoFault) {
            guard let bytes = try lines.next() else {
                isInList = false
                if listBrought { return nil }
                return .failure(.init(path: "-", fault: lines.endsInNUL ? .emptyNULList : .emptyList, isOfAll: true))
            }
            listBrought = true
            guard let path = String(validating: bytes, as: UTF8.self) else {
                return .failure(.init(path: String(decoding: bytes, as: UTF8.self), fault: .nameNotUTF8))
            }
            return look(at: lines.endsInNUL ? path : Self.withoutQuotes(path), isListed: true)
        } catch {
            isInList = false
            return .failure(.init(path: "-", fault: error, isOfAll: true))
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
}

/// Folders.
extension PhotoFinder {
    /// Reads a folder's names; a failure where they cannot be read.
    private mutating func enter(_ path: String, below: String) -> Found? {
        do throws(SystemError) {
            let entries = try System.entries(in: path).filter { $0.name.first != UInt8(ascii: ".") }
            folders.append(
                Folder(
                    path: path, below: below, entries: entries.sorted { $1.name.lexicographicallyPrecedes($0.name) }))
            return nil
        } catch {
            folderBrought = true
            return .failure(.init(path: path, fault: .system(error.code), isOfAll: true))
        }
    }

    private mutating func nextInFolder() -> Found? {
        guard let entry = folders[folders.count - 1].entries.popLast() else {
            let folder = folders.removeLast()
            guard folders.isEmpty, !folderBrought else { return nil }
            return .failure(.init(path: folder.path, fault: .noPhotoInside, isOfAll: true))
        }
        let found = look(for: entry.name, isFile: entry.isFile, in: folders[folders.count - 1])
        if found != nil { folderBrought = true }
        return found
    }

    private mutating func look(for bytes: [UInt8], isFile: Bool, in folder: Folder) -> Found? {
        guard let name = String(validating: bytes, as: UTF8.self) else {
            let path = Paths.joined(folder.path, String(decoding: bytes, as: UTF8.self))
            return .failure(.init(path: path, fault: .nameNotUTF8))
        }
        let path = Paths.joined(folder.path, name), below = Paths.joined(folder.below, name)
        if isFile, PictureNames.isPhoto(name, kind), !PictureNames.mayBeOwn(name), !share.holds(below) {
            return .elsewhere(path: path, below: below, isListed: isInList)
        }
        let status: FileStatus
        do throws(SystemError) { status = try FileStatus(of: path) } catch {
            // A link may lead nowhere, as those of photos that were not fetched do.
            let leadsNowhere = error.code == ENOENT || error.code == ELOOP
            guard !leadsNowhere || PictureNames.isPhoto(name, kind) else { return nil }
            return .failure(.init(path: path, fault: .system(error.code)))
        }
        switch status.kind {
        case .file:
            if PictureNames.isPhoto(name, kind) || isPhoto(path) && !PictureNames.isOwnArray(name) {
                return .file(path: path, below: below, isListed: isInList)
            }
            if kind == .array, PictureNames.isOwnArray(name) { ownPictures += 1 }
            if let ending = PictureNames.otherPicture(name, kind) { otherPictures[ending, default: 0] += 1 }
        case .folder:
            if status.identity != resultFolder, visited.insert(status.identity).inserted {
                return enter(path, below: below)
            }
        case .pipe, .other: break
        }
        return nil
    }
}
