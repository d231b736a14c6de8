// swift-tools-version: 6.0
import PackageDescription

func page(_ name: String) -> Resource { .embedInCode("Gallery/Page/" + name) }

let package = Package(
    name: "gradcam",
    products: [
        .executable(name: "gradcam", targets: ["CLI"]),
        .executable(name: "gradcam-bench", targets: ["Bench"]),
        .library(name: "ActivationMaps", targets: ["ActivationMaps"]),
    ],
    targets: [
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .target(name: "CJPEGTrap", dependencies: ["CJPEG"]),
        .target(name: "CPNGTrap", dependencies: ["CPNG"]),
        .target(name: "CPixels"),

        // Contracts are asserted in debug builds.
        .target(name: "CKernels", cSettings: [.define("NDEBUG", .when(configuration: .release))]),
        .target(name: "CPlatform"),
        // What stands before a program's `main`; libraries do without.
        .target(name: "CStart"),
        .target(name: "Platform", dependencies: ["CPlatform"]),
        .target(name: "Archive", dependencies: ["Platform"]),
        .target(name: "ONNX", dependencies: ["Platform"]),
        .target(name: "Network", dependencies: ["ONNX", "COpenBLAS", "CKernels", "CPlatform", "Platform"]),
        // What is called of NVIDIA's libraries, which are opened as the program runs, and the kernels' source.
        .target(name: "CCUDA", exclude: ["Kernels"]),
        .target(name: "CUDA", dependencies: ["CCUDA", "Network", "Platform"]),
        .target(name: "Imaging", dependencies: ["CJPEGTrap", "CPNGTrap", "CPixels", "Platform"]),
        .target(
            name: "ActivationMaps", dependencies: ["ONNX", "Network", "Imaging", "CLAPACKE", "COpenBLAS", "Platform"]),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "ActivationMaps", "Archive", "CCrypto", "CStart", "CUDA", "Imaging", "Network", "ONNX", "Platform",
            ],
            // What every page of --report has: taken into the program, so that it needs no file beside it.
            resources: ["page.html", "page.css"].map(page)
                + ["data", "state", "stage", "gallery", "photo", "tables", "main"].map { page($0 + ".js") }),
        .executableTarget(
            name: "Bench", dependencies: ["ActivationMaps", "CStart", "CUDA", "Imaging", "Network", "Platform"]),

        .target(name: "TestSupport", dependencies: ["ONNX", "Network", "Imaging", "Platform"], path: "Tests/Support"),
        .testTarget(name: "PlatformTests", dependencies: ["CPlatform", "Platform"]),
        .testTarget(name: "ArchiveTests", dependencies: ["Archive", "Platform"]),
        .testTarget(name: "ONNXTests", dependencies: ["ONNX", "TestSupport"]),
        .testTarget(
            name: "NetworkTests", dependencies: ["CKernels", "Network", "ONNX", "Platform", "TestSupport"],
            exclude: ["conformance-gaps.txt"]),
        // NVIDIA's libraries on the processor.
        .target(name: "CUDAStandIn", dependencies: ["CCUDA", "COpenBLAS"], path: "Tests/CUDAStandIn"),
        .testTarget(
            name: "CUDATests",
            dependencies: [
                "ActivationMaps", "CCUDA", "CUDA", "CUDAStandIn", "Network", "ONNX", "TestSupport",
            ], exclude: ["Headers"]),
        .testTarget(
            name: "ImagingTests", dependencies: ["CPixels", "Imaging", "TestSupport"],
            exclude: ["make_goldens.py", "Pictures"]),
        .testTarget(
            name: "ActivationMapsTests",
            dependencies: ["ActivationMaps", "COpenBLAS", "CUDA", "Imaging", "Network", "ONNX", "TestSupport"]),
        .testTarget(
            name: "CLITests",
            dependencies: ["ActivationMaps", "Archive", "CLI", "Imaging", "Network", "Platform", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

// What `make fuzz` builds, with sanitizers and with what is internal made visible.
if Context.environment["GRADCAM_FUZZ"] != nil {
    func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
        .executableTarget(
            name: "Fuzz" + name, dependencies: dependencies, path: "Fuzz/" + name,
            swiftSettings: [.unsafeFlags(["-parse-as-library"])])
    }
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
        .target(name: "FuzzRandom", path: "Fuzz/Random"),
        fuzzer("Arrays", ["CFuzzer", "FuzzRandom", "Imaging"]),
        fuzzer("Archive", ["Archive", "CFuzzer"]),
        fuzzer("Network", ["ActivationMaps", "CFuzzer", "Imaging", "Network", "ONNX"]),
        fuzzer("Photos", ["CFuzzer", "FuzzRandom", "Imaging"]),
        fuzzer("Text", ["ActivationMaps", "ONNX"]),
    ]
}
