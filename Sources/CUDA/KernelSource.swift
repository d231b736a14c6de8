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

    /// A product and a sum are rounded one after the other, as the CPU rounds them: an element's place, a comparison or a
    /// mask of what is constant would come out otherwise at some numbers. Heavy work is the libraries'.
    private static let rounding = "-fmad=false"

    /// What a compiled program depends on, as a file name.
    static func key(_ card: Card) throws(NetworkError) -> String {
        var major: Int32 = 0, minor: Int32 = 0
        try check(card.calls.nvrtcVersion(&major, &minor), "nvrtcVersion", card.calls)
        // FNV-1a, of 64 bits.
        let hash = (text + rounding).utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return "\(String(hash, radix: 16))-sm_\(card.architecture)-nvrtc_\(major).\(minor)-driver_\(card.driverVersion)"
    }

    /// What follows the hash in a key, for `fnmatch`.
    static let keyPattern = "sm_[0-9]*-nvrtc_[0-9]*.[0-9]*-driver_[0-9]*"

    /// A card's own program or, of a card that is newer than NVRTC, one that the driver translates for it.
    ///
    /// - Returns: what the compiler says besides.
    /// - Throws: with the compiler's first line.
    static func compile(
        for architecture: Int, _ calls: cuda_calls
    ) throws(NetworkError) -> (binary: [UInt8], log: String) {
        let known = try architectures(calls)
        guard let nearest = known.last(where: { $0 <= architecture }) else {
            let (oldest, own) = (capability(known.first ?? 0), capability(architecture))
            let reason: Wording =
                "this NVRTC compiles for compute capability \(oldest) and newer, and the card's is \(own): install an older one"
            throw .device(CUDA.title, .missing, reason: reason)
        }
        let isOwn = nearest == architecture
        var program: UnsafeMutableRawPointer?
        try check(calls.nvrtcCreateProgram(&program, text, "gradcam.cu", 0, nil, nil), "nvrtcCreateProgram", calls)
        defer { _ = calls.nvrtcDestroyProgram(&program) }
        let target = (isOwn ? "sm_" : "compute_") + "\(nearest)"
        let status = ("-arch=" + target).withCString { architecture in
            rounding.withCString { rounding in
                var options: [UnsafePointer<CChar>?] = [architecture, rounding]
                return calls.nvrtcCompileProgram(program, Int32(options.count), &options)
            }
        }
        let log = bytes(calls.nvrtcGetProgramLogSize, calls.nvrtcGetProgramLog, program)
        let said = String(decoding: log.prefix { $0 != 0 }, as: UTF8.self)
        guard status == 0 else {
            let line = said.split(separator: "\n").first { $0.contains("error") }.map(String.init) ?? ""
            let error = errorText(status, calls)
            let reason: Wording = "NVRTC cannot compile the kernels for sm_\(nearest): \(error) \(line)"
            throw .device(CUDA.title, .failed, reason: reason)
        }
        let binary =
            isOwn
            ? bytes(calls.nvrtcGetCUBINSize, calls.nvrtcGetCUBIN, program)
            : bytes(calls.nvrtcGetPTXSize, calls.nvrtcGetPTX, program)
        guard !binary.isEmpty else {
            throw .device(CUDA.title, .failed, reason: "NVRTC gives no program for sm_\(nearest)")
        }
        return (binary, said)
    }

    /// Those that NVRTC compiles for, in ascending order.
    private static func architectures(_ calls: cuda_calls) throws(NetworkError) -> [Int] {
        var count: Int32 = 0
        try check(calls.nvrtcGetNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs", calls)
        var known = [Int32](repeating: 0, count: max(0, Int(count)))
        try check(calls.nvrtcGetSupportedArchs(&known), "nvrtcGetSupportedArchs", calls)
        return known.map { Int($0) }.sorted()
    }

    /// `8.6`
    private static func capability(_ architecture: Int) -> String { "\(architecture / 10).\(architecture % 10)" }

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
