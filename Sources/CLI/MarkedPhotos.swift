import ActivationMaps
import Imaging
import Platform

/// What people marked in photos: the boxes of `--boxes`, or the masks of `--masks`.
struct MarkedPhotos: Sendable {
    private enum Marks: Sendable {
        /// With the classes that the file's stand for.
        case boxes(PhotoTable<BoxFile.Box>, [String: Int])
        /// A folder.
        case masks(String)
    }
    private let marks: Marks
    private let workingFolder = System.workingFolder
    /// What was read, and what was not understood, as people are told before the first photo.
    let remarks: [String], warnings: [String]
    /// What decides the measures: the SHA-256 of the boxes, or the folder of the masks.
    let identity: String

    /// nil where nothing is given.
    ///
    /// - Throws: `TableFault`, `ChoiceError` where a class's index is out of range, `DigestFault`.
    init?(_ arguments: Arguments, _ classifier: Classifier) throws {
        if let folder = arguments.masks {
            do throws(SystemError) {
                guard try FileStatus(of: folder).kind == .folder else { throw SystemError(code: ENOTDIR) }
            } catch { throw TableFault(path: folder, .system(error.code)) }
            (marks, identity, remarks, warnings) = (.masks(folder), folder, [], [])
            return
        }
        guard let path = arguments.boxes else { return nil }
        let file = try BoxFile(path)
        var classes: [String: Int] = [:], unknown: [String] = [], guessed: [String] = []
        for name in file.categories.sorted() {
            if !file.isCOCO, let index = Int(name) {
                classes[name] = try classifier.category(index)
            } else if let index = try? classifier.category(labelled: name) {
                classes[name] = index
                let label = classifier.labels?[index] ?? ""
                if label.lowercased() != name.lowercased() { guessed.append("\(name) is \(index) \(label)") }
            } else {
                unknown.append(name)
            }
        }
        if classes.isEmpty, !unknown.isEmpty { throw TableFault(path: path, .noClass(unknown)) }
        marks = .boxes(file.table, classes)
        identity = try SHA256.digits(ofFile: path)
        remarks =
            [Messages.boxes(file.count, photos: file.table.count, leftOut: file.leftOut, path: path)]
            + (guessed.isEmpty ? [] : [Messages.guessedClasses(guessed, path: path)])
        warnings = unknown.isEmpty ? [] : [Messages.unknownClasses(unknown, of: file.categories.count, path: path)]
    }

    /// What is marked of a class in a photo, and of anything where there is no class; nil where nothing is.
    ///
    /// - Parameters:
    ///   - width, height: of the photo's maps.
    /// - Throws: `TruthFault` where what is marked is none of the photo's.
    func truth(of photo: Photo, width: Int, height: Int, category: Int?) throws -> GroundTruth? {
        let path = photo.member == nil ? Paths.absolute(photo.path, from: workingFolder) : photo.path
        switch marks {
        case .boxes(let table, let classes):
            let boxes = table.rows(of: path).filter { box in
                guard let name = box.category, let category else { return true }
                return classes[name] == category
            }
            if boxes.isEmpty { return nil }
            guard
                let truth = GroundTruth(boxes: boxes.map(\.rectangle), width: width, height: height)
            else { throw TruthFault.outside(width: width, height: height) }
            return truth
        case .masks(let folder):
            guard let file = Self.file(in: folder, of: path) else { return nil }
            let mask = try Mask(contentsOf: file)
            guard mask.width == width, mask.height == height else {
                throw TruthFault.otherSize(file, mask.width, mask.height, photo: width, height)
            }
            return GroundTruth(mask)
        }
    }

    /// The mask of a photo: its name with `.png`, in the folders that the end of its path names, as many as there are.
    private static func file(in folder: String, of path: String) -> String? {
        let parts = Paths.parts(Paths.withoutExtension(path))
        return parts.indices.lazy.map { Paths.joined(folder, parts[$0...].joined(separator: "/") + ".png") }
            .first { (try? FileStatus(of: $0).kind) == .file }
    }
}

/// What people marked does not fit a photo.
enum TruthFault: Error, Equatable {
    case outside(width: Int, height: Int)
    case otherSize(String, Int, Int, photo: Int, Int)
}

extension SHA256 {
    /// That of a file.
    static func digits(ofFile path: String) throws -> String {
        let sum = try SHA256(), file = try RecordFile(path, O_RDONLY)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { chunk.deallocate() }
        var offset = 0
        while true {
            let count = try file.read(at: offset, into: chunk)
            sum.add(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            if count < chunk.count { return try sum.digits() }
            offset += count
        }
    }
}
