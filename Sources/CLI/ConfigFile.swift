/// A file of defaults: a flag a line, as on the command line, long or short.
///
///     # comments, and empty lines
///     --model resnet50
///     --target-category="German shepherd"     # quotes around what has spaces
///     --json
///
/// Nothing is escaped, and nothing expanded but `~` and `~/`, the user's folder. Paths are taken from the file's folder.
struct ConfigFile {
    let path: String
    /// In the file's order.
    private(set) var uses: [FlagUse] = []

    /// A longer line is no flag.
    private static let mostOfLine = 1 << 16

    /// - Parameter path: of a regular file, in UTF-8.
    /// - Throws: `.config`, `.configLine`.
    init(_ path: String, home: String? = System.environment("HOME")) throws(ArgumentFault) {
        self.path = path
        let next = try Self.lines(of: path)
        var number = 0
        while let line = try next() {
            number += 1
            do throws(ConfigLineFault) {
                guard let text = String(validating: line, as: UTF8.self), !line.contains(0) else { throw .notText }
                if let use = try Self.use(text) { uses.append(use.relative(to: Paths.folder(path), home: home)) }
            } catch {
                throw .configLine(path, line: number, error)
            }
        }
    }

    /// Gives one line after another; nil at the end.
    private static func lines(of path: String) throws(ArgumentFault) -> () throws(ArgumentFault) -> [UInt8]? {
        do throws(TableFault) {
            let stream = try ByteStream(path == "-" ? "./-" : path)
            return { () throws(ArgumentFault) in
                do throws(TableFault) { return try stream.nextLine(most: mostOfLine) } catch { throw .config(error) }
            }
        } catch {
            throw .config(error)
        }
    }

    /// What a line says; nil of one that is empty or a comment.
    private static func use(_ line: String) throws(ConfigLineFault) -> FlagUse? {
        let text = line.drop(while: \.isWhitespace)
        guard let first = text.first, first != "#" else { return nil }
        let name = text.prefix { !$0.isWhitespace && $0 != "=" }, rest = text.dropFirst(name.count)
        guard name.hasPrefix("-"), !["-", "--"].contains(name) else { throw .noFlag(String(name)) }
        let value = rest.first == "=" ? try value(rest.dropFirst()) ?? "" : try value(rest)
        let use: FlagUse
        var none: ArraySlice<String> = []
        var trial = Arguments()
        do throws(ArgumentFault) {
            use = try FlagUse(name + (value.map { "=" + $0 } ?? ""), &none)
            try trial.apply(use)
        } catch {
            throw .flag(error)
        }
        // What is done instead of explaining is no default, and files of defaults name no others.
        guard trial.action == .explain, trial.config == .standard else { throw .notHere(use.name) }
        return use
    }

    /// The value at the beginning of a text that holds nothing else but a comment; nil where there is none.
    private static func value(_ text: Substring) throws(ConfigLineFault) -> String? {
        let text = text.drop(while: \.isWhitespace)
        guard let first = text.first, first != "#" else { return nil }
        guard first == "\"" || first == "'" else {
            let value = text.prefix { !$0.isWhitespace }
            guard isComment(text.dropFirst(value.count)) else { throw .needsQuotes(String(text)) }
            return String(value)
        }
        guard let end = text.dropFirst().firstIndex(of: first) else { throw .openQuote }
        guard isComment(text[text.index(after: end)...]) else { throw .behindQuote(String(text)) }
        return String(text.dropFirst()[..<end])
    }

    private static func isComment(_ text: Substring) -> Bool {
        let text = text.drop(while: \.isWhitespace)
        return text.isEmpty || text.first == "#"
    }
}

extension FlagUse {
    /// The same with paths taken from a folder, and `~` and `~/` as the user's.
    fileprivate func relative(to folder: String, home: String?) -> FlagUse {
        func path(_ value: String) -> String {
            if value == "~", let home { return home }
            if value.hasPrefix("~/"), let home { return Paths.joined(home, String(value.dropFirst(2))) }
            return value.hasPrefix("/") ? value : Paths.joined(folder, value)
        }
        let value: String =
            switch flag.form {
            case .free, .word, .optionalWord, .words, .layers: self.value
            case .file, .folder, .photo: self.value == "-" ? "-" : path(self.value)
            case .model where [.file, .folder].contains(try? FileStatus(of: path(self.value)).kind): path(self.value)
            case .model: self.value.contains("/") || self.value.hasSuffix(".onnx") ? path(self.value) : self.value
            case .input:
                if let input = try? Values.input(self.value), case .file(let file) = input.source {
                    "\(input.name)=\(path(file))"
                } else {
                    self.value
                }
            }
        return FlagUse(flag: flag, name: name, value: value)
    }
}

/// What was taken of a file of defaults: flags as they stand on a command line.
struct Defaults: Sendable, Equatable {
    let path: String
    let flags: [String]
}
