extension Arguments {
    /// Parses the words after the program's name: `--flag value`, `--flag=value`, bare paths; `--` ends the flags.
    /// `--help` and `--version` win over faults in what follows them, as people add them to half-written lines.
    ///
    /// - Parameters:
    ///   - notUTF8: words that had to be repaired: photos of such names are told later, as others that fail.
    ///   - standardConfig: the file of defaults where none is named; nil or empty: none.
    init(
        parsing words: [String], notUTF8: Set<String> = [], standardConfig: String? = nil
    ) throws(ArgumentFault) {
        self.init()
        wrongPaths = notUTF8
        let given = try take(words)
        if action.isAtOnce { return }
        if let file = try configFile(standardConfig) {
            let taken = file.uses.filter { use in !given.contains { $0.flag.name == use.flag.name } }
            self = Arguments()
            wrongPaths = notUTF8
            for use in taken + given { try apply(use) }
            defaults = Defaults(path: file.path, flags: taken.map(\.text))
        }
        do throws(ArgumentFault) { try complete() } catch {
            guard let defaults, !defaults.flags.isEmpty else { throw error }
            throw .besideConfig(defaults.path, error)
        }
    }

    /// Takes words one after another.
    ///
    /// - Returns: the flags; a bare path is one of `--image-path`.
    private mutating func take(_ words: [String]) throws(ArgumentFault) -> [FlagUse] {
        var rest = words[...], given: [FlagUse] = [], areFlags = true
        while let word = rest.popFirst() {
            if word == "--", areFlags {
                areFlags = false
                continue
            }
            let use =
                areFlags && word.hasPrefix("-") && word != "-"
                ? try FlagUse(word, &rest) { wrongPaths.contains($0) } : .path(word)
            try apply(use)
            given.append(use)
            if action.isAtOnce { break }
        }
        return given
    }

    mutating func apply(_ use: FlagUse) throws(ArgumentFault) {
        do throws(ValueFault) {
            if use.isNotUTF8 { throw .notUTF8 }
            try use.flag.set(&self, use.value)
        } catch {
            throw .badValue(flag: use.name, value: use.value, error)
        }
    }

    /// The file of defaults; nil where there is none.
    private func configFile(_ standard: String?) throws(ArgumentFault) -> ConfigFile? {
        switch config {
        case .none: nil
        case .file(let path): try ConfigFile(path)
        case .standard: if let standard, !standard.isEmpty { try ConfigFile(standard) } else { nil }
        }
    }

    /// What follows from all flags together.
    private mutating func complete() throws(ArgumentFault) {
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

    /// Reports tell of what was explained and judged: nothing is added to them.
    private func checkAverage() throws(ArgumentFault) {
        if let path = imagePaths.first { throw .severalReports(path) }
        let judging = [("--metrics", !metrics.isEmpty), ("--boxes", boxes != nil), ("--masks", masks != nil)]
        if let flag = judging.first(where: \.1) { throw .conflict("--average", flag.0) }
    }

    private func check() throws(ArgumentFault) {
        if action == .explain && imagePaths.isEmpty { throw .noPhoto }
        if imagePaths.count(where: { $0 == "-" }) > 1 {
            throw .badValue(flag: "--image-path", value: "-", .malformed(expected: "standard input once"))
        }
        if isSigned && fusion == .product { throw .conflict("--signed", "--layer-fusion product") }
        try checkTargets()
        if outputTar != nil { try checkTar() }
        if boxes != nil && masks != nil { throw .conflict("--boxes", "--masks") }
        if action == .average { try checkAverage() }
        if table != nil && action == .explain && !judges { throw .nothingToAverage }
        if table != nil && isDryRun { throw .conflict("--table", "--dry-run") }
        // Of photos that are passed over without a report there is nothing to show.
        if gallery != nil && overwriting != .always {
            throw .conflict("--report", "--overwrite \(overwriting.rawValue)")
        }
        if resumes && overwriting != .always { throw .conflict("--resume", "--overwrite \(overwriting.rawValue)") }
    }
}
