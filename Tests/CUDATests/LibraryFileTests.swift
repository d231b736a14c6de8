import CCUDA
import Foundation
import Testing

@testable import CUDA

/// Files of libraries that are not whole: the loader would end the process with them.
extension LibraryTests {
    /// The first bytes of a library that is there, as another one.
    private func cut(_ path: String, to count: (Int) -> Int, as other: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + path))
        let file = URL(fileURLWithPath: folder + "/" + other)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try whole.prefix(count(whole.count)).write(to: file)
    }

    /// A header, and its segments to be loaded.
    private func library(
        _ segments: [(offset: UInt64, size: UInt64)], bits: UInt8 = 2, machine: UInt16? = nil, bytes count: Int
    ) -> Data {
        #if arch(arm64)
        let own: UInt16 = 183
        #else
        let own: UInt16 = 62
        #endif
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) }
        }
        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, bits, 1, 1] + [UInt8](repeating: 0, count: 9)
        file +=
            bytes(3 as UInt16) + bytes(machine ?? own) + bytes(1 as UInt32) + bytes(0 as UInt64) + bytes(64 as UInt64)
        file += bytes(0 as UInt64) + bytes(0 as UInt32) + bytes(64 as UInt16) + bytes(56 as UInt16)
        file += bytes(UInt16(segments.count)) + bytes(64 as UInt16) + bytes(0 as UInt16) + bytes(0 as UInt16)
        for (offset, size) in segments {
            file += bytes(1 as UInt32) + bytes(5 as UInt32) + bytes(offset) + bytes(0 as UInt64) + bytes(0 as UInt64)
            file += bytes(size) + bytes(size) + bytes(4096 as UInt64)
        }
        return Data((file + [UInt8](repeating: 0, count: max(0, count - file.count))).prefix(count))
    }

    @Test func aHeaderTellsWhatIsMissing() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/library.so"
        func damage(_ file: Data) throws -> String? {
            try file.write(to: URL(fileURLWithPath: path))
            return LibraryFile.fault(of: path).map { String($0.dropFirst(path.count + 1)) }
        }
        let segments: [(UInt64, UInt64)] = [(4096, 904), (0, 4096)]
        #expect(try damage(library(segments, bytes: 5000)) == nil)
        #expect(try damage(library(segments, bytes: 6000)) == nil)
        #expect(try damage(library(segments, bytes: 4999)) == "is cut off: 4999 of at least 5000 bytes")
        #expect(try damage(library(segments, bytes: 175)) == "is cut off: 175 of at least 176 bytes")
        #expect(try damage(library(segments, bytes: 63)) == "is cut off: 63 of at least 64 bytes")
        #expect(try damage(Data()) == "is cut off: 0 of at least 64 bytes")
        #expect(try damage(library(segments, bits: 1, bytes: 5000)) == "is no shared library for this processor")
        #expect(try damage(library(segments, machine: 8, bytes: 5000)) == "is no shared library for this processor")
        #expect(try damage(library([(1 << 63, 1 << 63)], bytes: 5000)) == "has a damaged header")
        #expect(
            try damage(library([(1 << 62, 1 << 62)], bytes: 5000))
                == "is cut off: 5000 of at least \(1 << 63 as UInt64) bytes")
        #expect(
            try damage(Data("/* GNU ld script */ INPUT(-lcuda) \(String(repeating: " ", count: 64))".utf8))
                == "is no shared library")
        try FileManager.default.removeItem(atPath: path)
        #expect(LibraryFile.fault(of: path) == nil, "the loader says that it is not there")
        #expect(mkfifo(path, 0o600) == 0 && LibraryFile.fault(of: path) == path + " is no file")
        #expect(LibraryFile.fault(of: folder) == folder + " is no file")
    }

    @Test func whatIsCutOffIsPassedOver() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("a/libcuda.so.1", names(cuda_library_driver))
        try make("a/libnvrtc.so.12", names(cuda_library_nvrtc))
        try make("b/libcublas.so.12", names(cuda_library_cublas))
        try cut("b/libcublas.so.12", to: { $0 / 2 }, as: "a/libcublas.so.12")
        let alone = try #require(fault([folder + "/a"]))
        #expect(alone.contains("cuBLAS cannot be opened: \(folder)/a/libcublas.so.12 is cut off: "))
        #expect(alone.hasSuffix(" bytes: install it again"))
        let both = [folder + "/a", folder + "/b"]
        #expect(try Libraries(LibrarySearch(folders: both)).paths["cuBLAS"] == folder + "/b/libcublas.so.12")
        // So is the driver, and what the loader would take of a folder of its own.
        try cut("a/libcuda.so.1", to: { $0 / 2 }, as: "d/libcuda.so.1")
        #expect(
            fault([folder + "/d"])?.contains("NVIDIA's driver cannot be opened: \(folder)/d/libcuda.so.1 is ") == true)
        let search = LibrarySearch(folders: ["", folder + "/d"])
        #expect(search.places(of: "libcuda.so.1") == [folder + "/d/libcuda.so.1"])
        #expect(search.places(of: "libcublas.so.12") == ["libcublas.so.12"])
        // And a cuDNN, with its parts.
        for part in ["ops_infer", "cnn_infer"] { try make("b/libcudnn_\(part).so.8", []) }
        try make("b/libcudnn.so.8", names(cuda_library_cudnn))
        try cut("b/libcudnn.so.8", to: { $0 / 2 }, as: "a/libcudnn.so.8")
        let found = try Libraries(LibrarySearch(folders: both))
        #expect(found.paths["cuDNN"] == folder + "/b/libcudnn.so.8" && found.passedOver.count == 1)
        #expect(found.passedOver[0].hasPrefix(folder + "/a/libcudnn.so.8 is cut off: "))
    }

    /// What a library asks the loader for beside it.
    @Test func kinIsLookedAtToo() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("[x] *?\\/libcublas.so.12", [])
        let place = folder + "/[x] *?\\/", path = place + "libcublas.so.12"
        for other in ["libcublasLt.so.11", "libcublasLt.so.12.debug", "libcublasLt.so.120", "libcudart.so.12"] {
            try cut("[x] *?\\/libcublas.so.12", to: { $0 / 2 }, as: "[x] *?\\/" + other)
        }
        #expect(LibraryFile.fault(of: path) == nil)
        try cut("[x] *?\\/libcublas.so.12", to: { $0 / 2 }, as: "[x] *?\\/libcublasLt.so.12")
        #expect(LibraryFile.fault(of: path)?.hasPrefix(place + "libcublasLt.so.12 is cut off: ") == true)
        try make("n/libnvrtc.so.12", [])
        try cut("n/libnvrtc.so.12", to: { $0 / 2 }, as: "n/libnvrtc-builtins.so.12.4")
        let builtins = folder + "/n/libnvrtc-builtins.so.12.4"
        #expect(LibraryFile.fault(of: folder + "/n/libnvrtc.so.12")?.hasPrefix(builtins) == true)
    }
}
