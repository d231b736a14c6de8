/// Colours for the levels of a heat map, equal to OpenCV's `applyColorMap`; `bwr` is matplotlib's, for signed maps (see
/// `PlaneRows.centred`).
public enum Colormap: String, CaseIterable, Sendable {
    case jet, viridis, inferno, magma, plasma, turbo, hot, bone, gray, bwr

    /// Red, green and blue of a level.
    public func colour(_ level: UInt8) -> (UInt8, UInt8, UInt8) {
        let table = table, at = 3 * Int(level)
        return (table[at], table[at + 1], table[at + 2])
    }

    /// 256 levels x red, green, blue.
    var table: [UInt8] { Colormap.tables[self] ?? [] }

    private static let tables = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.makeTable()) })

    private func makeTable() -> [UInt8] {
        switch self {
        case .jet: Colormap.jetTable
        case .viridis: bytes(ColormapTables.viridis)
        case .inferno: bytes(ColormapTables.inferno)
        case .magma: bytes(ColormapTables.magma)
        case .plasma: bytes(ColormapTables.plasma)
        case .turbo: bytes(ColormapTables.turbo)
        case .hot: bytes(ColormapTables.hot)
        case .bone: bytes(ColormapTables.bone)
        case .gray: (0...255).flatMap { [$0, $0, $0] }
        case .bwr: Colormap.blueWhiteRedTable
        }
    }

    /// Each channel climbs by 4 a level to 255 and falls by 4 a level.
    private static var jetTable: [UInt8] {
        func slope(_ up: Int, _ down: Int) -> UInt8 { UInt8(min(max(min(up, down), 0), 255)) }
        var table = [UInt8]()
        for level in stride(from: 0, to: 4 * 256, by: 4) {
            table += [
                slope(level - 382, 1148 - level), slope(level - 128, 892 - level), slope(level + 128, 638 - level),
            ]
        }
        table[3 * 159 + 2] = 1 // OpenCV rounds this one blue down from 1.5
        return table
    }

    /// Blue climbs to white, white falls to red, by 2 a level.
    private static var blueWhiteRedTable: [UInt8] {
        (0...127).flatMap { [2 * $0, 2 * $0, 255] } + (0...127).reversed().flatMap { [255, 2 * $0, 2 * $0] }
    }

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
