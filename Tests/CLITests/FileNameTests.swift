import Archive
import Testing

@testable import CLI

@Suite struct FileNameTests {
    @Test(arguments: [
        (nil, false, FileNames.Kind.cam, "out/gradcam++_cam.jpg"),
        (nil, false, .gb, "out/gradcam++_gb.jpg"),
        (nil, false, .cam_gb, "out/gradcam++_cam_gb.jpg"),
        (nil, false, .map, "out/gradcam++_cam.npy"),
        (nil, true, .cam, "out/gradcam++_281_cam.jpg"),
        ("pets/cat" as String?, false, .cam, "out/pets/cat_gradcam++_cam.jpg"),
        ("cat", true, .map, "out/cat_gradcam++_281_cam.npy"),
        ("cat", true, .mask, "out/cat_gradcam++_281_mask.png"),
        (nil, false, .compare, "out/compare.jpg"),
        (nil, true, .compare, "out/281_compare.jpg"),
        (nil, true, .concepts, "out/concepts.jpg"),
        ("pets/cat", false, .concepts, "out/pets/cat_concepts.jpg"),
        ("cat", true, .conceptMaps, "out/cat_concepts.npy"),
        ("pets/cat", false, .compare, "out/pets/cat_compare.jpg"),
        ("cat", true, .compare, "out/cat_281_compare.jpg"),
    ])
    func names(_ photo: String?, _ namesClasses: Bool, _ kind: FileNames.Kind, _ path: String) {
        let names = FileNames(place: .folder("out"), namesClasses: namesClasses)
        let isOfNone = [.concepts, .conceptMaps].contains(kind)
        #expect(
            names.path(
                of: kind, photo: Photo(path: "x.jpg", name: photo),
                method: kind == .compare || isOfNone ? nil : "gradcam++", category: isOfNone ? nil : "281") == path)
    }

    @Test func workingFolderIsNotWrittenOut() {
        #expect(
            FileNames(place: .folder("."), namesClasses: false).path(
                of: .cam, photo: Photo(path: "x", name: nil), method: "m", category: "0") == "m_cam.jpg")
    }

    @Test func namesInATarJoinThePhotosSample() {
        let names = FileNames(place: .tar, namesClasses: true)
        let member = Photo.Member(tar: "x.tar", name: "./t/0001.left", data: MemberData(count: 0)!)
        for (photo, stem) in [
            (Photo(path: "x.tar/t/0001.left.jpg", name: "t/0001.left", member: member), "./t/0001.left"),
            (Photo(path: "p/cat.jpg", name: "p/cat"), "p/cat"), (Photo(path: "p/cat.jpg", name: nil), "cat"),
        ] {
            let path = names.path(of: .map, photo: photo, method: "gradcam", category: "235")
            #expect(path == stem + ".gradcam_235_cam.npy")
        }
    }

    @Test(arguments: [
        ("a.jpg", "a"), ("a.b.jpg", "a.b"), ("a", "a"), (".jpg", ".jpg"), ("x.y/a", "x.y/a"), ("x.y/a.png", "x.y/a"),
    ])
    func withoutExtension(_ path: String, _ stem: String) {
        #expect(Paths.withoutExtension(path) == stem)
    }

    @Test(arguments: [("/a/./b/../c", ["a", "c"]), ("b/c", ["w", "b", "c"]), ("../x", ["x"]), ("/../..", [])])
    func absoluteParts(_ path: String, _ parts: [String]) {
        #expect(Paths.absoluteParts(path, from: "/w") == parts)
    }
}
