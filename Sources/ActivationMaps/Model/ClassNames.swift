import Network

extension Classifier {
    /// The class that a person names by (a unique part of) its label; neither case nor the space around commas matters.
    public func category(labelled text: String) throws(ChoiceError) -> Int {
        guard let labels else { throw .noLabels(text) }
        let wanted = names(of: text)
        // A label of ImageNet is a list of names; one of them in full beats a part of another, and whole words beat
        // parts of words.
        let all = labels.map(names)
        let tiers: [(Int) -> Bool] = [
            { all[$0] == wanted },
            { wanted.count == 1 && all[$0].contains(wanted[0]) },
            { wanted.count == 1 && all[$0].contains { holds($0, words: wanted[0]) } },
            { labels[$0].lowercased().contains(text.lowercased()) },
        ]
        for matches in tiers.map({ labels.indices.filter($0) }) where !matches.isEmpty {
            guard matches.count == 1 else {
                throw .ambiguousLabel(
                    text, matches: matches.prefix(5).map { "\($0) \(labels[$0])" })
            }
            return matches[0]
        }
        let ranked = labels.indices.map {
            (labels[$0], all[$0].map { editDistance(text.lowercased(), $0) }.min() ?? .max)
        }
        throw .unknownLabel(
            text, nearest: ranked.sorted { $0.1 < $1.1 }.prefix(3).filter { $0.1 <= 3 }.map(\.0),
            all: labels.count > 8 ? [] : labels.indices.map { "\($0) \(labels[$0])" })
    }

    /// The index itself.
    ///
    /// - Throws: `ChoiceError.classOutOfRange`.
    public func category(_ index: Int) throws(ChoiceError) -> Int {
        guard (0..<graph.classes).contains(index) else { throw .classOutOfRange(index, classes: graph.classes) }
        return index
    }

    /// How many parts of a list between commas make up the longest label in full that the list begins with (`malignant,
    /// grade 2` is two of them); 1 where none does.
    package func labelLength(in parts: [String]) -> Int {
        let parts = parts.map { $0.lowercased() }
        return (labels ?? []).lazy.map(names).filter { parts.starts(with: $0) }.map(\.count).max() ?? 1
    }
}

/// The names that a label lists between commas, without the space around them, in lower case.
private func names(of label: String) -> [String] {
    label.lowercased().split(separator: ",", omittingEmptySubsequences: false).map { part in
        var part = part.drop(while: \.isWhitespace)
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }
}

/// Whether the text holds the words, one after the other, as whole words.
private func holds(_ text: String, words: String) -> Bool {
    func parts(_ text: String) -> [Substring] { text.split { !$0.isLetter && !$0.isNumber } }
    let words = parts(words), text = parts(text)
    return !words.isEmpty && text.indices.contains { text[$0...].starts(with: words) }
}
