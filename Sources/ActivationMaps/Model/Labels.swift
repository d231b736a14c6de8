/// Labels: a JSON array of strings, or one label a line.
func parseLabels(_ text: String) -> [String] {
    if let array = (try? PythonLiteral(text))?.labels { return array }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines
}
