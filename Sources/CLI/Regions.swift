import ActivationMaps
import Imaging
import Platform

/// Where a map is strong, in pixels of the upright photo: its box, its mask, or both, as asked for.
struct Region: Sendable {
    let method: String
    /// What the map explains, and its class; nil where that is none.
    let target: String, category: Int?
    /// What the target is called in files.
    let key: String
    /// nil where it was not asked for, or nothing is above 0.
    let box: Rectangle?
    let mask: (mask: Mask, level: Int)?
    /// The mask's file; nil where there is none.
    var file: String?

    init(_ map: Map, of target: PhotoTarget, _ arguments: Arguments) {
        (method, self.target, category, key) = (map.method, target.name, target.score?.index, target.key)
        box = arguments.tellsBox ? map.box : nil
        mask = arguments.tellsMask ? map.mask : nil
    }

    /// Corners of the box; of the mask what COCO takes for a segmentation.
    var json: JSON {
        .object([
            ("target", .string(target)), ("class", category.map(JSON.integer) ?? .null), ("method", .string(method)),
            ("box", box.map { .array([$0.x0, $0.y0, $0.x1, $0.y1].map { .integer(Int($0)) }) } ?? .null),
            (
                "mask",
                mask.map { mask, level in
                    .object([
                        ("level", .integer(level)), ("pixels", .integer(mask.count)),
                        (
                            "rle",
                            .object([
                                ("size", .array([.integer(mask.height), .integer(mask.width)])),
                                ("counts", .string(mask.compressedRunLengths)),
                            ])
                        ),
                        ("file", file.map(JSON.string) ?? .null),
                    ])
                } ?? .null
            ),
        ])
    }

    /// In a line.
    var text: String {
        let parts = [
            box.map { "box \(Int($0.x0)),\(Int($0.y0)) to \(Int($0.x1)),\(Int($0.y1))" },
            mask.map { mask, level in
                let share = Float(mask.count) / Float(mask.width * mask.height)
                return "mask \(fixed(100 * share, digits: 1)) % of the photo (above level \(level) of 255)"
            },
        ].compactMap { $0 }
        return "\(method) of \(Messages.listed(target)): " + (parts.isEmpty ? "no box" : parts.joined(separator: ", "))
    }
}
