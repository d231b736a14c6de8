import ActivationMaps
import Imaging

/// The pictures and maps of one explained photo, as files.
struct PhotoFiles {
    let arguments: Arguments
    let photo: Photo
    let image: Image
    let explanation: Explanation

    /// Writes what `--outputs` and `--save-map` ask for; returns the files' paths.
    ///
    /// - Throws: `ImageError` where a file cannot be written, `OverwriteFault` where it is one of the photos given.
    func write(sparing photos: PhotoList) throws -> [String] {
        let names = FileNames(folder: arguments.outputDirectory, namesClasses: arguments.namesClasses)
        var written: [String] = []
        for explained in explanation.classes {
            var guided: [UInt8]?
            for (index, method) in arguments.methods.enumerated() {
                let map = explained.maps.isEmpty ? nil : explained.maps[index]
                for kind in kinds {
                    let path = names.path(
                        of: kind, as: format, photo: photo, method: method, category: explained.score.index)
                    if photos.contains(path) { throw OverwriteFault(path: path) }
                    let bytes: [UInt8]?
                    if kind == .gb {
                        guided = try guided ?? picture(explained.guided?.picture(explanation.placement))
                        bytes = guided
                    } else {
                        bytes = try map.flatMap { try content(of: kind, $0, explained.guided) }
                    }
                    guard let bytes else { continue }
                    try Self.save(bytes, to: path)
                    written.append(path)
                }
            }
        }
        return written
    }

    private var kinds: [FileNames.Kind] {
        arguments.outputs.map(\.kind) + (arguments.saveMap ? [.map] : [])
    }

    private func content(of kind: FileNames.Kind, _ map: Map, _ guided: GuidedGradient?) throws(ImageError) -> [UInt8]?
    {
        switch kind {
        case .cam:
            try picture(
                image.overlaid(with: map.photo, colormap: arguments.colormap, imageWeight: arguments.imageWeight))
        case .gb: try picture(guided?.picture(explanation.placement))
        case .cam_gb: try picture(guided?.picture(explanation.placement, weightedBy: map))
        case .map: NPY.encode(map.photo)
        }
    }

    /// All pictures have the photo's size.
    private var format: FileNames.Format { image.fitsJPEG ? .jpeg : .png }

    private func picture(_ picture: Image?) throws(ImageError) -> [UInt8]? {
        switch format {
        case .jpeg: try picture?.jpeg(quality: arguments.quality, comment: PictureMark.text)
        case .png: try picture?.png(software: PictureMark.text)
        }
    }

    private static func save(_ bytes: [UInt8], to path: String) throws(ImageError) {
        do throws(SystemError) {
            try System.makeFolder(Paths.folder(path))
        } catch {
            throw .file(path: path, .unwritable(reason: systemText(error.code)))
        }
        try AtomicFile.write(bytes, to: path)
    }
}

/// A file to be written is one of the photos to be read.
struct OverwriteFault: Error, Equatable, CustomStringConvertible {
    let path: String
    var description: String { "\(path) would be written over, which is one of the photos; choose another --output-dir" }
}

extension Arguments.Output {
    var kind: FileNames.Kind {
        switch self {
        case .cam: .cam
        case .gb: .gb
        case .cam_gb: .cam_gb
        }
    }
}
