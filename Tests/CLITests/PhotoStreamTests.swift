import Platform
import Testing

@testable import CLI

@Suite struct PhotoStreamTests {
    let folder = TemporaryFolder()
    var root: String { folder.path }
    private let photo = Array("photo".utf8)

    /// All that a stream gives.
    private struct Listed {
        var photos: [Photo] = [], failures: [PhotoFailure] = []
        let count: Int?
        let ownPictures: Int, otherPictures: [String: Int]

        init(_ stream: PhotoStream) {
            var stream = stream
            count = stream.count
            while let item = stream.next() {
                switch item {
                case .photo(let photo): photos.append(photo)
                case .failure(let failure): failures.append(failure)
                }
            }
            (ownPictures, otherPictures) = (stream.ownPictures, stream.otherPictures)
        }
    }

    private func list(_ given: String..., results: String = "/nowhere", standardInput: String = "") -> Listed {
        list(given, results: results, bytes: Array(standardInput.utf8))
    }

    /// In these tests a file is a photo where it begins with a `p`, and one of the program's own pictures where that is
    /// `pOWN`.
    private func list(
        _ given: [String], results: String = "/nowhere", bytes input: [UInt8], endsInNUL: Bool = false,
        share: Share = .whole, keepsPaths: Bool = false
    ) -> Listed {
        let list = open(folder.write(input, to: ".list"), O_RDONLY)
        defer { close(list) }
        let finder = PhotoFinder(
            given, notUTF8: [], resultFolder: results,
            standardInput: .list(PathLines(descriptor: list, endsInNUL: endsInNUL)),
            isPhoto: { bytes($0).first == UInt8(ascii: "p") })
        return Listed(
            PhotoStream(given, finder, share: share, keepsPaths: keepsPaths) { bytes($0) == Array("pOWN".utf8) })
    }

    @Test func singlePhotoHasNoName() {
        let path = folder.write(photo, to: "cat.jpg")
        #expect(list(path).photos == [Photo(path: path, name: nil)])
    }

    @Test func singleFileIsTakenWhateverItHolds() {
        let path = folder.write([], to: "cat.txt")
        #expect(list(path).photos == [Photo(path: path, name: nil)])
    }

    @Test func severalPhotosAreNamedByTheirFiles() {
        let a = folder.write(photo, to: "x/a.jpg"), b = folder.write(photo, to: "y/b.png")
        #expect(list(a, b).photos == [Photo(path: a, name: "a"), Photo(path: b, name: "b")])
        #expect(list("-", standardInput: "\(a)\r\n\n\(b)\n").photos == list(a, b).photos)
        #expect(list("-", standardInput: a).photos == [Photo(path: a, name: "a")])
    }

    @Test func folderIsWalkedInOrderByContent() {
        for name in ["b.jpg", "a/z.png", "a/y", "c.d/e.f.jpg"] { folder.write(photo, to: name) }
        for name in ["notes.txt", "a/empty", ".hidden.jpg", ".git/x.jpg"] {
            folder.write(name.hasPrefix(".") ? photo : [], to: name)
        }
        let found = list(root + "/")
        #expect(found.photos.map(\.name) == ["a/y", "a/z", "b", "c.d/e.f"])
        #expect(found.photos.map(\.path) == ["a/y", "a/z.png", "b.jpg", "c.d/e.f.jpg"].map { root + "/" + $0 })
        #expect(found.failures == [])
    }

    @Test func picturesOfOtherFormatsAreCounted() {
        for name in ["a.HEIC", "b/c.heic", "d.webp", "e.jpg", "notes.txt"] {
            folder.write(name == "e.jpg" ? photo : [1], to: name)
        }
        let found = list(root)
        #expect(found.photos.count == 1 && found.otherPictures == [".heic": 2, ".webp": 1])
        let told = Messages.passedOver(found.otherPictures)
        #expect(told.contains("3 pictures") && told.contains("2 .heic, 1 .webp") && told.contains("convert"))
    }

    @Test func brokenPhotoInAFolderIsNotPassedOver() {
        folder.write([], to: "broken.JPG")
        #expect(list(root).photos.map(\.name) == ["broken"])
    }

    @Test func linksThatGoRoundEndTheWalk() {
        folder.write(photo, to: "a/cat.jpg")
        symlink(root, root + "/a/loop")
        symlink("nowhere", root + "/a/broken")
        #expect(list(root).photos.map(\.name) == ["a/cat"])
    }

    /// As of photos that were not fetched.
    @Test func linksThatLeadNowhereAreTold() {
        symlink("nowhere", root + "/cat.jpg")
        symlink("round.jpg", root + "/round.jpg")
        symlink("nowhere", root + "/notes.txt")
        symlink("loop", root + "/loop")
        #expect(
            list(root).failures == [
                .init(path: root + "/cat.jpg", fault: .system(ENOENT)),
                .init(path: root + "/round.jpg", fault: .system(ELOOP)),
            ])
    }

    @Test(arguments: [true, false]) func listsWithoutEndAreRefused(_ endsInNUL: Bool) throws {
        let endless = open("/dev/zero", O_RDONLY)
        defer { close(endless) }
        var lines = PathLines(descriptor: endless, endsInNUL: endsInNUL)
        #expect(throws: PhotoFault.noList) { try lines.next() }
        #expect(try lines.next() == nil)
    }

    @Test func resultFolderInsideIsPassedOver() {
        for name in ["cat.jpg", "out/cat_gradcam_cam.jpg"] { folder.write(photo, to: name) }
        #expect(list(root, results: root + "/out").photos.map(\.name) == ["cat"])
        #expect(list(root, results: root).photos.count == 2)
    }

    @Test func pathsWithoutPhotosAreToldWithTheirReason() {
        mkdir(root + "/empty", 0o777)
        let cat = folder.write(photo, to: "cat.jpg")
        let found = list(root + "/none.jpg", root + "/empty", cat, "/dev/null", "-")
        #expect(found.photos.map(\.name) == ["cat"])
        #expect(
            found.failures == [
                .init(path: root + "/none.jpg", fault: .system(ENOENT)),
                .init(path: root + "/empty", fault: .noPhotoInside),
                .init(path: "/dev/null", fault: .notAPhotoOrFolder), .init(path: "-", fault: .emptyList),
            ])
    }

    @Test func nameThatIsNotUTF8IsTold() {
        let path = (Array(root.utf8) + Array("/".utf8) + [0xFF] + Array(".jpg".utf8) + [0]).map(CChar.init(bitPattern:))
        close(creat(path, 0o644))
        #expect(list(root).failures == [.init(path: root + "/\u{FFFD}.jpg", fault: .nameNotUTF8)])
    }

    @Test func quotesAreLeftOutWhereOnlyWhatTheyEncloseIsThere() {
        let a = folder.write(photo, to: "a b.jpg"), quoted = folder.write(photo, to: "c.jpg\"")
        #expect(list("-", standardInput: "\"\(a)\"\n'\(a)'\n\(quoted)\n").photos.map(\.path) == [a, quoted])
        #expect(
            list("-", standardInput: "\"\(root)/none\"").failures == [
                .init(path: "\"\(root)/none\"", fault: .system(ENOENT))
            ])
        #expect(
            list(["-"], bytes: Array("\"\(a)\"\0".utf8), endsInNUL: true).failures == [
                .init(path: "\"\(a)\"", fault: .system(ENOENT))
            ])
    }

    @Test(arguments: [
        ([], false, PhotoFault.emptyList), ([0xEF, 0xBB, 0xBF, 0x0D, 0x0A], false, .emptyList),
        ([0, 0], false, .holdsNUL), ([0, 0], true, .emptyNULList),
    ])
    func listsWithoutPaths(_ bytes: [UInt8], _ endsInNUL: Bool, _ fault: PhotoFault) {
        #expect(list(["-"], bytes: bytes, endsInNUL: endsInNUL).failures == [.init(path: "-", fault: fault)])
    }

    @Test func ownPicturesArePassedOverAndCountedOnce() {
        let own = folder.write(Array("pOWN".utf8), to: "b.jpg")
        #expect(list(own).photos == [Photo(path: own, name: nil)] && list(own).ownPictures == 0)
        #expect(list(root).failures == [.init(path: root, fault: .onlyOwnPictures)])
        #expect(list("-", standardInput: own).failures == [.init(path: "-", fault: .onlyOwnPictures)])
        let a = folder.write(photo, to: "a/b.jpg"), found = list(own, root, root + "/./b.jpg", a)
        #expect(
            found.photos == [Photo(path: a, name: "a/b")] && found.ownPictures == 1 && found.failures == [])
    }

    private func shares(_ count: Int, of given: [String], keepsPaths: Bool = false) -> [Listed] {
        (1...count).map {
            list(given, bytes: [], share: Share(index: $0, count: count), keepsPaths: keepsPaths)
        }
    }

    /// Whatever there is beside it, and whichever way the folder is given.
    @Test(arguments: [false, true]) func aPhotoStaysInItsShare(_ keepsPaths: Bool) throws {
        let paths = (0..<60).map { folder.write(photo, to: "x/\($0).jpg") }
        let given = [root + "/x", root + "/none"]
        let before = shares(4, of: given, keepsPaths: keepsPaths)
        #expect(before.flatMap(\.photos).map(\.path).sorted() == paths.sorted())
        #expect(before.map(\.photos.count).allSatisfy { 5...25 ~= $0 })
        // What may hide photos of every share is told by each.
        let fault = PhotoFailure(path: root + "/none", fault: .system(ENOENT))
        #expect(before.map(\.failures) == [[fault], [fault], [fault], [fault]])
        let missing = before.indices.map {
            list(
                ["-"], bytes: Array("/none/a.jpg\n".utf8), share: Share(index: $0 + 1, count: 4), keepsPaths: keepsPaths
            )
        }
        #expect(missing.map(\.failures.count).sorted() == [0, 0, 0, 1])
        #expect(before.map(\.count) == before.map { keepsPaths ? nil : $0.photos.count + $0.failures.count })
        folder.write(photo, to: "x/0000.jpg")
        unlink(paths[7])
        let after = shares(4, of: [root + "/./x/"], keepsPaths: keepsPaths)
        for (old, new) in zip(before, after) {
            let kept = old.photos.map { Paths.name($0.path) }.filter { $0 != "7.jpg" }
            #expect(new.photos.map { Paths.name($0.path) }.filter { $0 != "0000.jpg" } == kept)
        }
    }

    /// To Swift both spellings of the letter are equal; `..` after a link leads elsewhere than its text says.
    @Test(arguments: [false, true]) func pathsAreComparedAsTheSystemDoes(_ keepsPaths: Bool) {
        for name in ["caf\u{E9}.jpg", "cafe\u{301}.jpg", "a/\u{301}x.jpg", "a/b/c.jpg", "c.jpg"] {
            folder.write(photo, to: name)
        }
        let all = list([root], bytes: [], keepsPaths: keepsPaths).photos
        #expect(all.count == 5 && Set(all.map { Array($0.name!.utf8) }).count == 5)
        symlink("a/b", root + "/link")
        let lines = "\(root)/c.jpg\n\(root)/link/../b/c.jpg\n\(root)/a/b/c.jpg\n"
        let listed = list(["-"], bytes: Array(lines.utf8), keepsPaths: keepsPaths).photos
        #expect(Set(listed.map(\.name)).count == 2 && listed.count == (keepsPaths ? 3 : 2))
    }

    @Test func wholePathsAreNamesThatNeedNoOthers() {
        let a = folder.write(photo, to: "x/a.jpg"), b = folder.write(photo, to: "x/y/a.png")
        let below = list([root + "/x"], bytes: [], keepsPaths: true)
        #expect(below.photos.map(\.name) == ["a.jpg", "y/a.png"] && below.count == nil)
        let listed = list(["-"], bytes: Array("\(b)\n\(root)/x/y/../a.jpg\n".utf8), keepsPaths: true)
        #expect(listed.photos.map(\.name) == [b, a].map { String($0.dropFirst()) })
        #expect(list([a], bytes: [], keepsPaths: true).photos == [Photo(path: a, name: nil)])
    }

    /// Paths that are not there take no files.
    @Test func longListsAreCalledByTheirWholePaths() {
        let a = folder.write(photo, to: "a.jpg"), most = PhotoStream.mostHeld
        for (count, name, isLong) in [(most - 1, "a", false), (most, String(a.dropFirst()), true)] {
            let lines = a + "\n" + String(repeating: "/none\n", count: count) + "\(a)\n"
            let found = list(["-"], bytes: Array(lines.utf8))
            #expect(found.photos.map(\.name) == [String](repeating: name, count: isLong ? 2 : 1))
            #expect(found.failures.count == count && found.count == (isLong ? nil : count + 1))
        }
    }

    /// Files by their absolute paths, each given by itself.
    @Test(arguments: [
        (["/r/a.jpg", "/r/a.png", "/r/b.png"], ["a.jpg", "a.png", "b"]),
        (["/r/x/a.jpg", "/r/y/a.jpg"], ["x/a.jpg", "y/a.jpg"]),
        (["/r/x/a.jpg", "/r/y/a.jpg", "/r/y/a.png"], ["x/a.jpg", "y/a.jpg", "a.png"]),
        (["/x/s/a.jpg", "/y/s/a.jpg"], ["x/s/a.jpg", "y/s/a.jpg"]),
        (["/r/a.jpg", "/r/a.png", "/r/a.jpg.jpg"], ["r/a.jpg", "a.png", "a.jpg.jpg"]),
        (["/a.jpg", "/x/a.jpg"], ["a.jpg", "x/a.jpg"]),
    ])
    func namesNeverClash(_ files: [String], _ names: [String]) {
        let candidates = files.map { PhotoNames.Candidate(path: $0, depth: 1) }
        #expect(PhotoNames.names(for: candidates) == names)
    }

    @Test func photoGivenTwiceCountsOnce() {
        let path = folder.write(photo, to: "a.jpg")
        #expect(list(path, root + "/./a.jpg", root).photos == [Photo(path: path, name: "a")])
    }

    @Test func twoFoldersWithTheSameNames() {
        for name in ["train/cat/1.jpg", "test/cat/1.jpg", "test/cat/2.jpg"] { folder.write(photo, to: name) }
        #expect(
            list(root + "/train", root + "/test").photos.map(\.name) == ["train/cat/1.jpg", "test/cat/1.jpg", "cat/2"])
    }
}
