import Testing

@testable import CLI

@Suite struct ModelFinderTests {
    let folder = TemporaryFolder()

    @Test func namesAreFoundInOrder() throws {
        for name in ["one/a.onnx", "two/a.onnx", "two/b.onnx", "two/b.json"] { folder.write([1, 2, 3], to: name) }
        let finder = ModelFinder(folders: [folder.path + "/none", folder.path + "/one", folder.path + "/two"])
        #expect(
            finder.installed() == [
                .init(name: "a", path: folder.path + "/one/a.onnx", size: 3),
                .init(name: "b", path: folder.path + "/two/b.onnx", size: 3),
            ])
        #expect(try finder.find("b").path == folder.path + "/two/b.onnx")
        #expect(try finder.find(nil).name == "a")
        #expect(
            ModelList.text(finder) == "* a  0.0 MB  \(folder.path)/one/a.onnx\n  b  0.0 MB  \(folder.path)/two/b.onnx")
    }

    @Test(arguments: [
        (["catdog", "alexnet"], "catdog"), (["catdog", "efficientnet_lite0"], "efficientnet_lite0"),
        (["catdog", "efficientnet_lite0", "resnet50"], "resnet50"), (["vgg16", "x"], "vgg16"),
    ])
    func preferred(_ installed: [String], _ name: String) throws {
        for model in installed { folder.write([], to: model + ".onnx") }
        #expect(try ModelFinder(folders: [folder.path]).find(nil).name == name)
    }

    @Test func fileByItsPath() throws {
        let path = folder.write([], to: "net.v2.onnx")
        #expect(try ModelFinder(folders: []).find(path) == .init(name: "net.v2", path: path, size: 0))
    }

    @Test func faults() {
        folder.write([], to: "resnet50.onnx")
        let finder = ModelFinder(folders: [folder.path])
        #expect(throws: ModelFault.unknownName("resnet5", nearest: "resnet50", folders: [folder.path])) {
            try finder.find("resnet5")
        }
        #expect(throws: ModelFault.unknownName("vgg16", nearest: nil, folders: [folder.path])) {
            try finder.find("vgg16")
        }
        #expect(throws: ModelFault.noSuchFile("./x.onnx")) { try finder.find("./x.onnx") }
        #expect(throws: ModelFault.notAFile("/dev/null")) { try finder.find("/dev/null") }
        #expect(throws: ModelFault.noneInstalled(folders: [])) { try ModelFinder(folders: []).find(nil) }
        #expect(
            Messages.text(.unknownName("vgg16", nearest: nil, folders: ["Models"]))
                == "no model named \"vgg16\" in Models; make models fetches it, in the folder of gradcam's sources")
    }

    @Test(arguments: [
        ("/usr/local/bin/gradcam", ["m", "n", "Models", "/usr/local/bin/Models", "/usr/local/share/gradcam/Models"]),
        (
            "/src/g/.build/x86/release/gradcam",
            [
                "m", "n", "Models", "/src/g/.build/x86/release/Models", "/src/g/.build/x86/share/gradcam/Models",
                "/src/g/Models",
            ]
        ),
        (
            "/g/.build/static/x/release/gradcam",
            [
                "m", "n", "Models", "/g/.build/static/x/release/Models", "/g/.build/static/x/share/gradcam/Models",
                "/g/Models",
            ]
        ),
    ])
    func standardFolders(_ executable: String, _ folders: [String]) {
        #expect(ModelFinder.standardFolders(environment: "m:n", executable: executable) == folders)
    }
}
