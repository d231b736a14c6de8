import Foundation
import Testing
import TestSupport

@testable import Imaging

/// `.npy` files as numpy writes them, and as nobody should.
struct NumberArrayTests {
    static let folder = Golden.folder + "/further_inputs/"
    static let types = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
        $0.hasPrefix("type_")
    }

    @Test(arguments: types)
    func everyTypeIsRead(_ name: String) throws {
        let array = try NumberArray(contentsOf: Self.folder + name)
        #expect(array.shape == [2, 3])
        #expect(array.values == (name.contains("b1") ? [0, 1, 0, 1, 1, 0] : [0, 1, 2, 3, 100, 7]))
    }

    @Test func typesAreThere() { #expect(Self.types.count == 21) }

    @Test func whatIsWrittenIsRead() throws {
        let plane = Plane(width: 3, height: 2, values: [0, 0.25, 0.5, 1, 0.125, 0.75])
        for number in [NPY.Number.float16, .float32] {
            let array = try NPY.encode(plane, as: number).withUnsafeBytes { try NumberArray(decoding: $0) }
            #expect(array == NumberArray(shape: [2, 3], values: plane.values))
        }
    }

    static func file(_ header: String, version: UInt8 = 1, numbers: Int = 0, last: [UInt8] = []) -> [UInt8] {
        let text = Array(header.utf8) + [10], count = text.count
        let length =
            version == 1
            ? [UInt8(count & 255), UInt8(count >> 8)] : (0..<4).map { UInt8(count >> (8 * $0) & 255) }
        return NPYHeader.magic + [version, 0] + length + text + [UInt8](repeating: 0, count: numbers) + last
    }

    static func header(_ type: String = "'<f4'", _ order: String = "False", _ shape: String = "(2, 3)") -> String {
        "{'descr': \(type), 'fortran_order': \(order), 'shape': \(shape), }"
    }

    static let odd: [(shape: String, expected: [Int])] = [
        ("()", []), ("(1,)", [1]), ("(1 ,1, )", [1, 1]), ("(1,1,1,1)", [1, 1, 1, 1]),
    ]

    @Test(arguments: odd)
    func shapesAreRead(_ text: String, _ expected: [Int]) throws {
        for version in [UInt8(1), 2, 3] {
            let bytes = Self.file(Self.header("\"<f4\"", "False", text), version: version, numbers: 4)
            #expect(try bytes.withUnsafeBytes { try NumberArray(decoding: $0) }.shape == expected)
        }
    }

    static let hostile: [(bytes: [UInt8], reason: String)] = [
        ([], "it is cut off"), (Array("\u{93}NUMPZ..".utf8), "it is no .npy file"),
        (Array(file(header()).prefix(40)), "it is cut off"),
        (file(header(), version: 9), "its version, 9, is not known"),
        (file(header(), numbers: 23), "it is cut off: 23 bytes of numbers are there, where its shape asks for 24"),
        (file(header(), numbers: 25), "it goes on after its numbers"),
        (file(header("'<f4'", "False", "(1000000000000,)")), "are more than the limit of 768000000 numbers"),
        (file(header("'<f4'", "False", "(700000000,)"), numbers: 64), "it is cut off: 64 bytes of numbers are there"),
        (
            file(header("'<f4'", "False", "(4294967296, 4294967296, 4294967296)")),
            "it claims more numbers than there can be"
        ),
        (file(header("'<f4'", "False", "(-1, 3)")), "its shape cannot be read"),
        (file(header("'<f4'", "False", "(2, x)")), "its shape cannot be read"),
        (file(header("'<f4'", "False", "(2 3)"), numbers: 92), "its shape cannot be read"),
        (file(header("'<f4'", "False", "(2, 0)")), "it holds no numbers"),
        (file(header("'<f4'", "True")), "it is in Fortran order: save numpy.ascontiguousarray(a) instead"),
        (file(header("'|O'")), "it holds Python objects, not numbers"),
        (file(header("'<U3'")), "it holds elements of type \"<U3\": save it as float32"),
        (file(header("'<c8'")), "it holds elements of type \"<c8\": save it as float32"),
        (file(header("[('a', '<f4')]")), "it holds records, not numbers"),
        (file("{'descr': '<f4'}"), "its header is damaged"),
        (
            file(header(), numbers: 20, last: [0, 0, 0xC0, 0x7F]),
            "its number at [1, 2] is not finite as a 32-bit float: replace it"
        ),
        (
            file(header("'<f8'", "False", "(1,)"), last: [0, 0, 0, 0, 0, 0, 0xE0, 0x7F]),
            "its number at [0] is not finite as a 32-bit float"
        ),
    ]

    @Test(arguments: hostile.indices)
    func hostileFilesAreRefused(_ index: Int) throws {
        let (bytes, reason) = Self.hostile[index]
        let path = NSTemporaryDirectory() + "array-\(UUID().uuidString).npy"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        for read in [
            { try bytes.withUnsafeBytes { try NumberArray(decoding: $0) } }, { try NumberArray(contentsOf: path) },
        ] {
            let error = #expect(throws: ImageError.self) { try read() }
            #expect(error?.description.contains(reason) ?? false, "\(error?.description ?? "")")
        }
    }
}
