/// How a map's numbers lie to a mask of its size.
extension PlaneRows {
    /// The sum of what is above 0, inside a mask and in all.
    public func sums(inside mask: Mask) -> (inside: Double, all: Double) {
        var inside = 0.0, all = 0.0
        forEachRow { y, row in
            for x in row.indices where row[x] > 0 {
                all += Double(row[x])
                if mask.contains(x, y) { inside += Double(row[x]) }
            }
        }
        return (inside, all)
    }

    /// How many of the `count` greatest numbers are inside a mask; of those that are equal to the least of them, as many
    /// as would be on average if they were drawn.
    ///
    /// By the numbers' bits, 16 at a time, so that nothing is sorted or held.
    public func inside(_ mask: Mask, amongGreatest count: Int) -> Double {
        var inside = 0, left = count, prefix: UInt32?
        for shift in [UInt32(16), 0] {
            var counts = [(all: Int, inside: Int)](repeating: (0, 0), count: 1 << 16)
            forEachRow { y, row in
                for x in row.indices {
                    let key = Self.key(row[x])
                    if let prefix, key >> 16 != prefix { continue }
                    let place = Int(key >> shift & 0xFFFF)
                    counts[place].all += 1
                    if mask.contains(x, y) { counts[place].inside += 1 }
                }
            }
            var place = counts.count - 1
            while place > 0, counts[place].all <= left {
                left -= counts[place].all
                inside += counts[place].inside
                place -= 1
            }
            if shift == 0 {
                let ties = counts[place]
                return Double(inside)
                    + (ties.all > 0 ? Double(min(left, ties.all) * ties.inside) / Double(ties.all) : 0)
            }
            prefix = UInt32(place)
        }
        return Double(inside)
    }

    /// Bits that are ordered as the numbers are; both zeros are one.
    private static func key(_ number: Float) -> UInt32 {
        let bits = (number + 0).bitPattern
        return bits >> 31 == 1 ? ~bits : bits | 1 << 31
    }
}
