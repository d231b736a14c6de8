import Foundation
import Testing
import TestSupport

@testable import CLI

/// Many photos of every kind in one process; scripts/corpora/overnight.py runs the same over thousands.
@Suite struct NightTests {
    /// Photos of every kind that the decoder's tests have, in two folders, every tenth damaged; the damaged ones' paths.
    private func shoot(_ folder: TemporaryFolder) throws -> Set<String> {
        let pictures = Shared.repository + "/Tests/ImagingTests/Pictures"
        let damage: [[UInt8]] = [[], Array("<html>".utf8), Array("GIF89a".utf8), [0xff, 0xd8, 0xff, 0xd9]]
        var broken: Set<String> = []
        let names = try FileManager.default.contentsOfDirectory(atPath: pictures).sorted()
        for (index, name) in names.enumerated() {
            let isBroken = index % 10 == 3
            let content = isBroken ? damage[index / 10 % damage.count] : bytes(pictures + "/" + name)
            let path = folder.write(content, to: "\(index % 2)/\(name)")
            if isBroken { broken.insert(path) }
        }
        return broken
    }

    @Test func failuresAreNamedOnceAndPicturesAreTheSameAsAlone() throws {
        let (photos, together, alone) = (TemporaryFolder(), TemporaryFolder(), TemporaryFolder())
        let broken = try shoot(photos)
        let result = try explain([photos.path, "--quiet", "--outputs", "cam", "--output-dir", together.path])
        #expect(result.status == 1)
        let named = result.faults.split(separator: "\n").filter { !$0.hasPrefix("gradcam: warning: ") }
            .map { String($0.split(separator: ":")[1].dropFirst()) }
        #expect(named.sorted() == broken.sorted())
        let whole = photos.files.filter { !broken.contains(photos.path + "/" + $0) }
        #expect(together.files.count == whole.count && whole.count > 50)
        for name in whole.enumerated().filter({ $0.offset % 5 == 0 }).map(\.element) {
            let words = ["--quiet", "--outputs", "cam", "--output-dir", alone.path]
            #expect(try explain([photos.path + "/" + name] + words).status == 0, "\(name)")
            let stem = name.prefix(upTo: name.lastIndex(of: ".")!)
            let twins = ["\(together.path)/\(stem)_gradcam_cam.jpg", alone.path + "/gradcam_cam.jpg"].map(bytes)
            #expect((twins[0] == twins[1]) as Bool, "\(name)")
        }
    }

    #if os(Linux)
    /// A photo in fifty is large; what is held after it is what was held before.
    @Test func memoryAndDescriptorsStayFlat() throws {
        let (photos, results) = (TemporaryFolder(), TemporaryFolder())
        let small = bytes(try photos.photo("0.jpg")),
            large = bytes(try photos.photo("1.jpg", width: 2000, height: 1500))
        for index in 2..<400 { photos.write(index % 50 == 7 ? large : small, to: "\(index).jpg") }
        let process = try Running(["--quiet", "--outputs", "cam", "--output-dir", results.path, photos.path])
        let state = "/proc/\(process.process.processIdentifier)"
        var memory: [Int] = [], descriptors: [Int] = []
        while process.process.isRunning {
            // Its second number: pages that are resident.
            let numbers = (try? String(contentsOfFile: state + "/statm", encoding: .utf8))?.split(separator: " ") ?? []
            if numbers.count > 1, let pages = Int(numbers[1]), pages > 0 { memory.append(pages) }
            if let open = try? FileManager.default.contentsOfDirectory(atPath: state + "/fd") {
                descriptors.append(open.count)
            }
            usleep(2000)
        }
        #expect(process.status == 0)
        let half = memory.count / 2
        let lowest = [memory[half / 2..<half], memory[half...]].map { part in part.sorted()[part.count / 10] }
        #expect(lowest[1] < lowest[0] * 110 / 100, "\(lowest) pages")
        #expect((descriptors.max() ?? 0) < (descriptors.min() ?? 0) + 10)
    }
    #endif
}
