import ActivationMaps
import Platform

/// The photos to explain, one after another, and the paths that bring none.
///
/// Up to `mostHeld` of them are looked up before the first is given: then it is known how many there are, a file that
/// is reached twice by the same path counts once, and names are as short as may be (`PhotoNames`). Where there are
/// more, photos are found while they are asked for, in constant memory, and are called by their whole paths.
///
/// From the first tar on photos are taken as they come, too, and keep the names that they have in the tar.
///
/// Pictures that the program wrote itself are passed over, unless one is given by itself alone.
struct PhotoStream {
    enum Item: Equatable { case photo(Photo), failure(PhotoFailure) }

    /// How many items there are; nil where they are found while they are asked for.
    private(set) var count: Int?
    /// Whether there are too many to be looked up before.
    private(set) var isLong = false
    /// The program's own pictures that were passed over so far.
    var ownPictures: Int { own + finder.ownPictures }
    private var own = 0
    /// How many pictures of other formats were passed over so far, by what their names end with.
    var otherPictures: [String: Int] { finder.otherPictures }
    /// Whether photos are arrays.
    var takesArrays: Bool { finder.kind == .array }

    static let mostHeld = 100_000

    private var finder: PhotoFinder
    private let share: Share
    private let isOwnPicture: (String) -> Bool
    private let workingFolder = System.workingFolder
    private let firstPath: String
    /// What a single path that was given stands for.
    private let only: FileStatus.Kind?
    private let isSingle: Bool
    /// What was looked up before, the next one last.
    private var held: [Item] = []
    private var isBarren = true

    /// - Parameters:
    ///   - given: paths as the user gave them, which the finder looks for.
    ///   - share: what this process takes of them.
    ///   - keepsPaths: whether photos are called by their whole paths, and found while they are asked for, in any case.
    ///   - isOwnPicture: whether a file is a picture that the program wrote.
    init(
        _ given: [String], _ finder: PhotoFinder, share: Share = .whole, keepsPaths: Bool = false,
        isOwnPicture: @escaping (String) -> Bool
    ) {
        (self.finder, self.share, self.isOwnPicture, firstPath) = (finder, share, isOwnPicture, given.first ?? "-")
        only = Self.kind(of: given)
        isSingle = Self.isOne(given) || given == ["-"] && finder.bringsPhoto
        if !keepsPaths || isSingle { lookAhead() }
    }

    /// Whether a single path was given that is a photo by itself.
    static func isOne(_ given: [String]) -> Bool { [.file, .pipe].contains(kind(of: given)) }

    /// What a single path stands for, a photo by itself or a folder; nil of several, of standard input and of a tar.
    static func kind(of given: [String]) -> FileStatus.Kind? {
        guard given.count == 1, given[0] != "-", !PictureNames.isTar(given[0]) else { return nil }
        return try? FileStatus(of: given[0]).kind
    }

    /// The next one of this process's share; nil at the end.
    mutating func next() -> Item? {
        if let item = held.popLast() { return item }
        guard count == nil else { return nil }
        while let found = finder.next() {
            switch found {
            case .failure(let failure):
                isBarren = false
                if failure.isOfAll || share.holds(failure.path) { return .failure(failure) }
            case .member(let photo):
                isBarren = false
                // Tars that were given are shared out whole.
                if photo.member?.tar != nil || share.holds(photo.path) { return .photo(photo) }
            case .pipe(let pipe):
                isBarren = false
                if share.holds(pipe.path) {
                    return .photo(Photo(path: pipe.path, name: wholeName(pipe.name, nil), pipe: pipe))
                }
            case .elsewhere: isBarren = false
            case .file(let path, let below, _):
                guard share.holds(below ?? path) else {
                    isBarren = false
                    continue
                }
                if !passesOver(path) { return .photo(Photo(path: path, name: wholeName(path, below))) }
            }
        }
        count = 0
        return barrenness
    }

    /// The photo's file, where one alone was given.
    var single: String? { only == .file ? firstPath : nil }

    /// Whether the file is one of the program's own; of others it is known from then on that there are some.
    private mutating func passesOver(_ path: String, counts: Bool = true) -> Bool {
        guard isSingle || !isOwnPicture(path) else {
            if counts { own += 1 }
            return true
        }
        isBarren = false
        return false
    }

    /// Told at the end, where there was nothing else.
    private var barrenness: Item? {
        guard isBarren, ownPictures > 0 else { return nil }
        return .failure(PhotoFailure(path: firstPath, fault: .onlyOwnPictures))
    }

    /// A name that is no other photo's, whichever these are.
    private func wholeName(_ path: String, _ below: String?) -> String {
        if only == .folder, let below { return below }
        return String(absolute(path).dropFirst())
    }
}

extension PhotoStream {
    /// What was found, and what it may be called.
    private struct Candidate {
        let path: String, below: String?, isListed: Bool
        let name: PhotoNames.Candidate
        /// A failure, or a photo of this share; nil: nothing of it is explained here.
        var item: Item?
    }

    /// Holds everything, if there is not too much of it; else what was found so far, under whole names. Whatever a path
    /// turns out to be, but for one of the program's own pictures, it counts among the names, so that these do not depend
    /// on the share.
    private mutating func lookAhead() {
        var found: [Candidate] = [], seen: Set<[UInt8]> = [], member: Photo?
        while found.count <= Self.mostHeld, member == nil, let next = finder.next() {
            switch next {
            case .member(let photo):
                isBarren = false
                member = photo
            case .failure(let failure):
                isBarren = false
                // Nothing of a list is explained that is no list.
                if failure.fault == .holdsNUL { found.removeAll(where: \.isListed) }
                found.append(candidate(failure.path, nil, isListed: false))
                found[found.count - 1].item = failure.isOfAll || share.holds(failure.path) ? .failure(failure) : nil
            case .pipe(let pipe):
                isBarren = false
                var new = candidate(pipe.name, nil, isListed: false)
                if share.holds(pipe.path) { new.item = .photo(Photo(path: pipe.path, name: nil, pipe: pipe)) }
                found.append(new)
            case .elsewhere(let path, let below, let isListed), .file(let path, let below, let isListed):
                var new = candidate(path, below, isListed: isListed)
                guard seen.insert(Array(new.name.path.utf8)).inserted else { continue }
                if case .file = next {
                    let isHere = share.holds(below ?? path)
                    if passesOver(path, counts: isHere) { continue }
                    if isHere { new.item = .photo(Photo(path: path, name: nil)) }
                }
                isBarren = false
                found.append(new)
            }
        }
        isLong = found.count > Self.mostHeld
        let isWhole = !isLong && member == nil
        let names = isWhole && !isSingle ? PhotoNames.names(for: found.map(\.name)) : []
        for (index, entry) in found.enumerated() {
            guard case .photo(var photo)? = entry.item, !isSingle else {
                if let item = entry.item { held.append(item) }
                continue
            }
            photo.name = isWhole ? names[index] : wholeName(photo.pipe?.name ?? photo.path, entry.below)
            held.append(.photo(photo))
        }
        if isWhole {
            if let barrenness { held.append(barrenness) }
            count = held.count
        }
        if let member, member.member?.tar != nil || share.holds(member.path) { held.append(.photo(member)) }
        held.reverse()
    }

    private func candidate(_ path: String, _ below: String?, isListed: Bool) -> Candidate {
        let depth = below.map { Paths.parts($0).count } ?? 1
        return Candidate(
            path: path, below: below, isListed: isListed,
            name: .init(path: absolute(path), depth: depth))
    }

    /// What follows a link is not above it.
    private func absolute(_ path: String) -> String {
        let folder = Paths.folder(path)
        guard Paths.parts(folder).contains(".."), let real = System.realPath(folder) else {
            return Paths.absolute(path, from: workingFolder)
        }
        return Paths.joined(real, Paths.name(path))
    }
}
