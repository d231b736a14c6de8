import ActivationMaps
import Imaging
import Platform

/// The pictures and maps of one explained photo, as files.
struct PhotoFiles {
    let arguments: Arguments
    let photo: Photo
    let image: Image
    /// What maps are laid over, see `Image.drawn`; `image` itself but for a signal.
    let drawn: Image
    let explanation: Explanation
    let scores: Report.Scores
    /// Of every explained class, one a method; empty where none are asked for.
    let regions: [[Region]]

    /// Writes what `--outputs` and `--save-map` ask for, but for files that are kept; returns the paths of those that
    /// were written. Pictures are made row by row while they are written.
    ///
    /// - Parameter threads: so many pictures are written at a time.
    /// - Throws: `ImageError` where a file cannot be written; `OverwriteFault` where it is read, and nothing is
    ///   written then.
    func write(sparing files: OutputFiles, threads: Int) throws -> [String] {
        var (contents, paths) = try plan(sparing: files)
        let kept = Set(paths.filter { files.isKept($0, of: photo) })
        contents = contents.reversed().compactMap { $0.without(kept) }
        try InOrder.run(workers: min(threads, contents.count), ahead: contents.count) {
            contents.popLast()
        } work: { _, content in
            Result { () throws(ImageError) in try save(content) }
        } deliver: { result throws(ImageError) in
            try result.get()
        }
        return paths.filter { !kept.contains($0) }
    }

    /// The same as members of a tar, with their paths in the order in which they are reported.
    func members(threads: Int) throws -> [OutputTar.Member] {
        var (contents, paths) = try plan(sparing: nil)
        var members: [String: [UInt8]] = [:]
        contents.reverse()
        try InOrder.run(workers: min(threads, contents.count), ahead: contents.count) {
            contents.popLast()
        } work: { _, content in
            Result { () throws(ImageError) in
                var bytes: [UInt8] = []
                try encode(content) { bytes.append(contentsOf: $0) }
                return (content.paths, bytes)
            }
        } deliver: { result throws(ImageError) in
            let (paths, bytes) = try result.get()
            for path in paths { members[path] = bytes }
        }
        return paths.map { OutputTar.Member(path: $0, bytes: members[$0] ?? []) }
    }

    /// What is written under one name, or under several (guided backpropagation, which is the same for every method).
    private struct Content {
        enum Rows {
            /// Edges of guided gradients are of one pixel and of other colours than what is beside them: a JPEG keeps
            /// the whole resolution of their colours.
            case picture(ImageRows, chroma: ChromaSampling = .halved)
            case mask(ImageRows), map(PlaneRows), maps([PlaneRows])

            /// nil: as was asked for; PNG where no JPEG can hold the picture.
            var format: FileNames.Format? {
                if case .picture(let picture, _) = self, !picture.fitsJPEG { .png } else { nil }
            }

            /// What takes longer has more.
            var work: Int {
                switch self {
                case .picture(_, .full): 2
                case .picture(_, .halved): 1
                case .mask, .map, .maps: 0
                }
            }
        }
        var paths: [String]
        let rows: Rows

        /// nil where no path is left.
        func without(_ kept: Set<String>) -> Content? {
            let left = paths.filter { !kept.contains($0) }
            return left.isEmpty ? nil : Content(paths: left, rows: rows)
        }
    }

    /// The contents, those first that take longest, so that threads are through together; and all paths in the order in
    /// which they are reported.
    private func plan(sparing files: OutputFiles?) throws(OverwriteFault) -> (contents: [Content], paths: [String]) {
        let small = arguments.outputs.contains(.compare) ? image.drawnForSheet : nil
        var contents: [Content] = [], paths: [String] = []
        func path(
            of kind: FileNames.Kind, _ rows: Content.Rows, _ method: String? = nil, of key: String? = nil
        ) throws(OverwriteFault) -> String {
            let path = names.path(
                of: kind, as: rows.format, photo: photo, method: method, category: key)
            if files?.spares(path, for: photo) ?? false { throw OverwriteFault(path: path) }
            paths.append(path)
            return path
        }
        for (number, explained) in explanation.explained.enumerated() {
            let key = explained.photoTarget.key
            var guided: Int?
            for (index, method) in arguments.methods.enumerated() {
                let map = explained.maps.isEmpty ? nil : explained.maps[index]
                for kind in arguments.kinds {
                    let region = regions.isEmpty ? nil : regions[number][index]
                    guard let rows = rows(of: kind, map, explained.guided, region) else { continue }
                    let path = try path(of: kind, rows, method, of: key)
                    if kind == .gb, let guided {
                        contents[guided].paths.append(path)
                    } else {
                        if kind == .gb { guided = contents.count }
                        contents.append(Content(paths: [path], rows: rows))
                    }
                }
            }
            if let small {
                let rows = Content.Rows.picture(sheet(of: explained, over: small))
                contents.append(Content(paths: [try path(of: .compare, rows, of: key)], rows: rows))
            }
        }
        for (kind, rows) in conceptRows { contents.append(Content(paths: [try path(of: kind, rows)], rows: rows)) }
        return (contents.sorted { $0.rows.work > $1.rows.work }, paths)
    }

    var names: FileNames { arguments.fileNames }

    /// nil where the explanation has not what the kind is made of, and for what is made of all methods.
    private func rows(
        of kind: FileNames.Kind, _ map: Map?, _ guided: GuidedGradient?, _ region: Region?
    ) -> Content.Rows? {
        switch kind {
        case .cam:
            guard let map else { return nil }
            let picture = overlay(
                image.isSignal ? map.photoRows(width: drawn.width, height: drawn.height) : map.photoRows, over: drawn)
            guard arguments.showsColorbar else { return .picture(picture) }
            return .picture(
                picture.withColorbar(
                    arguments.colours, ticks: arguments.isSigned ? ["-1", "0", "1"] : ["0", "0.5", "1"]))
        case .gb: return guided.map { .picture($0.picture(explanation.placement), chroma: .full) }
        case .cam_gb:
            guard let map, let guided else { return nil }
            return .picture(guided.picture(explanation.placement, weightedBy: map), chroma: .full)
        case .compare, .concepts, .conceptMaps: return nil
        case .mask: return region?.mask.map { .mask($0.mask.rows) }
        case .map: return map.flatMap { map in arguments.saveMap.map { .map(map.rows($0)) } }
        }
    }

    private func overlay(_ map: PlaneRows, over image: Image) -> ImageRows {
        image.overlaid(
            with: arguments.isSigned ? map.centred : map, colormap: arguments.colours,
            imageWeight: arguments.imageWeight)
    }

    /// The photo and every method's map over it, each with its name, the target and its score.
    /// - Parameter small: the photo at the size that it has there.
    private func sheet(of explained: Explanation.Explained, over small: Image) -> ImageRows {
        let right =
            (explained.photoTarget.kind.isScore ? explained.score : nil).map { scores.text($0.probability) }
            ?? fixed(explained.value, digits: 3)
        let target = ContactSheet.Line(explained.name, right: right)
        let overlays = explained.maps.map { map in
            ContactSheet.Tile(
                overlay(map.photoRows(width: small.width, height: small.height), over: small),
                [
                    .init(map.method),
                    Methods.named(map.method)?.isClassBlind == true ? .init("blind to the class") : target,
                ])
        }
        return ContactSheet([.init(small.rows, [.init(Paths.name(photo.path)), target])] + overlays).rows
    }

    /// Of all concepts: the photo in their colours, with their classes under it, and their maps.
    private var conceptRows: [(FileNames.Kind, Content.Rows)] {
        guard !explanation.concepts.isEmpty else { return [] }
        let saved = arguments.saveMap.map { space in
            (FileNames.Kind.conceptMaps, Content.Rows.maps(explanation.concepts.map { $0.rows(space) }))
        }
        let picture = arguments.outputs.contains(.concepts) ? (FileNames.Kind.concepts, conceptPicture) : nil
        return [picture, saved].compactMap { $0 }
    }

    private var conceptPicture: Content.Rows {
        let lines = explanation.concepts.enumerated().map { place, concept in
            Legend.Line(
                Hues.colour(place), Report.Concept(concept).name, right: scores.ofConcepts.text(concept.score))
        }
        let maps = explanation.concepts.map { concept in
            image.isSignal ? concept.photoRows(width: drawn.width, height: drawn.height) : concept.photoRows
        }
        return .picture(drawn.coloured(by: maps, imageWeight: arguments.imageWeight).withLegend(lines))
    }

    private func save(_ content: Content) throws(ImageError) {
        for path in content.paths {
            do throws(SystemError) {
                try System.makeFolder(Paths.folder(path), below: arguments.outputDirectory)
            } catch {
                throw .file(path: path, .unwritable(reason: systemText(error.code)))
            }
        }
        try AtomicFile.write(to: content.paths) { sink throws(ImageError) in try encode(content, to: sink) }
    }

    private func encode(_ content: Content, to sink: ByteSink) throws(ImageError) {
        let number = arguments.saveMap?.number ?? .float32
        switch content.rows {
        case .map(let map): try NPY.encode(map, as: number, isSignal: image.isSignal, to: sink)
        case .maps(let maps): try NPY.encode(maps, as: number, isSignal: image.isSignal, to: sink)
        case .mask(let picture): try picture.encodePNG(software: PictureMark.text, isGrey: true, to: sink)
        case .picture(let picture, let chroma) where (content.rows.format ?? arguments.format) == .jpeg:
            try picture.encodeJPEG(quality: arguments.quality, chroma: chroma, comment: PictureMark.text, to: sink)
        case .picture(let picture, _): try picture.encodePNG(software: PictureMark.text, to: sink)
        }
    }
}

extension Arguments {
    var fileNames: FileNames { FileNames(place: place, namesClasses: namesClasses, format: format) }

    /// Of the files of each class; `concepts` are of none.
    var kinds: [FileNames.Kind] {
        outputs.compactMap(\.kind) + (saveMap == nil ? [] : [.map]) + (tellsMask ? [.mask] : [])
    }
}

extension Arguments.Output {
    var kind: FileNames.Kind? {
        switch self {
        case .cam: .cam
        case .gb: .gb
        case .cam_gb: .cam_gb
        case .compare: .compare
        case .concepts: .concepts
        case .nothing: nil
        }
    }
}

extension PhotoFiles {
    /// What is told of boxes and masks, with the masks' files.
    var regionsWithFiles: [Region] {
        regions.flatMap { $0 }.map { region in
            var region = region
            if region.mask != nil {
                region.file = names.path(
                    of: .mask, photo: photo, method: region.method, category: region.key)
            }
            return region
        }
    }
}
