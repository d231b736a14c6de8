import Platform

/// The file a model is read from, and the files beside it that hold its tensors' values.
final class ModelSource {
    let file: MappedFile
    /// About how many bytes what was read so far takes, and how many it may.
    private(set) var memory = 0
    private let most: Int
    private let folder: String
    /// Where external data may lie: the model's folder, and that of the file that the model is a symbolic link to (as
    /// in caches, where data are such links, too).
    private let folders: [String]
    /// The files beside it that were opened, by the location that the model states.
    private(set) var besides: [String: MappedFile] = [:]

    init(_ file: MappedFile, most: Int = .max) {
        (self.file, self.most) = (file, most)
        folder = Self.folder(of: file.path)
        folders = [resolvedPath(folder.isEmpty ? "." : folder), resolvedPath(file.path).map(Self.folder)]
            .compactMap { $0 }.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
    }

    /// Counts what is about to be read.
    func count(_ bytes: Int) throws(ONNXError) {
        // A file is no longer than 2 GiB, of which a byte takes some hundreds at most.
        memory += bytes
        guard memory <= most else { throw .tooLarge(path: file.path, most: most) }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// The bytes of a tensor that are kept in another file.
    ///
    /// https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
    /// - Parameters:
    ///   - entries: TensorProto.external_data: `location`, relative to the model's folder, `offset` (default 0),
    ///     `length`.
    ///   - byteCount: the length that is used where the model states none; nil for the rest of the file.
    func externalData(_ entries: [String: String], tensor: String, byteCount: Int?) throws(ONNXError) -> ByteRange {
        let location = entries["location"] ?? ""
        do throws(ExternalDataFault) {
            let file = try beside(location)
            let offset = try number("offset", in: entries) ?? 0
            let length = try number("length", in: entries) ?? byteCount ?? max(0, file.count - offset)
            let (end, overflow) = offset.addingReportingOverflow(length)
            guard !overflow, end <= file.count else {
                throw ExternalDataFault.tooShort(size: file.count, needed: overflow ? Int.max : end)
            }
            return ByteRange(file: file, range: offset..<end)
        } catch {
            throw .externalData(path: file.path, tensor: tensor, location: location, error)
        }
    }

    private func beside(_ location: String) throws(ExternalDataFault) -> MappedFile {
        guard !location.isEmpty else { throw .noLocation }
        let parts = location.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first != "", !parts.contains(".."), !location.utf8.contains(0) else { throw .outsideFolder }
        if let file = besides[location] { return file }
        // The file that is opened is the one that was checked, whatever becomes of links meanwhile.
        guard let path = resolvedPath(folder + location) else { throw .file(FileFault(errno: errno)) }
        guard folders.contains(where: path.hasPrefix) else { throw .outsideFolder }
        do {
            let file = try MappedFile(path: path)
            besides[location] = file
            return file
        } catch {
            throw .file(error)
        }
    }

    private func number(_ key: String, in entries: [String: String]) throws(ExternalDataFault) -> Int? {
        guard let text = entries[key] else { return nil }
        guard let value = Int(text), value >= 0 else { throw .number(key: key, value: text) }
        return value
    }
}
