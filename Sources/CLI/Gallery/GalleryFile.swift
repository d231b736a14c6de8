import Imaging

/// The page of a run: one HTML file that holds everything it shows and needs nothing else. It is written photo by
/// photo, in their order, and appears whole or not at all; no more of it is in memory than a photo's part and the means
/// of maps.
///
/// Whatever comes from files (names, labels) is in blocks of JSON, which a browser does not run, without any `<` that
/// could end them. The page's policy lets no script run but its own, and nothing be fetched.
final class GalleryFile {
    let path: String
    private(set) var count = 0, size = 0
    private let file: UnfinishedFile
    private let isSigned: Bool, isSignal: Bool
    private var means = MeanMaps()

    /// - Parameter run: what all photos have in common.
    /// - Throws: `ImageError` where it cannot be written, as its calls do; `DigestFault`.
    init(_ path: String, run: JSON, isSigned: Bool, isSignal: Bool) throws {
        (self.path, self.isSigned, self.isSignal) = (path, isSigned, isSignal)
        let policy = try Self.policy()
        file = try AtomicFile.begin(path)
        let parts = Self.text(PackageResources.page_html).split(separator: "{{", omittingEmptySubsequences: false)
        for part in parts {
            let pieces = part.split(separator: "}}", maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2 else {
                try write(String(part))
                continue
            }
            switch pieces[0] {
            case "policy": try write(policy)
            case "style": try write(Self.style)
            default: preconditionFailure("the page has a place for \(pieces[0])")
            }
            try write(String(pieces[1]))
        }
        try block("run", run.text)
    }

    func add(_ photo: GalleryPhoto) throws(ImageError) {
        try block("f\(count)", photo.facts)
        if !photo.pictures.isEmpty { try block("p\(count)", photo.pictures) }
        var seen: Set<String> = []
        for (name, category, grids) in photo.grids {
            means.add(name, category: category, grids, isFirst: seen.insert(name).inserted)
        }
        count += 1
    }

    /// Writes the end, and gives the file its name.
    ///
    /// - Parameter averages: of metrics, and what they cover; nil where nothing was judged.
    func finish(averages: FolderAverages?) throws(ImageError) {
        let judged = averages.flatMap { $0.isEmpty ? nil : $0 }
        let totals = JSON.object([
            ("photos", .integer(count)), ("means", try means.json(isSigned: isSigned)),
            ("even", .number(MeanMaps.Grid.evenShare(isSignal: isSignal))), ("averages", judged?.table.json ?? .null),
            ("covers", judged.map { .string($0.heading) } ?? .null),
        ])
        try block("totals", totals.text)
        try write("<script>" + Self.script + "</script>\n</body>\n</html>\n")
        try file.finish()
    }

    private func block(_ name: String, _ json: String) throws(ImageError) {
        try write("<script type=\"application/json\" id=\"\(name)\">")
        try write(json.replacing("<", with: "\\u003c"))
        try write("</script>\n")
    }

    private func write(_ text: String) throws(ImageError) {
        let bytes = Array(text.utf8)
        size += bytes.count
        try bytes.give { bytes throws(ImageError) in try file.write(bytes) }
    }

    // MARK: What every page has

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static var style: String { text(PackageResources.page_css) }

    /// In the order in which they build on one another.
    private static var script: String {
        "'use strict';\n"
            + [
                PackageResources.data_js, PackageResources.state_js, PackageResources.stage_js,
                PackageResources.gallery_js, PackageResources.photo_js, PackageResources.tables_js,
                PackageResources.main_js,
            ].map(text).joined()
    }

    /// The page's own style and script, by their digests; pictures out of its own text; and nothing else.
    private static func policy() throws(DigestFault) -> String {
        func source(_ text: String) throws(DigestFault) -> String {
            let digits = Array(try SHA256.digits(of: text).utf8).map { Int($0 < 58 ? $0 - 48 : $0 - 87) }
            return "'sha256-"
                + Base64.text(stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }) + "'"
        }
        return "default-src 'none'; img-src data:; style-src \(try source(style)); script-src \(try source(script)); "
            + "base-uri 'none'; form-action 'none'"
    }
}
