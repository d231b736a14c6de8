import Platform

@testable import CLI

/// A folder that lasts as long as the object.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/gradcam-test-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template)!)
    }

    deinit { Self.remove(path) }

    /// Writes a file, and the folders above it; returns its path.
    @discardableResult
    func write(_ bytes: some Collection<UInt8>, to name: String) -> String {
        let file = path + "/" + name
        _ = Paths.parts(name).dropLast().reduce(path) { folder, part in
            mkdir(folder + "/" + part, 0o777)
            return folder + "/" + part
        }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer { close(descriptor) }
        precondition(
            Array(bytes).withUnsafeBytes { Platform.write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
        return file
    }

    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        guard let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { remove(path + "/" + name) }
        }
        closedir(stream)
        rmdir(path)
    }
}
