/// How many letters must be put in, taken out, changed or swapped with their neighbour to turn one text into the other
/// (Damerau-Levenshtein with disjoint swaps). Of long texts the first 80 characters are compared.
public func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a.unicodeScalars.prefix(80)), b = Array(b.unicodeScalars.prefix(80))
    var beforeLast: [Int] = [], last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
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
public func nearest(to word: String, in candidates: [String]) -> String? {
    let reach = max(1, word.utf8.count / 3)
    let scored = candidates.map { (name: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
    if let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= reach { return best.name }
    let longer = word.isEmpty ? [] : candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) }
    return longer.count == 1 ? longer[0] : nil
}
