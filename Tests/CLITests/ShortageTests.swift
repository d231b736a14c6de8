import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Where the system has no memory, no threads or no descriptors left, the program says so, or does with less.
@Suite struct ShortageTests {
    let folder: TemporaryFolder, results = TemporaryFolder()

    init() throws { folder = try .photos(1) }

    private var output: [String] { ["--output-dir", results.path, "--outputs", "cam"] }

    /// Below the first of these sizes the system cannot load the program's libraries; above the last one there is
    /// enough.
    @Test(arguments: Array(stride(from: 64, through: 448, by: 32)))
    func addressSpace(megabytes: Int) throws {
        let result = try explain(in: "ulimit -v \(megabytes << 10)", [folder.path + "/0.jpg"] + output)
        switch result.status {
        case 0: #expect(results.files == ["gradcam_cam.jpg"])
        case 1, 3:
            #expect(results.files == [])
            let faults = result.faults.split(separator: "\n").filter { !$0.contains("warning") }
            #expect(faults.count == 1 && faults[0].hasPrefix("gradcam: "), "\(result.errors)")
            #expect(result.faults.contains("memory") || result.faults.contains("address space"), "\(result.errors)")
        case 127: #expect(megabytes < 128 && result.errors.contains("shared libraries"), "\(result.errors)")
        default: Issue.record("\(megabytes) MB: status \(result.status), \(result.errors)")
        }
        if megabytes >= 384 { #expect(result.status == 0, "\(megabytes) MB: \(result.errors)") }
    }

    /// Photos are decoded one after another where there is no memory for two, and refused where there is none for one.
    @Test(arguments: [1, 2]) func pixels(threads: Int) throws {
        let pixels = [UInt8](repeating: 90, count: 5000 * 4000 * 3)
        let folder = TemporaryFolder()
        let first = folder.write(try Image(width: 5000, height: 4000, pixels: pixels).png(), to: "0.png")
        for index in 1..<8 { link(first, folder.path + "/\(index).png") }
        for megabytes in stride(from: 360, through: 760, by: 80) {
            let words = [folder.path, "--threads", "\(threads)"] + output
            let result = try explain(in: "ulimit -v \(megabytes << 10)", words)
            #expect(result.status == 0 || result.status == 1, "\(megabytes) MB: \(result.status) \(result.errors)")
            let failures = result.faults.components(separatedBy: "no memory for 5000 x 4000 pixels").count - 1
            #expect(failures == 0 || failures == 8 || threads > 1, "\(megabytes) MB: \(result.errors)")
            #expect(result.status == (failures == 0 ? 0 : 1), "\(megabytes) MB: \(result.errors)")
        }
    }

    /// A user other than root, who may have no more than one process.
    @Test(arguments: [1, 4]) func threads(photos: Int) throws {
        let other = ["setpriv", "--reuid=65534", "--clear-groups"]
        guard try run("/usr/bin/env", other + [program, "--version"]).status == 0 else {
            return print("skipped: no threads left: the program cannot be run as another user here")
        }
        let folder = try TemporaryFolder.photos(8 * photos)
        for path in [folder.path, results.path] { chmod(path, 0o777) }
        let result = try explain(
            in: "ulimit -u 1", (0..<8 * photos).map { folder.path + "/\($0).jpg" } + output,
            through: "exec \(other.joined(separator: " ")) \"$@\"")
        #expect(result.status == 0, "\(result.errors)")
        #expect(results.pictures.count == 8 * photos)
        #expect(result.errors.components(separatedBy: "refused threads").count == 2, "\(result.errors)")
    }

    #if os(Linux)
    /// What keeps OpenBLAS from starting threads is over when the program begins.
    @Test func theProgramMayUseEveryProcessor() throws {
        func processors(_ process: String) throws -> Substring? {
            try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8).split(separator: "\n")
                .first { $0.hasPrefix("Cpus_allowed:") }
        }
        let input = Pipe(), waiting = try Running(["-"], input: input)
        #expect(eventually { waiting.handles(SIGINT) })
        #expect(try processors("\(waiting.process.processIdentifier)") == processors("self"))
        waiting.send(SIGINT)
        _ = waiting.wait()
    }
    #endif

    @Test(arguments: [5, 6, 8, 16]) func descriptors(count: Int) throws {
        let folder = try TemporaryFolder.photos(12)
        let result = try explain(in: "ulimit -n \(count)", [folder.path] + output)
        let failures = result.errors.split(separator: "\n").filter {
            $0.hasPrefix("gradcam: ") && !$0.hasPrefix("gradcam: warning: ")
        }
        #expect(failures.allSatisfy { $0.contains("Too many open files") }, "\(result.errors)")
        #expect(result.status == (failures.isEmpty ? 0 : 1) && failures.count + results.pictures.count == 12)
        if count >= 8 { #expect(failures.isEmpty) }
    }
}
