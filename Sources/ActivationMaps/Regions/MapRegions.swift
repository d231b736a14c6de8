import Imaging

/// Where a map is strong, in the pixels of the upright photo. Of signed maps what speaks for the target counts alone.
extension Map {
    /// The least rectangle around the largest connected part of what is above 15 % of the maximum, see
    /// `PlaneRows.box`; nil where nothing is above 0.
    public var box: Rectangle? { isFinite ? photoRows.box() : nil }

    /// What is above the level of Otsu, see `PlaneRows.otsuLevel`, and that level, 0..255; empty where nothing is above
    /// 0.
    public var mask: (mask: Mask, level: Int) {
        let rows = photoRows, level = rows.otsuLevel
        return (Mask(rows, above: level), level)
    }
}
