import CCUDA
import Foundation
import Testing
import TestSupport

@testable import CUDA
@testable import Network

/// Where NVIDIA's libraries are looked for, and what is said of those that are missing.
struct LibraryTests {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "gradcam-cuda-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// A library with these functions, which all return a number.
    func make(_ path: String, _ functions: [String], returning number: Int = 0) throws {
        let (source, file) = (folder + "/empty.c", folder + "/" + path)
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try functions.map { "int \($0)(void) { return \(number); }\n" }.joined().write(
            toFile: source, atomically: true, encoding: .utf8)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-o", file, source]
        try compiler.run()
        compiler.waitUntilExit()
        #expect(compiler.terminationStatus == 0)
    }

    private var symbols: [cuda_symbol] {
        var count: Int32 = 0
        let first = cuda_symbols(&count)
        return Array(UnsafeBufferPointer(start: first, count: Int(count)))
    }

    func names(_ library: cuda_library) -> [String] {
        symbols.filter { $0.library == library }.map { String(cString: $0.name) }
    }

    func fault(_ folders: [String]) -> String? {
        do { _ = try Libraries(LibrarySearch(folders: folders)) } catch { return "\(error)" }
        return nil
    }

    @Test func whatIsMissingIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let fault1 = try #require(fault([folder + "/a", folder + "/b"]))
        #expect(fault1.contains("NVIDIA's driver (libcuda.so.1) is not on this machine"))
        #expect(fault1.contains(folder + "/a, " + folder + "/b"))
        #expect(fault1.contains("install NVIDIA's driver, or name its folder in GRADCAM_CUDA_PATH"))
        try make("a/libcuda.so.1", names(cuda_library_driver))
        let fault3 = try #require(fault([folder + "/a"]))
        #expect(fault3.contains("NVRTC (libnvrtc.so.13 or libnvrtc.so.12"))
        #expect(fault3.contains("install the CUDA toolkit, or run pip install nvidia-cuda-nvrtc-cu12 in an active "))
        try make("a/libnvrtc.so.12", names(cuda_library_nvrtc).dropLast())
        try make("a/libcublas.so.12", names(cuda_library_cublas))
        let fault2 = try #require(fault([folder + "/a"]))
        #expect(fault2.contains(folder + "/a/libnvrtc.so.12) has no function nvrtcGetErrorString"))
        // A file that is open stays what it was: the rest stands in other folders.
        try make("c/libcuda.so.1", names(cuda_library_driver))
        try make("c/libnvrtc.so.12", names(cuda_library_nvrtc))
        #expect(fault([folder + "/c"])?.contains("cuBLAS (libcublas.so.12) is not on this machine") == true)
        let folders = [folder + "/c", folder + "/*/x/lib"]
        // NVRTC and cuBLAS are of one major version.
        try make("b/x/lib/libcublas.so.11", names(cuda_library_cublas))
        #expect(fault(folders)?.contains("cuBLAS (libcublas.so.12) is not on this machine") == true)
        try make("b/x/lib/libcublas.so.12", names(cuda_library_cublas))
        let found = try Libraries(LibrarySearch(folders: folders))
        #expect(found.paths["cuBLAS"] == folder + "/b/x/lib/libcublas.so.12" && found.paths["cuDNN"] == nil)
        #expect(found.calls.cudnnCreate == nil && found.calls.cuInit != nil)
        // A cuDNN that lacks a function is left out, with those that it has.
        for part in ["ops_infer", "cnn_infer"] { try make("c/libcudnn_\(part).so.8", []) }
        try make("c/libcudnn.so.8", names(cuda_library_cudnn).dropLast())
        let without = try Libraries(LibrarySearch(folders: folders))
        #expect(without.paths["cuDNN"] == nil && without.calls.cudnnCreate == nil)
        let last = try #require(names(cuda_library_cudnn).last)
        #expect(without.passedOver == [folder + "/c/libcudnn.so.8 has no function \(last)"])
        // And one whose parts are not there.
        try make("c/libcudnn.so.9", names(cuda_library_cudnn))
        let inPart = try Libraries(LibrarySearch(folders: folders))
        let reason = try #require(inPart.passedOver.first)
        #expect(inPart.paths["cuDNN"] == nil && reason.hasPrefix(folder + "/c/libcudnn.so.9: " + folder))
        #expect(reason.contains("/c/libcudnn_graph.so.9: cannot open shared object file"))
        for part in ["graph", "ops", "engines_precompiled", "heuristic", "cnn"] {
            try make("c/libcudnn_\(part).so.9", [])
        }
        let all = try Libraries(LibrarySearch(folders: folders))
        #expect(all.paths["cuDNN"] == folder + "/c/libcudnn.so.9" && all.calls.cudnnConvolutionForward != nil)
        #expect(all.passedOver == [])
        // And one for another version of CUDA.
        try make("e/libcudnn.so.9", names(cuda_library_cudnn), returning: 11080)
        for part in ["graph", "ops", "engines_precompiled", "heuristic", "cnn"] {
            try make("e/libcudnn_\(part).so.9", [])
        }
        let next = try Libraries(LibrarySearch(folders: [folder + "/e"] + folders))
        #expect(next.paths["cuDNN"] == folder + "/c/libcudnn.so.9")
        #expect(next.passedOver == [folder + "/e/libcudnn.so.9 is for CUDA 11, not 12"])
        // What is no library is said to be none.
        try make("d/libother.so", [])
        try "text".write(toFile: folder + "/d/libcuda.so.1", atomically: true, encoding: .utf8)
        #expect(fault([folder + "/d"])?.contains("NVIDIA's driver cannot be opened: ") == true)
    }

    /// The first folder's toolkit is taken, however new that of another is.
    @Test func theFirstFolderIsTaken() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("a/libcuda.so.1", names(cuda_library_driver))
        for (place, major) in [("a", 12), ("b", 13)] {
            try make("\(place)/libnvrtc.so.\(major)", names(cuda_library_nvrtc))
            try make("\(place)/libcublas.so.\(major)", names(cuda_library_cublas))
        }
        func compiler(_ folders: String...) throws -> String? {
            try Libraries(LibrarySearch(folders: folders.map { folder + "/" + $0 })).paths["NVRTC"]
        }
        #expect(try compiler("a", "b") == folder + "/a/libnvrtc.so.12")
        #expect(try compiler("b", "a") == folder + "/b/libnvrtc.so.13")
        // Half a toolkit is passed over.
        try make("c/libnvrtc.so.11.2", names(cuda_library_nvrtc))
        #expect(try compiler("c", "b", "a") == folder + "/b/libnvrtc.so.13")
    }

    @Test func foldersAreThoseOfToolkitsAndEnvironments() {
        let environment = ["GRADCAM_CUDA_PATH": "/x:/y", "LD_LIBRARY_PATH": "/l:/m;", "VIRTUAL_ENV": "/v"]
        let search = LibrarySearch { environment[$0] }
        #expect(search.folders.prefix(3) == ["/x", "/x/lib64", "/x/lib"])
        #expect(search.folders.dropFirst(10).prefix(3) == ["/l", "/m", ""])
        for folder in ["/y/nvidia/*/lib", "", "/usr/local/cuda/lib64", "/v/lib/python3*/site-packages/nvidia/*/lib"] {
            #expect(search.folders.contains(folder))
        }
    }

    /// Where a wheel of NVRTC is at hand (in `$GRADCAM_CUDA_PATH`, or where the loader looks), every kernel compiles for
    /// every card, and the compiler has nothing to say.
    @Test func kernelsCompileForEveryCard() throws {
        var calls = cuda_calls()
        // The stand-in's own is none.
        let path = LibrarySearch().places(of: "libnvrtc.so.12").first { path in
            dlopen(path, RTLD_NOW).map { dlsym($0, "stand_in_calls") == nil } ?? false
        }
        guard let path else {
            return print("skipped: compiling the kernels: no libnvrtc.so.12 on this machine")
        }
        let handle = dlopen(path, RTLD_NOW)
        withUnsafeMutableBytes(of: &calls) { bytes in
            for symbol in symbols where symbol.library == cuda_library_nvrtc {
                bytes.storeBytes(
                    of: dlsym(handle, symbol.name), toByteOffset: symbol.offset, as: UnsafeMutableRawPointer?.self)
            }
        }
        for architecture in [70, 75, 80, 86, 89, 90] {
            let (binary, log) = try KernelSource.compile(for: architecture, calls)
            let said = log.split(separator: "\n").filter { !$0.contains("are deprecated and may be removed") }
            let isCubin = binary.starts(with: [0x7F, 0x45, 0x4C, 0x46])
            #expect(
                isCubin && binary.count > 100_000 && said.isEmpty, "sm_\(architecture): \(said.joined(separator: "\n"))"
            )
        }
        // Of a card that is newer than the compiler, text: no product is made one with a sum.
        let text = String(decoding: try KernelSource.compile(for: 999, calls).binary, as: UTF8.self)
        for kernel in ["mask_enlarge", "grid_forward", "convolve_forward"] {
            let own = try #require(text.components(separatedBy: ".entry ").first { $0.hasPrefix(kernel + "(") })
            #expect(own.contains("mul.rn.f32") && !own.contains("fma."), "\(kernel)")
        }
    }

    /// Where NVIDIA's headers are at hand, every function has as many parameters as in `cuda_calls`, of the same sizes
    /// and kinds.
    @Test func signaturesAreThoseOfTheHeaders() throws {
        let roots = (getenv("GRADCAM_CUDA_HEADERS").map { String(cString: $0) } ?? "/usr/local/cuda/include")
            .split(separator: ":").map(String.init)
        func has(_ file: String) -> Bool { roots.contains { FileManager.default.fileExists(atPath: $0 + "/" + file) } }
        guard ["cuda.h", "nvrtc.h", "cublas_v2.h", "cudnn.h"].allSatisfy(has) else {
            return print("skipped: signatures of NVIDIA's functions: no $GRADCAM_CUDA_HEADERS with all four headers")
        }
        let compiler = Process(), output = Pipe()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            ["clang++", "-std=c++17", "-fsyntax-only", "-I", Shared.repository + "/Sources/CCUDA/include"]
            + roots.flatMap { ["-isystem", $0] } + [Shared.repository + "/Tests/CUDATests/Headers/signatures.cpp"]
        compiler.standardError = output
        try compiler.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        compiler.waitUntilExit()
        #expect(compiler.terminationStatus == 0, "\(said)")
    }
}
