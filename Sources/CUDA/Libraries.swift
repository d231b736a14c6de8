import CCUDA
import Network
import Platform

extension cuda_library {
    /// Whether a run needs it.
    var isNeeded: Bool { self != cuda_library_cudnn }

    /// As people call it.
    var title: String {
        switch self {
        case cuda_library_driver: "NVIDIA's driver"
        case cuda_library_nvrtc: "NVRTC"
        case cuda_library_cublas: "cuBLAS"
        default: "cuDNN"
        }
    }

    /// Its files, the newest first, of versions whose functions are those of `cuda_calls`.
    var files: [String] {
        switch self {
        case cuda_library_driver: ["libcuda.so.1"]
        case cuda_library_nvrtc: ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"]
        case cuda_library_cublas: ["libcublas.so.13", "libcublas.so.12", "libcublas.so.11"]
        default: ["libcudnn.so.9", "libcudnn.so.8"]
        }
    }

    static let all = [cuda_library_driver, cuda_library_nvrtc, cuda_library_cublas, cuda_library_cudnn]
}

/// Where NVIDIA's libraries are looked for.
package struct LibrarySearch: Sendable {
    /// Folders, in order; the empty one stands for the loader's own search. A `*` is any part of a name.
    package let folders: [String]

    /// - Parameter folders: in order; the empty one stands for the loader's own search.
    package init(folders: [String]) { self.folders = folders }

    /// Those of `$GRADCAM_CUDA_PATH`, the loader's, the toolkit's, the system's, and those of the active Python
    /// environment, in which pip and conda put them.
    package init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
        var folders: [String] = []
        for stated in (environment("GRADCAM_CUDA_PATH") ?? "").split(separator: ":") {
            folders += ["", "/lib64", "/lib", "/*/lib", "/nvidia/*/lib"].map { stated + $0 }
        }
        folders += ["", "/usr/local/cuda/lib64", "/usr/local/cuda-*/lib64", "/usr/lib/x86_64-linux-gnu"]
        folders += ["/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib"]
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
            guard let prefix = environment(name), !prefix.isEmpty else { continue }
            folders += ["/lib/python3*/site-packages/nvidia/*/lib", "/lib"].map { prefix + $0 }
        }
        self.folders = folders
    }

    /// The paths at which a file may be, in order.
    func places(of file: String) -> [String] {
        folders.flatMap { folder in folder.isEmpty ? [file] : Self.matches(folder + "/" + file) }
    }

    private static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }.reversed()
    }

    /// For a sentence: the folders.
    var description: String {
        folders.map { $0.isEmpty ? "the loader's path" : $0 }.joined(separator: ", ")
    }
}

/// NVIDIA's libraries, as they were found: they stay open as long as the process runs.
package struct Libraries: @unchecked Sendable {
    /// Every function that is called.
    package let calls: cuda_calls
    /// Which file each library is; none for those that are not there.
    package let paths: [String: String]

    /// - Parameter calls: functions of another origin.
    package init(calls: cuda_calls) { (self.calls, paths) = (calls, [:]) }

    /// Opens what there is.
    ///
    /// - Throws: `.device(.missing)`, which names a library that is needed and missing, or a function that it lacks.
    package init(_ search: LibrarySearch = LibrarySearch()) throws(NetworkError) {
        var calls = cuda_calls(), paths: [String: String] = [:]
        for library in cuda_library.all {
            guard let (path, handle) = try Self.open(library, search) else { continue }
            if let missing = Self.fill(&calls, with: library, from: handle) {
                guard library.isNeeded else { continue }
                throw .device(
                    CUDA.title, .missing,
                    reason: "\(library.title) (\(path: path)) has no function \(missing): install a newer one")
            }
            paths[library.title] = path
        }
        (self.calls, self.paths) = (calls, paths)
    }

    /// A library's file that can be opened; nil where a library is missing that is not needed.
    private static func open(
        _ library: cuda_library, _ search: LibrarySearch
    ) throws(NetworkError) -> (path: String, handle: UnsafeMutableRawPointer)? {
        var faults: [String] = []
        for path in library.files.flatMap(search.places) {
            if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return (path, handle) }
            // The loader says of what it has not found by itself only that.
            if path.contains("/") { faults.append(dlerror().map { String(cString: $0) } ?? path) }
        }
        guard library.isNeeded else { return nil }
        if let fault = faults.first {
            throw .device(CUDA.title, .missing, reason: "\(library.title) cannot be opened: \(path: fault)")
        }
        throw .device(
            CUDA.title, .missing,
            reason: "\(library.title) (\(Wording(library.files.joined(separator: " or ")))) is not on this machine; "
                + "looked for in \(path: search.description)")
    }

    /// Puts a library's functions into the table, all or none.
    ///
    /// - Returns: the first that is missing.
    private static func fill(
        _ calls: inout cuda_calls, with library: cuda_library, from handle: UnsafeMutableRawPointer
    ) -> String? {
        var filled = calls
        let missing: String? = withUnsafeMutableBytes(of: &filled) { bytes in
            for symbol in symbols where symbol.library == library {
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
