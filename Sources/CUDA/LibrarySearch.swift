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

    /// What to do to have it, for a sentence.
    ///
    /// - Parameter majors: versions of CUDA that would do.
    func source(_ majors: [Int]) -> String {
        if self == cuda_library_driver { return "if it has an NVIDIA GPU, install NVIDIA's driver" }
        let name = self == cuda_library_nvrtc ? "nvidia-cuda-nvrtc" : "nvidia-cublas"
        // pip's packages have the version in their names, but for the newest.
        let major = majors.contains(12) ? 12 : majors.first ?? 12
        return "install the CUDA toolkit, or run pip install \(name)\(major > 12 ? "" : "-cu\(major)") "
            + "in an active virtual environment"
    }
}

/// Where NVIDIA's libraries are looked for.
package struct LibrarySearch: Sendable {
    /// Folders, in order; the empty one stands for the loader's own search. A `*` is any part of a name.
    package let folders: [String]
    /// Those that the loader itself may look into.
    private let loaders: [String]

    /// - Parameter folders: in order; the empty one stands for the loader's own search, which may look into all.
    package init(folders: [String]) { (self.folders, loaders) = (folders, folders.filter { !$0.isEmpty }) }

    /// Those of `$GRADCAM_CUDA_PATH`, the loader's (of which those of `$LD_LIBRARY_PATH` are known), the toolkit's, the
    /// system's, and those of the active Python environment, in which pip and conda put them.
    package init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
        var stated: [String] = [], active: [String] = []
        for folder in (environment("GRADCAM_CUDA_PATH") ?? "").split(separator: ":") {
            stated += ["", "/lib64", "/lib", "/*/lib", "/nvidia/*/lib"].map { folder + $0 }
        }
        let named = (environment("LD_LIBRARY_PATH") ?? "").split { ":;".contains($0) }.map { String($0) }
        let usual = [
            "/usr/local/cuda/lib64", "/usr/local/cuda-*/lib64", "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64", "/usr/lib/wsl/lib",
        ]
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
            guard let prefix = environment(name), !prefix.isEmpty else { continue }
            active += ["/lib/python3*/site-packages/nvidia/*/lib", "/lib"].map { prefix + $0 }
        }
        (folders, loaders) = (stated + named + [""] + usual + active, named + usual)
    }

    /// The paths at which a file may be, in order.
    func places(of file: String) -> [String] { folders.flatMap { places(of: file, in: $0) } }

    /// The paths at which a file may be in one of the folders. The loader is not asked for a name where it could come
    /// upon a file that is cut off.
    func places(of file: String, in folder: String) -> [String] {
        guard folder.isEmpty else { return Self.matches(folder + "/" + file) }
        let known = loaders.lazy.flatMap { Self.matches($0 + "/" + file) }
        return known.contains(where: LibraryFile.isCutOff) ? [] : [file]
    }

    /// The paths that a shell would make of a pattern, the last first.
    static func matches(_ pattern: String) -> [String] {
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
