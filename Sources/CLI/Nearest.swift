/// The edit distance between two words: insertions, deletions, replacements and swaps of neighbours, each at a cost of 1
/// (Damerau-Levenshtein with disjoint swaps).
func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a.lowercased().utf8), b = Array(b.lowercased().utf8)
    var beforeLast: [Int] = [], last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
            row.append(best)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}

/// The candidate that `word` was most likely meant to be: the nearest within a third of its length (at least 1, so
/// that short words match too), else the only one that begins with it; nil where nothing is near.
func nearest(to word: String, in candidates: [String]) -> String? {
    let reach = max(1, word.utf8.count / 3)
    let scored = candidates.map { (name: $0, distance: editDistance(word, $0)) }
    if let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= reach { return best.name }
    let longer = word.isEmpty ? [] : candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) }
    return longer.count == 1 ? longer[0] : nil
}
