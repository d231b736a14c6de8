import ONNX
import Testing
import TestSupport

@Suite struct ExternalDataTests {
    let folder: TemporaryFolder
    init() throws {
        folder = try TemporaryFolder()
        try folder.write("w.bin", [0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
        try folder.write("deep/v.bin", [0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40])
        try folder.write("empty.bin", [])
    }

    /// A model file with one float32 tensor `w` of two elements whose external_data are the given entries.
    func model(_ entries: [String: String], dims: [Int64] = [2]) throws -> String {
        let fields = entries.map { Proto.entry(13, $0.key, $0.value) } + [.int(14, 1)]
        return try folder.write("m.onnx", Proto.model(tensor: dims, type: 1, .many(fields)).bytes)
    }

    @Test(
        arguments: [
            (["location": "w.bin", "offset": "4", "length": "8"], [1, 2]),
            (["location": "w.bin", "offset": "4"], [1, 2]),
            (["location": "w.bin", "length": "8", "checksum": "x"], [0, 1]),
            (["location": "deep/v.bin"], [3, 4]),
        ] as [([String: String], [Float])])
    func readsFilesBesideTheModel(entries: [String: String], expected: [Float]) throws {
        let tensor = try #require(try Model(contentsOf: try model(entries)).graph.initializers.first)
        #expect(try tensor.floats() == expected)
        #expect(tensor.mappedFloats?.owner.path.hasSuffix(entries["location"]!) == true)
    }

    @Test func holdsNothingInAnEmptyFile() throws {
        let path = try model(["location": "empty.bin"], dims: [0])
        #expect(try Model(contentsOf: path).graph.initializers.first?.floats() == [])
    }

    @Test(
        arguments: [
            ([:], .noLocation),
            (["location": ""], .noLocation),
            (["location": "/etc/passwd"], .outsideFolder),
            (["location": ".."], .outsideFolder),
            (["location": "../x"], .outsideFolder),
            (["location": "a/../../x"], .outsideFolder),
            (["location": "w.bin\0"], .outsideFolder),
            (["location": "none.bin"], .file(.missing)),
            (["location": "deep"], .file(.isFolder)),
            (["location": "w.bin", "offset": "-4"], .number(key: "offset", value: "-4")),
            (["location": "w.bin", "length": "many"], .number(key: "length", value: "many")),
            (
                ["location": "w.bin", "offset": "99999999999999999999"],
                .number(key: "offset", value: "99999999999999999999")
            ),
            (["location": "w.bin", "offset": "8"], .tooShort(size: 12, needed: 16)),
            (["location": "w.bin", "offset": "100", "length": "8"], .tooShort(size: 12, needed: 108)),
            (["location": "w.bin", "offset": "8", "length": "\(Int.max)"], .tooShort(size: 12, needed: .max)),
            (["location": "empty.bin"], .tooShort(size: 0, needed: 8)),
        ] as [([String: String], ExternalDataFault)])
    func saysWhatCannotServe(entries: [String: String], expected: ExternalDataFault) throws {
        let path = try model(entries)
        #expect(throws: ONNXError.externalData(path: path, tensor: "w", location: entries["location"] ?? "", expected))
        {
            try Model(contentsOf: path)
        }
    }

    @Test func saysThatALengthIsNotTheTensors() throws {
        let path = try model(["location": "w.bin", "length": "12"])
        #expect(throws: ONNXError.tensor(path: path, name: "w", .byteCount(expected: 8, actual: 12))) {
            try Model(contentsOf: path)
        }
    }
}
