import ActivationMaps

/// The sentences on metrics, on what people marked, and on averages.
extension Messages {
    static func text(_ fault: TableFault) -> String {
        let reason =
            switch fault.kind {
            case .system(let code): systemText(code)
            case .noFile: "a pipe, device or socket; give a regular file"
            case .json(let line): "line \(line) is not JSON; repair the file, or make it anew"
            case .notCOCO(let key):
                "JSON without a list \(quoted(key)); give COCO's images, annotations and categories, or a CSV of "
                    + "photo,class,x0,y0,x1,y1"
            case .malformed(let line, let expected): "line \(line): give \(expected)"
            case .otherReport(let line, let photo):
                "line \(line): \(quoted(photo)) stands here a second time, with other numbers: average the reports of one "
                    + "run, whose photos have paths of their own"
            case .notText:
                "it holds NUL, or bytes that are not UTF-8: save it as UTF-8 (UTF-16 needs its byte order mark)"
            case .longUTF16: "more than 64 MB of UTF-16: save it as UTF-8"
            case .noRows: "nothing is in it; give a row for each box or report"
            case .noClass(let names):
                "none of its classes is one of the network's (\(list(names))): give them by index or label"
            }
        return "\(fault.path): \(reason)"
    }

    static func text(_ fault: TruthFault) -> String {
        switch fault {
        case .outside(let box, let width, let height):
            "its box \(box.x0),\(box.y0),\(box.x1),\(box.y1) lies outside of its \(width) x \(height) pixels: give "
                + "boxes in pixels of the upright photo"
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

    /// Of what was marked in how many photos, and compared in how many of these.
    static func marked(_ marked: Int, compared: Int, of photos: Int, areMasks: Bool) -> String {
        let others = marked - compared
        return "\(areMasks ? "masks" : "boxes"): \(marked) of \(count(photos, "photo")) "
            + (areMasks ? "\(marked == 1 ? "has" : "have") one" : "\(marked == 1 ? "has" : "have") some")
            + (others == 0
                ? "" : areMasks ? "; of \(others) all is black" : "; \(others) of another class than explained")
    }

    static let nothingMeasured = "nothing was measured of any photo: there is nothing to average"

    static let mixedReports = "the reports are of several networks or layers, and are averaged all the same"

    static let nothingMarked = "nothing that was explained is marked in --boxes or --masks: nothing is compared with it"

    static func averages(of photos: Int, without reports: Int, failed: Int, repeated: Int) -> String {
        "averages of \(count(photos, "photo")); intervals of 95 %"
            + (failed > 0 ? "; \(failed) failed" : "")
            + (repeated > 0
                ? "; \(count(repeated, "report")) of photos told before \(repeated == 1 ? "is" : "are") left out" : "")
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
