import Foundation
import ONNX

@testable import ActivationMaps

/// Reads the bytes as each of the texts that stand in a model or beside it.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: bytes, count: count))
    let text = String(decoding: utf8(of: bytes), as: UTF8.self)
    _ = try? parseLabels(text)
    _ = try? SideCar.read(text, origin: "settings.json", path: "settings.json")
    let keys = ["names", "imgsz", "stride", "task", "Image.BitmapPixelFormat", "Image.NominalPixelRange"]
    let model = Model(
        graph: GraphDef(), opsets: [:], metadata: Dictionary(uniqueKeysWithValues: keys.map { ($0, text) }))
    _ = UltralyticsMetadata.read(model)
    _ = ImageMetadata.read(model)
    folder.write(bytes)
    _ = HuggingFace.read(folder.files)
    _ = Timm.read(folder.files)
    _ = OpenMMLab.read(folder.files)
    return 0
}

nonisolated(unsafe) private let folder = Folder()

/// A folder in which each tool's configuration is one file of many names.
private final class Folder {
    let files: ConfigurationFiles
    private let content: FileHandle

    init() {
        let path = NSTemporaryDirectory() + "gradcam-fuzz-\(getpid())"
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        FileManager.default.createFile(atPath: path + "/config.json", contents: nil)
        for name in ["preprocessor_config.json", "pipeline.json"] {
            try! FileManager.default.linkItem(atPath: path + "/config.json", toPath: path + "/" + name)
        }
        content = FileHandle(forWritingAtPath: path + "/config.json")!
        files = ConfigurationFiles(besideModel: path + "/model.onnx")
    }

    func write(_ bytes: [UInt8]) {
        try! content.truncate(atOffset: 0)
        try! content.write(contentsOf: bytes)
    }
}
