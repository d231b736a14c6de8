import ActivationMaps
import Imaging

/// What the page has of one photo, ready to be written: made by whoever explains it.
struct GalleryPhoto: Sendable {
    /// JSON: what can be sorted and searched, by the names of a report's fields, and the pictures.
    let facts, pictures: String
    /// Of every target what it is of, its class, and one grid a method.
    let grids: [(name: String, category: Int?, grids: [MeanMaps.Grid?])]

    /// - Parameter links: where the report's files are, seen from the page; empty where they are in a tar.
    init(_ report: Report, _ pictures: GalleryPictures, _ explanation: Explanation, links: [String]) {
        grids = explanation.explained.map { explained in
            (explained.group, explained.score?.index, explained.maps.map { MeanMaps.Grid($0) })
        }
        let edges = grids.map { JSON.array($0.grids.map { $0?.edgeShare.map(JSON.number) ?? .null }) }
        facts = Self.facts(report, edges: edges, links: links).text
        self.pictures = pictures.json.text
    }

    /// Of a photo that an earlier run explained: its report is shown as it was.
    init(kept report: String, _ pictures: GalleryPictures?, links: [String]) {
        facts = "{\"kept\":\(report),\"links\":\(JSON.array(links.map(JSON.string)).text)}"
        self.pictures = pictures?.json.text ?? ""
        grids = []
    }

    /// Of a photo that failed.
    init(failed path: String, _ reason: String) {
        facts = JSON.object([("input", .string(path)), ("error", .string(reason))]).text
        (pictures, grids) = ("", [])
    }

    private static func facts(_ report: Report, edges: [JSON], links: [String]) -> JSON {
        let shown: Set = ["input", "targets", "classes", "top", "judgements", "diagnosis"]
        guard case .object(let members) = report.json else { return .null }
        let boxes = report.regions.compactMap { region in
            region.box.map { box in
                JSON.object([
                    ("target", .string(region.target)), ("method", .string(region.method)),
                    ("box", .array([box.x0, box.y0, box.x1, box.y1].map { .integer(Int($0)) })),
                ])
            }
        }
        return .object(
            members.filter { shown.contains($0.0) } + [
                ("boxes", .array(boxes)), ("edges", .array(edges)),
                ("files", .array(report.files.map(JSON.string))), ("links", .array(links.map(JSON.string))),
            ])
    }
}

extension Explanation.Explained {
    /// What it is of, whatever the photo: a detector's targets are called by each photo's own boxes.
    fileprivate var group: String { score?.name ?? (photoTarget.kind == .box ? "boxes" : name) }
}
