import CCUDA
import Network
import Platform

/// NVIDIA's libraries, as they were found: they stay open as long as the process runs.
package struct Libraries: @unchecked Sendable {
    /// Every function that is called.
    package let calls: cuda_calls
    /// Which file each library is; none for those that are not there.
    package let paths: [String: String]
    /// Why each cuDNN that was found before is not taken, with its file.
    package let passedOver: [String]

    /// Major versions of CUDA whose libraries have the functions of `cuda_calls`, the newest first.
    private static let majors = [13, 12, 11]

    /// - Parameter calls: functions of another origin.
    package init(calls: cuda_calls) { (self.calls, paths, passedOver) = (calls, [:], []) }

    /// Opens what there is: NVRTC and cuBLAS of one major version, which is none that the driver is too old for, and
    /// cuDNN for the same.
    ///
    /// - Throws: `.device(.missing)`, which names a library that is needed and missing, or a function that it lacks.
    package init(_ search: LibrarySearch = LibrarySearch()) throws(NetworkError) {
        var calls = cuda_calls()
        let driver = try OpenLibrary(cuda_library_driver, 0, search)
        try driver.fill(&calls)
        let (major, toolkit) = try Self.toolkit(try Self.majors(of: calls), search)
        for library in toolkit { try library.fill(&calls) }
        var opened = [driver] + toolkit
        var passedOver: [String] = []
        if let convolutions = OpenLibrary.cudnn(major, search, &calls, &passedOver) { opened.append(convolutions) }
        (self.calls, self.passedOver) = (calls, passedOver)
        paths = Dictionary(uniqueKeysWithValues: opened.map { ($0.library.title, $0.path) })
    }

    /// Those that the driver can run.
    private static func majors(of calls: cuda_calls) throws(NetworkError) -> [Int] {
        var version: Int32 = 0
        // A driver that does not tell is asked for no more than the newest.
        guard calls.cuDriverGetVersion(&version) == 0, version > 0 else { return majors }
        let able = majors.filter { $0 <= Int(version) / 1000 }
        guard able.isEmpty else { return able }
        throw .device(
            CUDA.title, .missing,
            reason:
                "NVIDIA's driver runs no more than CUDA \(Int(version) / 1000): install one that runs CUDA 11.2 or newer"
        )
    }

    /// NVRTC and cuBLAS of that major version of which one stands in the first folder, where the other is found, too.
    private static func toolkit(
        _ majors: [Int], _ search: LibrarySearch
    ) throws(NetworkError) -> (major: Int, libraries: [OpenLibrary]) {
        let needed = [cuda_library_nvrtc, cuda_library_cublas]
        var left = majors, faults: [String] = [], shortage: NetworkError?
        for folder in search.folders {
            for major in left {
                let isHere = needed.contains { library in
                    OpenLibrary.open(search.places(of: library.file(ofCUDA: major), in: folder), &faults) != nil
                }
                guard isHere else { continue }
                left.removeAll { $0 == major }
                do throws(NetworkError) {
                    let compiler = try OpenLibrary(cuda_library_nvrtc, major, search)
                    return (major, [compiler, try OpenLibrary(cuda_library_cublas, major, search)])
                } catch {
                    shortage = shortage ?? error
                }
            }
        }
        throw shortage ?? OpenLibrary.shortage(of: cuda_library_nvrtc, majors, search, faults)
    }
}

/// A library's file that has been opened.
struct OpenLibrary {
    let library: cuda_library
    let path: String
    private let handle: UnsafeMutableRawPointer

    private init(_ library: cuda_library, _ opened: (path: String, handle: UnsafeMutableRawPointer)) {
        (self.library, path, handle) = (library, opened.path, opened.handle)
    }

    /// Opens the first that can be.
    init(_ library: cuda_library, _ major: Int, _ search: LibrarySearch) throws(NetworkError) {
        var faults: [String] = []
        guard let opened = Self.open(search.places(of: library.file(ofCUDA: major)), &faults) else {
            throw Self.shortage(of: library, [major], search, faults)
        }
        self.init(library, opened)
    }

    /// The first of a file's places that can be opened.
    ///
    /// - Parameter faults: gets what is wrong with the others.
    static func open(
        _ places: [String], _ faults: inout [String]
    ) -> (path: String, handle: UnsafeMutableRawPointer)? {
        for path in places {
            if path.contains("/"), let fault = LibraryFile.fault(of: path) {
                faults.append(fault + ": install it again")
                continue
            }
            if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return (path, handle) }
            // The loader says of what it has not found by itself only that.
            if path.contains("/") { faults.append(dlerror().map { String(cString: $0) } ?? path) }
        }
        return nil
    }

    /// - Parameter majors: versions of CUDA that would do.
    static func shortage(
        of library: cuda_library, _ majors: [Int], _ search: LibrarySearch, _ faults: [String]
    ) -> NetworkError {
        if let fault = faults.first {
            return .device(CUDA.title, .missing, reason: "\(library.title) cannot be opened: \(path: fault)")
        }
        let files = majors.map { library.file(ofCUDA: $0) }.joined(separator: " or ")
        return .device(
            CUDA.title, .missing,
            reason:
                "\(library.title) (\(Wording(files))) is not on this machine: \(Wording(library.source(majors))), or "
                + "name its folder in GRADCAM_CUDA_PATH; looked for in \(path: search.description)")
    }

    /// Puts the library's functions into the table.
    func fill(_ calls: inout cuda_calls) throws(NetworkError) {
        guard let missing = put(into: &calls) else { return }
        throw .device(
            CUDA.title, .missing,
            reason: "\(library.title) (\(path: path)) has no function \(missing): install a newer one")
    }

    /// Puts the functions into the table, all or none.
    ///
    /// - Returns: the first that is missing.
    private func put(into calls: inout cuda_calls) -> String? {
        var filled = calls
        let missing: String? = withUnsafeMutableBytes(of: &filled) { bytes in
            for symbol in Self.symbols where symbol.library == library {
                guard let function = dlsym(handle, symbol.name) else { return String(cString: symbol.name) }
                bytes.storeBytes(of: function, toByteOffset: symbol.offset, as: UnsafeMutableRawPointer.self)
            }
            return nil
        }
        if missing == nil { calls = filled }
        return missing
    }

    private static var symbols: UnsafeBufferPointer<cuda_symbol> {
        var count: Int32 = 0
        let first = cuda_symbols(&count)
        return UnsafeBufferPointer(start: first, count: Int(count))
    }
}

extension OpenLibrary {
    /// cuDNN's file, and the parts of it that are opened before it: where it misses one itself, it ends the process.
    private static let cudnnFiles = [
        (
            "libcudnn.so.9",
            ["graph", "ops", "engines_precompiled", "heuristic", "cnn"].map { "libcudnn_\($0).so.9" }
        ),
        ("libcudnn.so.8", ["libcudnn_ops_infer.so.8", "libcudnn_cnn_infer.so.8"]),
    ]

    /// The first whole cuDNN that is for this major version of CUDA, with its functions in the table; nil where there
    /// is none.
    ///
    /// - Parameter passedOver: gets why others that were found are not taken.
    static func cudnn(
        _ major: Int, _ search: LibrarySearch, _ calls: inout cuda_calls, _ passedOver: inout [String]
    ) -> OpenLibrary? {
        for folder in search.folders {
            for (file, parts) in cudnnFiles {
                for path in search.places(of: file, in: folder) {
                    switch cudnn(path, file, parts, major, &calls) {
                    case .success(let own): return own
                    case .failure(let refusal): refusal.reason.map { passedOver.append($0) }
                    }
                }
            }
        }
        return nil
    }

    /// Why a file is not taken; nil where the loader has found none.
    private struct Refusal: Error { let reason: String? }

    private static func cudnn(
        _ path: String, _ file: String, _ parts: [String], _ major: Int, _ calls: inout cuda_calls
    ) -> Result<OpenLibrary, Refusal> {
        if path.contains("/"), let fault = LibraryFile.fault(of: path) { return .failure(Refusal(reason: fault)) }
        // Beside it or, where the loader finds it, where the loader does.
        let place = String(path.dropLast(file.count))
        var handles: [UnsafeMutableRawPointer] = []
        // Another one would be given parts of this one, as long as they are open.
        func refusal(_ reason: String?) -> Result<OpenLibrary, Refusal> {
            for handle in handles.reversed() { dlclose(handle) }
            return .failure(Refusal(reason: reason))
        }
        for name in parts + [file] {
            guard let handle = dlopen(place + name, RTLD_NOW | RTLD_LOCAL) else {
                let fault = dlerror().map { String(cString: $0) } ?? "cannot be opened"
                return refusal(place.isEmpty && handles.isEmpty ? nil : "\(path): \(fault)")
            }
            handles.append(handle)
        }
        let own = OpenLibrary(cuda_library_cudnn, (path, handles.last!))
        var filled = calls
        if let missing = own.put(into: &filled) { return refusal("\(path) has no function \(missing)") }
        let version = Int(filled.cudnnGetCudartVersion()) / 1000
        guard version == major || version == 0 else {
            return refusal("\(path) is for CUDA \(version), not \(major)")
        }
        calls = filled
        return .success(own)
    }
}
