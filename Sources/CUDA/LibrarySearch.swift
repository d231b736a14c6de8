import CCUDA
import Network
import Platform

extension cuda_library {
    /// As people call it.
    var title: String {
        switch self {
        case cuda_library_driver: "NVIDIA's driver"
        case cuda_library_nvrtc: "NVRTC"
        case cuda_library_cublas: "cuBLAS"
        default: "cuDNN"
        }
    }

    /// The file of the driver, or of a toolkit's library in a major version of CUDA.
    func file(ofCUDA major: Int) -> String {
        switch self {
        case cuda_library_driver: "libcuda.so.1"
        case cuda_library_nvrtc: major == 11 ? "libnvrtc.so.11.2" : "libnvrtc.so.\(major)"
        default: "libcublas.so.\(major)"
        }
    }
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
    func places(of file: String) -> [String] { folders.flatMap { Self.places(of: file, in: $0) } }

    static func places(of file: String, in folder: String) -> [String] {
        folder.isEmpty ? [file] : matches(folder + "/" + file)
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
