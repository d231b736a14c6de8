import ActivationMaps

/// The sentences on metrics, on what people marked, and on averages.
extension Messages {
    static func text(_ fault: TableFault) -> String {
        let reason =
            switch fault.kind {
            case .system(let code): systemText(code)
            case .noFile: "a pipe, device or socket; give a regular file"
            case .json(let line): "line \(line) is not JSON; repair the file, or make it anew"
            case .notCOCO(let missing):
                "JSON without \(quoted(missing)); give COCO's images, annotations and categories, or a CSV of "
                    + "photo,class,x0,y0,x1,y1"
            case .malformed(let line, let expected): "line \(line): give \(expected)"
            case .noRows: "nothing is in it; give a row for each box or report"
            case .noClass(let names):
                "none of its classes is one of the network's (\(list(names))): give them by index or label"
            }
        return "\(fault.path): \(reason)"
    }

    static func text(_ fault: TruthFault) -> String {
        switch fault {
        case .outside(let width, let height):
            "its boxes hold no pixel of its \(width) x \(height): give them in pixels of the upright photo"
        case .otherSize(let path, let width, let height, let photoWidth, let photoHeight):
            "\(path) has \(width) x \(height) pixels, and the photo \(photoWidth) x \(photoHeight): give masks of the "
                + "photos' sizes"
        }
    }

    static func boxes(_ count: Int, photos: Int, leftOut: Int, path: String) -> String {
        "\(path): \(Self.count(count, "box", "boxes")) of \(Self.count(photos, "photo"))"
            + (leftOut > 0 ? "; \(leftOut) without area, of crowds or of no photo are left out" : "")
    }

    static func guessedClasses(_ pairs: [String], path: String) -> String { "\(path): \(list(pairs))" }

    static func unknownClasses(_ names: [String], of all: Int, path: String) -> String {
        "\(path): \(names.count) of \(Self.count(all, "class", "classes")) are none of the network's, and their boxes are "
            + "not used: \(list(names))"
    }

    static let mixedReports = "the reports are of several networks or layers, and are averaged all the same"

    static let nothingMarked = "nothing that was explained is marked in --boxes or --masks: nothing is compared with it"

    static func averages(of photos: Int, without reports: Int, failed: Int) -> String {
        "averages of \(count(photos, "photo")); intervals of 95 %"
            + (failed > 0 ? "; \(failed) failed" : "")
            + (reports > 0
                ? "; of \(count(reports, "photo")) passed over there is no report, and they are missing" : "")
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(8).map { $0.elided(to: 40) }.joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
    }

    static func count(_ number: Int, _ one: String, _ several: String) -> String {
        "\(number) \(number == 1 ? one : several)"
    }
}
