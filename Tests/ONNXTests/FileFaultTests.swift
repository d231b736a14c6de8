import Foundation
import ONNX
import Testing
import TestSupport

@Suite struct FileFaultTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func readsAFile() throws {
        #expect(try Model(contentsOf: try folder.write("m.onnx", sampleModel)).graph.name == "main")
    }

    @Test func saysWhyAFileCannotBeOpened() throws {
        let missing = folder.path + "/none.onnx"
        #expect(throws: ONNXError.file(path: missing, .missing)) { try Model(contentsOf: missing) }
        #expect(throws: ONNXError.file(path: "a\0b", .missing)) { try Model(contentsOf: "a\0b") }
        #expect(throws: ONNXError.file(path: folder.path, .isFolder)) { try Model(contentsOf: folder.path) }
        #expect(throws: ONNXError.file(path: "/dev/null", .notRegular)) { try Model(contentsOf: "/dev/null") }
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: ONNXError.file(path: pipe, .notRegular)) { try Model(contentsOf: pipe) }
        let empty = try folder.write("empty.onnx", [])
        #expect(throws: ONNXError.empty(path: empty)) { try Model(contentsOf: empty) }
    }

    @Test func saysThatAFileMayNotBeRead() throws {
        let path = try folder.write("m.onnx", sampleModel)
        #expect(chmod(path, 0) == 0)
        guard geteuid() != 0 else { return print("skipped: a file without permissions: root may read everything") }
        #expect(throws: ONNXError.file(path: path, .denied)) { try Model(contentsOf: path) }
    }

    @Test(
        arguments: [
            ([0xff, 0xd8, 0xff, 0xe0, 0, 16], .jpeg),
            ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], .png),
            ([0x50, 0x4b, 3, 4, 20, 0], .zip),
            ([0x1f, 0x8b, 8, 0], .gzip),
            ([0x80, 2, 0x8a, 10], .pickle),
            ([0x89] + "HDF\r\n\u{1a}\n".utf8, .hdf5),
            ([0x1c, 0, 0, 0] + "TFL3".utf8, .tflite),
            ([0x20, 0, 0, 0] + "ORTM".utf8, .ort),
            ([0x93] + "NUMPY\u{1}".utf8, .numpy),
            (Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n".utf8), .gitLFSPointer),
            (Array("\n<!DOCTYPE html><html>".utf8), .html),
            (Array("Entry not found".utf8), .text),
            (Array("caf\u{e9}".utf8), .text),
            (Array(String(repeating: "\u{733f}", count: 300).utf8), .text),
            ([0x63, 0xe9, 0x20], .unknown),
            ([UInt8](repeating: 0, count: 600), .unknown),
            ([UInt8](repeating: 0xff, count: 600), .unknown),
        ] as [([UInt8], FileKind)])
    func saysWhatAFileSeemsToBe(bytes: [UInt8], kind: FileKind) {
        #expect(throws: ONNXError.notONNX(path: "m.onnx", kind)) { try parse(bytes) }
    }

    @Test func saysHowMuchOfAFileIsMissing() {
        let whole = Proto.model(.string(2, String(repeating: "g", count: 100))).bytes
        // ir_version: 2 bytes; graph: 1 + 1 + 102.
        #expect(throws: ONNXError.truncated(path: "m.onnx", size: 50, needed: 106)) { try parse(Array(whole[..<50])) }
    }

    @Test func saysWhatAModelLacks() {
        #expect(throws: ONNXError.incomplete(path: "m.onnx", missing: .graph)) { try parse(.int(1, 8)) }
        #expect(throws: ONNXError.incomplete(path: "m.onnx", missing: .opsetImport)) {
            try parse(Proto(.int(1, 8), .message(7)))
        }
    }

    /// Every error is one line that names the file and says what to do.
    @Test func wordsErrorsInOneLine() {
        let errors: [ONNXError] =
            [
                .file(path: "f.onnx", .missing), .file(path: "f.onnx", .isFolder), .file(path: "f.onnx", .denied),
                .file(path: "f.onnx", .notRegular), .file(path: "f.onnx", .system(errno: EMFILE)),
                .empty(path: "f.onnx"),
                .truncated(path: "f.onnx", size: 1, needed: 2),
                .malformed(path: "f.onnx", offset: 9, message: "NodeProto", .overrun),
                .malformed(path: "f.onnx", offset: 9, message: "NodeProto", .wireType(field: 3, type: 7)),
                .incomplete(path: "f.onnx", missing: .graph), .incomplete(path: "f.onnx", missing: .opsetImport),
                .tensor(path: "f.onnx", name: "evil\nname\u{1b}[31m", .negativeDimension(-4)),
                .tensor(path: "f.onnx", name: String(repeating: "long", count: 10000), .tooManyElements),
                .tensor(path: "f.onnx", name: "w", .encoding(.varintTooLong)),
                .externalData(path: "f.onnx", tensor: "w", location: "f.onnx.data", .file(.missing)),
                .externalData(path: "f.onnx", tensor: "w", location: "../x\n", .outsideFolder),
            ] + FileKind.allCases.map { .notONNX(path: "f.onnx", $0) }
        for error in errors {
            let text = error.description
            #expect(text.hasPrefix("f.onnx: ") && text.contains("; ") && text.utf8.count < 500)
            #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(text)")
        }
        #expect(
            ONNXError.notONNX(path: "f.onnx", .jpeg).description
                == "f.onnx: not an ONNX model: it is a JPEG picture; give the .onnx file as the model, and the picture as the image"
        )
        #expect(
            ONNXError.externalData(path: "f.onnx", tensor: "w", location: "f.onnx.data", .file(.missing)).description
                == "f.onnx: the values of tensor 'w' belong in the file 'f.onnx.data' beside the model: no such file; copy it there (a model with external data is more than one file)"
        )
    }
}
