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

    /// What is marked in a photo; nil where nothing is.
    ///
    /// - Parameters:
    ///   - path: the photo's, see `Photo.path`.
    ///   - width, height: of the upright photo.
    /// - Throws: `TruthFault` where what is marked is none of the photo's, `ImageError` where a mask cannot be read.
    func marks(in path: String, width: Int, height: Int) throws -> PhotoMarks? {
        switch marks {
        case .boxes(let table, let classes):
            let boxes = table.rows(of: Paths.absolute(path, from: workingFolder))
            for box in boxes.map(\.rectangle) where !box.meets(width: width, height: height) {
                throw TruthFault.outside(box, width: width, height: height)
            }
            guard !boxes.isEmpty else { return nil }
            return .boxes(
                boxes.map { box in (box.rectangle, box.category.map { classes[$0] ?? -1 }) }, width: width,
                height: height)
        case .masks(let folder):
            guard let file = Self.file(in: folder, of: path) else { return nil }
            let mask = try Mask(contentsOf: file)
            guard mask.width == width, mask.height == height else {
                throw TruthFault.otherSize(file, mask.width, mask.height, photo: width, height)
            }
            return .mask(GroundTruth(mask))
        }
    }

    /// Whether a photo is one of those in which something is marked, of whatever class.
    func has(_ path: String) -> Bool {
        switch marks {
        case .boxes(let table, _): !table.rows(of: Paths.absolute(path, from: workingFolder)).isEmpty
        case .masks(let folder): Self.file(in: folder, of: path) != nil
        }
    }

    /// Whether masks are given rather than boxes.
    var areMasks: Bool { if case .masks = marks { true } else { false } }

    /// The mask of a photo: its name with `.png`, in the folders that the end of its path names, as many as there are.
    private static func file(in folder: String, of path: String) -> String? {
        let parts = Paths.parts(Paths.withoutExtension(Paths.absolute(path, from: System.workingFolder)))
        return parts.indices.lazy.map { Paths.joined(folder, parts[$0...].joined(separator: "/") + ".png") }
            .first { (try? FileStatus(of: $0).kind) == .file }
    }
}

/// What people marked in one photo.
enum PhotoMarks: Sendable {
    /// Each with its class: nil stands for whatever is explained, -1 for one that the network does not have.
    case boxes([(Rectangle, Int?)], width: Int, height: Int)
    /// nil where no pixel is inside.
    case mask(GroundTruth?)

    /// What is marked of a class, and of anything where there is no class; nil where no pixel is.
    func truth(of category: Int?) -> GroundTruth? {
        switch self {
        case .boxes(let boxes, let width, let height):
            let own = boxes.filter { $0.1 == nil || category == nil || $0.1 == category }
            return GroundTruth(boxes: own.map(\.0), width: width, height: height)
        case .mask(let truth): return truth
        }
    }
}

extension Rectangle {
    /// Whether a part of it lies in a picture.
    fileprivate func meets(width: Int, height: Int) -> Bool {
        x0 < Double(width) && y0 < Double(height) && x1 > 0 && y1 > 0
    }
}

/// What people marked does not fit a photo.
enum TruthFault: Error, Equatable {
    /// A box, and the photo's size.
    case outside(Rectangle, width: Int, height: Int)
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
