import Foundation
import Testing

@testable import CUDA

/// Compiled kernels on the disk.
struct KernelCacheTests {
    private let folder = NSTemporaryDirectory() + "gradcam-cache-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    private var cache: KernelCache { KernelCache(folder: folder + "/caches/gradcam") }
    private let key = "c0ffee-sm_86-nvrtc_12.4-driver_12040"

    private func path(_ name: String) -> String { cache.folder! + "/" + name }

    private func age(_ name: String, days: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -86400 * days)], ofItemAtPath: path(name))
    }

    private var names: Set<String> { Set((try? FileManager.default.contentsOfDirectory(atPath: cache.folder!)) ?? []) }

    @Test func whatIsStoredIsLoadedWhole() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(cache.load(key) == nil)
        cache.store([1, 2, 3], key)
        #expect(cache.load(key) == [1, 2, 3] && names == [key + ".cubin"])
        let file = URL(fileURLWithPath: path(key + ".cubin"))
        var bytes = try Data(contentsOf: file)
        bytes[1] = 7
        try bytes.write(to: file)
        #expect(cache.load(key) == nil, "damaged")
        try bytes.prefix(7).write(to: file)
        #expect(cache.load(key) == nil, "cut off")
    }

    /// What nobody has loaded for ninety days goes when something is stored; nobody else's files do.
    @Test func whatIsNotUsedGoes() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (old, used, otherCard) = ("01d", "5ed", "0dd")
        let tail = "-sm_86-nvrtc_12.4-driver_12040"
        for hash in [old, used] { cache.store([1], hash + tail) }
        cache.store([1], otherCard + "-sm_90-nvrtc_13.0-driver_13000")
        let part = old + tail + ".cubin.17-4711.part", newPart = used + tail + ".cubin.17-4711.part"
        let strangers = [
            "notes.cubin", "xyz" + tail + ".cubin", old + tail + ".cubin.bak", old + tail, "manifest.json",
        ]
        for name in strangers + [part, newPart] { try Data([1]).write(to: URL(fileURLWithPath: path(name))) }
        try FileManager.default.createSymbolicLink(
            atPath: path("1" + tail + ".cubin"), withDestinationPath: "notes.cubin")
        try FileManager.default.createDirectory(atPath: path("2" + tail + ".cubin"), withIntermediateDirectories: true)
        for name in strangers + [old + tail + ".cubin", used + tail + ".cubin", "2" + tail + ".cubin"] {
            try age(name, days: 91)
        }
        try age(otherCard + "-sm_90-nvrtc_13.0-driver_13000.cubin", days: 89)
        try age(part, days: 1.1)
        try age(newPart, days: 0.9)
        let before = names
        #expect(cache.load(used + tail) == [1], "which is a use")
        cache.store([1], key)
        #expect(before.subtracting(names) == [old + tail + ".cubin", part])
        #expect(names.contains(key + ".cubin") && cache.load(used + tail) == [1])
    }

    /// The pattern by which files are known is that of their names.
    @Test func keysAreKnownAgain() throws {
        let card = StandIn.card, key = try KernelSource.key(card)
        #expect(fnmatch("[0-9a-f]*-" + KernelSource.keyPattern, key, 0) == 0, "\(key)")
    }
}
