import Platform
import Testing

@testable import CLI

@Suite struct PhotoListTests {
    let folder = TemporaryFolder()
    var root: String { folder.path }
    private let photo = Array("photo".utf8)

    /// In these tests a file is a photo where it begins with a `p`, and one of the program's own pictures where that is
    /// `pOWN`.
    private func list(_ given: String..., results: String = "/nowhere", standardInput: String = "") -> PhotoList {
        list(given, results: results, bytes: Array(standardInput.utf8))
    }

    private func list(_ given: [String], results: String = "/nowhere", bytes input: [UInt8], endsInNUL: Bool = false)
        -> PhotoList
    {
        PhotoList(
            given, resultFolder: results, endsInNUL: endsInNUL, list: { () throws(SystemError) in input },
            isOwnPicture: { bytes($0) == Array("pOWN".utf8) }, isPhoto: { bytes($0).first == UInt8(ascii: "p") })
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

    @Test func listsWithoutEndAreRefused() throws {
        let endless = open("/dev/zero", O_RDONLY)
        defer { close(endless) }
        #expect(throws: SystemError(code: EFBIG)) { try System.readAll(from: endless, most: 1_000_000) }
        let found = PhotoList(
            ["-"], resultFolder: root, endsInNUL: true,
            list: { () throws(SystemError) in try System.readAll(from: endless, most: 1_000_000) },
            isOwnPicture: { _ in false }, isPhoto: { _ in true })
        #expect(found.failures == [.init(path: "-", fault: .longList)])
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
            found.photos == [Photo(path: a, name: "a/b")] && found.ownPictures == 1 && found.failures == []
                && !found.contains(own))
    }

    @Test func shardsShareThePhotosOut() {
        let paths = (0..<7).map { folder.write(photo, to: "\($0).jpg") }
        let found = list(root, root + "/none")
        let parts = (1...3).map { found.photos(of: .init(index: $0, count: 3)).map(\.path) }
        #expect(parts.map(\.count) == [3, 2, 2])
        #expect(parts.joined().sorted() == paths)
        #expect((1...3).map { found.failures(of: .init(index: $0, count: 3)).count } == [1, 0, 0])
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
        let candidates = files.map {
            PhotoNames.Candidate(below: Paths.name($0), parts: Paths.absoluteParts($0, from: "/"))
        }
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
