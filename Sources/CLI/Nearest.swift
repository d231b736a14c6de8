import Network

/// The candidate that `word` was most likely meant to be: the nearest within a third of its length (at least 1, so
/// that short words match too), else the only one that begins with it; nil where nothing is near.
func nearest(to word: String, in candidates: [String]) -> String? {
    let reach = max(1, word.utf8.count / 3)
    let scored = candidates.map { (name: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
    if let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= reach { return best.name }
    let longer = word.isEmpty ? [] : candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) }
    return longer.count == 1 ? longer[0] : nil
}
