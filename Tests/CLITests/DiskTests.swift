import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Disks, folders and files that change or give out while the program runs.
@Suite struct DiskTests {
    let results = TemporaryFolder()

    private func expectWholePictures() throws {
        for file in results.files {
            #expect(
                !file.hasPrefix(".") && (try? Image(contentsOf: results.path + "/" + file))?.warning == nil, "\(file)")
        }
    }

    /// Once the disk is full the run ends: it does not explain the rest of the night in vain.
    @Test func aFullDiskEndsTheRun() throws {
        let photos = try TemporaryFolder.photos(100, width: 400, height: 300)
        // Of a user's own mounts nothing is left when the shell ends.
        let world = "mount -t tmpfs -o size=400k tmpfs \(results.path) 2>/dev/null || exit 99"
        let list = "\"$@\"; status=$?; ls -A \(results.path) | sed \"s/^/file /\"; exit $status"
        let isRoot = getuid() == 0, enter = "unshare --mount" + (isRoot ? "" : " --map-root-user --user")
        let result = try explain(
            in: "export WORLD='\(world)'", [photos.path, "--quiet", "--output-dir", results.path],
            through: "exec \(enter) bash -c \"$WORLD\n\"'\(list)' bash \"$@\"")
        guard result.status != 99, !result.errors.contains("unshare: ") else {
            return print("skipped: a full disk: no tmpfs can be mounted here")
        }
        let lines = result.errors.split(separator: "\n")
        #expect(result.status == 4 && lines.count == 2, "\(result.errors)")
        #expect(lines.first?.contains("No space left on device") ?? false)
        #expect(lines.last?.contains("left to do") ?? false)
        let files = result.output.split(separator: "\n")
        #expect(files.count > 3 && !files.contains { $0.contains("partial") })
    }

    @Test func anOutputFolderThatBecomesAFileEndsTheRun() throws {
        let photos = try TemporaryFolder.photos(400), place = results.path + "/out"
        let running = try Running([photos.path, "--quiet", "--output-dir", place])
        #expect(eventually { results.files.count > 4 })
        rename(place, results.path + "/moved")
        results.write([1], to: "out")
        _ = running.wait()
        let lines = running.told.split(separator: "\n")
        #expect(running.status == 4 && lines.count <= 2, "\(running.told)")
        // The last of them between the folder's end and the file's beginning.
        let reasons = ["Not a directory", "File exists", "No such file or directory"]
        #expect(reasons.contains { running.told.contains($0) }, "\(running.told)")
    }

    @Test func anOutputFolderThatIsRemovedIsNotMadeAgain() throws {
        let photos = try TemporaryFolder.photos(400), place = results.path + "/out"
        let running = try Running([photos.path, "--quiet", "--output-dir", place])
        #expect(eventually { results.files.count > 4 })
        rename(place, results.path + "/moved")
        _ = running.wait()
        #expect(running.status == 4 && running.told.contains("No such file or directory"), "\(running.told)")
        #expect(access(place, F_OK) != 0)
    }

    /// As root nothing is read-only but a mount.
    @Test func aReadOnlyFolderIsRefused() throws {
        let photos = try TemporaryFolder.photos(1), place = results.path + "/out"
        mkdir(place, 0o555)
        let mount = "mount -t tmpfs -o ro tmpfs \(place) || exit 99; exec \"$@\""
        let through = getuid() == 0 ? "exec unshare --mount bash -c '\(mount)' bash \"$@\"" : "exec \"$@\""
        let result = try explain(in: "", [photos.path + "/0.jpg", "--output-dir", place], through: through)
        if result.status == 99 || result.errors.contains("unshare: ") {
            return print("skipped: a read-only folder: nothing can be mounted here")
        }
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.errors.hasPrefix("gradcam: cannot write into \"\(place)\": "), "\(result.errors)")
    }

    /// Photos that go away, or are written anew, while a run reads them: each fails by itself, or is explained.
    @Test func photosThatVanishOrChange() throws {
        let photos = try TemporaryFolder.photos(200)
        let content = bytes(photos.path + "/0.jpg")
        let running = try Running([photos.path, "--quiet", "--output-dir", results.path])
        #expect(eventually { !results.files.isEmpty })
        for index in 100..<200 {
            unlink(photos.path + "/\(index).jpg")
            photos.write(content.prefix(content.count * index / 200), to: "\(index - 100).jpg")
        }
        _ = running.wait()
        #expect([0, 1].contains(running.status) && !running.wasKilled)
        let lines = running.told.split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("gradcam: ") && $0.contains(".jpg: ") }, "\(running.told)")
        #expect(Set(lines).count == lines.count)
        try expectWholePictures()
    }

    /// The network's file is mapped: where it gets shorter, its name is told, in one line whatever it holds.
    @Test func aNetworkThatIsShortened() throws {
        let photos = try TemporaryFolder.photos(400)
        let model = photos.write(bytes(Shared.repository + "/Models/catdog.onnx"), to: "net\nwork.onnx")
        let running = try Running([photos.path, "--quiet", "--output-dir", results.path], model: model)
        #expect(eventually { !results.files.isEmpty })
        truncate(model, 10)
        #expect(running.wait() < 10 && !running.wasKilled && running.status == 3, "\(running.status)")
        #expect(
            running.told.hasPrefix("gradcam: \(photos.path)/net?work.onnx: the file was shortened"), "\(running.told)")
        #expect(running.told.split(separator: "\n").count == 1, "\(running.told)")
        try expectWholePictures()
    }

    /// What is cut off within a page reads as zeros, and what is written over reads as it is written.
    @Test func aNetworksDataThatAreWrittenOver() throws {
        let photos = try TemporaryFolder.photos(200), name = "external_data.bin"
        let model = photos.write(bytes(Golden.folder + "/foreign/external_data.onnx"), to: "net.onnx")
        let data = photos.write(bytes(Golden.folder + "/foreign/" + name), to: name)
        let running = try Running([photos.path, "--quiet", "--output-dir", results.path], model: model)
        #expect(eventually { !results.files.isEmpty })
        truncate(data, 10)
        #expect(running.wait() < 20 && running.status == 3, "\(running.status)")
        #expect(running.told.hasPrefix("gradcam: \(data): the file was written to"), "\(running.told)")
        #expect(results.pictures.count == 600)
    }

    /// Another file in its place is not read before the next run.
    @Test func aNetworkThatIsReplaced() throws {
        let photos = try TemporaryFolder.photos(200)
        let model = photos.write(bytes(smallModel), to: "net.onnx")
        let running = try Running([photos.path, "--quiet", "--output-dir", results.path], model: model)
        #expect(eventually { !results.files.isEmpty })
        photos.write(Array("no network".utf8), to: "new.onnx")
        rename(photos.path + "/new.onnx", model)
        #expect(running.wait() < 20 && running.status == 0, "\(running.told)")
        #expect(results.pictures.count == 600)
    }
}
