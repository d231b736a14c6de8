import ActivationMaps
import Imaging

/// What a report tells of the maps that were saved: each one's file and grid, and where all of them lie over the photo.
struct SavedMaps {
    struct File {
        let path: String
        /// nil for the concepts' maps, which are in one file.
        let origin: (method: String, target: String, category: Int?, rawMinimum: Float, rawMaximum: Float)?
        let width, height: Int

        init(
            _ path: String, _ rows: PlaneRows,
            _ origin: (method: String, target: String, category: Int?, rawMinimum: Float, rawMaximum: Float)?
        ) {
            (self.path, self.origin, width, height) = (path, origin, rows.width, rows.height)
        }

        fileprivate var json: JSON {
            .object([
                ("file", .string(path)), ("method", origin.map { .string($0.method) } ?? .null),
                ("class", origin?.category.map(JSON.integer) ?? .null),
                ("target", origin.map { .string($0.target) } ?? .null),
                ("width", .integer(width)), ("height", .integer(height)),
                ("raw", origin.map { .array([.number($0.rawMinimum), .number($0.rawMaximum)]) } ?? .null),
            ])
        }
    }

    let space: Arguments.MapSpace
    /// Of the network's input.
    let placement: Placement
    let files: [File]

    var json: JSON {
        let (width, height) = (placement.photoWidth, placement.photoHeight)
        let photo = Placement(
            photoWidth: width, photoHeight: height, x: 0, y: 0, width: Double(width), height: Double(height))
        let place = space == .photo ? photo : placement
        return .object([
            ("space", .string(space.rawValue)), ("type", .string(space.number.rawValue)),
            ("photo_width", .integer(placement.photoWidth)), ("photo_height", .integer(placement.photoHeight)),
            ("x0", .real(place.x)), ("y0", .real(place.y)),
            ("x1", .real(place.x + place.width)), ("y1", .real(place.y + place.height)),
            ("files", .array(files.map(\.json))),
        ])
    }
}

extension Arguments.MapSpace {
    /// What the numbers are stored as.
    var number: NPY.Number { self == .layer ? .float16 : .float32 }
}

/// A map of a method, or of a concept.
protocol SavedMap {
    var input: Plane { get }
    var layer: Plane { get }
    var photoRows: PlaneRows { get }
}

extension Map: SavedMap {}
extension Concept: SavedMap {}

extension SavedMap {
    /// The map as it is saved.
    func rows(_ space: Arguments.MapSpace) -> PlaneRows {
        switch space {
        case .photo: photoRows
        case .input: input.rows
        case .layer: layer.rows
        }
    }
}

extension PhotoFiles {
    /// What is told of the maps among the files; nil where none are saved.
    var savedMaps: SavedMaps? {
        guard let space = arguments.saveMap else { return nil }
        var files: [SavedMaps.File] = []
        for explained in explanation.explained {
            for (method, map) in zip(arguments.methods, explained.maps) {
                let path = names.path(of: .map, photo: photo, method: method, category: explained.photoTarget.key)
                files.append(
                    .init(
                        path, map.rows(space),
                        (method, explained.name, explained.score?.index, map.rawMinimum, map.rawMaximum)))
            }
        }
        if let concept = explanation.concepts.first {
            let path = names.path(of: .conceptMaps, photo: photo, method: nil, category: nil)
            files.append(.init(path, concept.rows(space), nil))
        }
        return SavedMaps(space: space, placement: explanation.placement, files: files)
    }
}
