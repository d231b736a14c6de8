import CCUDA
import Network

/// The kernels' source, and how NVRTC makes a card's program of it.
enum KernelSource {
    /// All files as one, of which NVRTC's messages name each.
    static let text: String = {
        var count: Int32 = 0
        let files = UnsafeBufferPointer(start: cuda_sources(&count), count: Int(count))
        return files.reduce("#define GRADCAM_DEVICE 1\n") { text, file in
            text + "#line 1 \"\(String(cString: file.name))\"\n" + String(cString: file.text)
        }
    }()

    /// What a compiled program depends on, as a file name.
    static func key(_ card: Card) throws(NetworkError) -> String {
        var major: Int32 = 0, minor: Int32 = 0
        try check(card.calls.nvrtcVersion(&major, &minor), "nvrtcVersion", card.calls)
        // FNV-1a, of 64 bits.
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "\(String(hash, radix: 16))-sm_\(card.architecture)-nvrtc_\(major).\(minor)-driver_\(card.driverVersion)"
    }

    /// - Returns: what the compiler says besides.
    /// - Throws: with the compiler's first line.
    static func compile(
        for architecture: Int, _ calls: cuda_calls
    ) throws(NetworkError) -> (binary: [UInt8], log: String) {
        var program: UnsafeMutableRawPointer?
        try check(calls.nvrtcCreateProgram(&program, text, "gradcam.cu", 0, nil, nil), "nvrtcCreateProgram", calls)
        defer { _ = calls.nvrtcDestroyProgram(&program) }
        let status = "--gpu-architecture=sm_\(architecture)".withCString { option in
            var options: UnsafePointer<CChar>? = option
            return calls.nvrtcCompileProgram(program, 1, &options)
        }
        let log = bytes(calls.nvrtcGetProgramLogSize, calls.nvrtcGetProgramLog, program)
        let said = String(decoding: log.prefix { $0 != 0 }, as: UTF8.self)
        guard status == 0 else {
            let line = said.split(separator: "\n").first { $0.contains("error") }.map(String.init) ?? ""
            throw .device(
                CUDA.title, .failed,
                reason: "NVRTC cannot compile the kernels for sm_\(architecture): "
                    + "\(errorText(status, calls)) \(line)")
        }
        let binary = bytes(calls.nvrtcGetCUBINSize, calls.nvrtcGetCUBIN, program)
        guard !binary.isEmpty else {
            throw .device(CUDA.title, .failed, reason: "NVRTC gives no program for sm_\(architecture)")
        }
        return (binary, said)
    }

    private static func bytes(
        _ size: (UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> Int32,
        _ copy: (UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?) -> Int32, _ program: UnsafeMutableRawPointer?
    ) -> [UInt8] {
        var count = 0
        guard size(program, &count) == 0, count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            let isThere = buffer.withMemoryRebound(to: CChar.self) { copy(program, $0.baseAddress) == 0 }
            written = isThere ? count : 0
        }
    }

    private static func check(_ status: Int32, _ call: String, _ calls: cuda_calls) throws(NetworkError) {
        guard status != 0 else { return }
        throw .device(
            CUDA.title, .failed, reason: "\(Wording(call)) failed: \(errorText(status, calls))")
    }

    private static func errorText(_ status: Int32, _ calls: cuda_calls) -> String {
        calls.nvrtcGetErrorString(status).map { String(cString: $0) } ?? "error \(status)"
    }
}
