extension PlaneRows {
    /// The level above which a map is foreground: of 256, that which parts the pixels into two classes of the greatest
    /// variance between them; 0 where all are alike. The same as OpenCV's `THRESH_OTSU` of the 8-bit map.
    ///
    /// Otsu, "A threshold selection method from gray-level histograms", 1979, equation 14.
    /// - Precondition: there is one number a pixel.
    public var otsuLevel: Int {
        var pixels = [Int](repeating: 0, count: 256)
        forEachRow { _, row in
            for number in row { pixels[Self.level(number)] += 1 }
        }
        let all = Double(width * height), mean = pixels.enumerated().reduce(0) { $0 + Double($1.0 * $1.1) } / all
        var best = (level: 0, variance: 0.0), below = 0, sum = 0
        for (level, count) in pixels.enumerated() {
            below += count
            sum += level * count
            guard 0 < below, below < width * height else { continue }
            let share = Double(below) / all, gap = mean * share - Double(sum) / all
            let variance = gap * gap / (share * (1 - share))
            if variance > best.variance { best = (level, variance) }
        }
        return best.level
    }

    /// A number of 0..1 as one of 0..255, cut off as numpy's `uint8(255 * x)`; numbers outside are clamped, NaN counts
    /// as 0.
    static func level(_ number: Float) -> Int { number > 0 ? Int(255 * min(number, 1)) : 0 }
}
