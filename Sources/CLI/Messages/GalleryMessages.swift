import Platform

/// Of the page that a run is looked at by.
extension Messages {
    static func gallery(_ path: String, photos: Int, size: Int) -> String {
        let size = size < 1_000_000 ? "\((size + 999) / 1000) kB" : "\(size / 1_000_000) MB"
        return "\(path): \(count(photos, "photo")), \(size); open it in a browser"
    }

    /// Where browsers begin to refuse pages.
    static func largeGallery(_ path: String) -> String {
        "\(path) is more than a browser may open: give fewer photos, fewer methods or --outputs cam, or a page a share "
            + "(--shard)"
    }

    static func galleryFailed(_ reason: String) -> String { "\(reason); the page is not written, and the run ends" }
}
