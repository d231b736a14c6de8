extension Arguments {
    /// Parses the words after the program's name: `--flag value`, `--flag=value`, bare paths; `--` ends the flags.
    /// `--help` and `--version` win over faults in what follows them, as people add them to half-written lines.
    ///
    /// - Parameter notUTF8: words that had to be repaired: photos of such names are told later, as others that fail.
    init(parsing words: [String], notUTF8: Set<String> = []) throws(ArgumentFault) {
        self.init()
        wrongPaths = notUTF8
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                imagePaths += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                guard !word.isEmpty else { throw .badValue(flag: "--image-path", value: "", .empty) }
                imagePaths.append(word)
                continue
            }
            try read(word, from: &rest)
            if action == .help || action == .version { return }
        }
        try check()
        if methods.isEmpty { methods = ["gradcam"] }
        if outputs.isEmpty { outputs = Output.standard }
        if compares, !outputs.contains(.compare) { outputs.append(.compare) }
        if outputs.contains(.nothing) {
            try checkNothing()
        } else if concepts != nil, !outputs.contains(.concepts) {
            outputs.append(.concepts)
        }
        if shown.contains(.concepts), layers.count > 1 { throw .conflict("concepts", "several of --target-layer") }
    }

    private mutating func read(_ word: String, from rest: inout ArraySlice<String>) throws(ArgumentFault) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        guard let flag = Flag.all.first(where: { $0.name == name || $0.short == name }) else {
            throw .unknownFlag(name, nearest: Flag.nearest(to: name))
        }
        var value = parts.count == 2 ? parts[1] : nil
        if let standard = flag.words.first {
            if value == nil { value = rest.first.map(flag.words.contains) ?? false ? rest.popFirst() : standard }
        } else if let placeholder = flag.placeholder {
            if value == nil {
                guard let next = rest.first, !next.hasPrefix("--"), !Flag.all.contains(where: { $0.short == next })
                else { throw .missingValue(flag: name, placeholder: placeholder) }
                value = next
                rest = rest.dropFirst()
            }
        } else if let value {
            throw .unexpectedValue(flag: name, value: value)
        }
        do throws(ValueFault) {
            let isWrong = wrongPaths.contains(word) || value.map(wrongPaths.contains) ?? false
            if isWrong, flag.name != "--image-path" || parts.count == 2 { throw .notUTF8 }
            try flag.set(&self, value ?? "")
        } catch {
            throw .badValue(flag: name, value: value ?? "", error)
        }
    }

    /// Of `--outputs none`.
    private func checkNothing() throws(ArgumentFault) {
        if let other = outputs.first(where: { $0 != .nothing }) {
            throw .conflict(
                "--outputs none", compares && other == .compare ? "--compare" : "--outputs \(other.rawValue)")
        }
        if action == .explain, quiet, !json, !tellsMask, saveMap == nil, outputTar == nil, table == nil, gallery == nil
        {
            throw .nothingAskedFor
        }
    }

    /// Of a tar, which appears whole or not at all.
    private func checkTar() throws(ArgumentFault) {
        if resumes { throw .conflict("--output-tar", "--resume") }
        if overwriting != .always { throw .conflict("--output-tar", "--overwrite \(overwriting.rawValue)") }
        if outputDirectory != "." { throw .conflict("--output-tar", "--output-dir") }
        guard outputTar == "-" else { return }
        if json { throw .conflict("--output-tar -", "--json") }
        if isDryRun { throw .conflict("--output-tar -", "--dry-run") }
    }

    private func check() throws(ArgumentFault) {
        if action == .explain && imagePaths.isEmpty { throw .noPhoto }
        if isSigned && fusion == .product { throw .conflict("--signed", "--layer-fusion product") }
        try checkTargets()
        if outputTar != nil { try checkTar() }
        if boxes != nil && masks != nil { throw .conflict("--boxes", "--masks") }
        if table != nil && action == .explain && !judges { throw .nothingToAverage }
        if table != nil && isDryRun { throw .conflict("--table", "--dry-run") }
        // Of photos that are passed over without a report there is nothing to show.
        if gallery != nil && overwriting != .always {
            throw .conflict("--report", "--overwrite \(overwriting.rawValue)")
        }
        if resumes && overwriting != .always { throw .conflict("--resume", "--overwrite \(overwriting.rawValue)") }
    }
}

extension Flag {
    /// The flag that `name` was most likely meant to be; dashes and underscores count for nothing.
    static func nearest(to name: String) -> String? {
        func bare(_ name: String) -> String { String(name.drop(while: { $0 == "-" }).map { $0 == "_" ? "-" : $0 }) }
        return CLI.nearest(to: bare(name), in: all.map { bare($0.name) }).map { "--" + $0 }
    }
}
