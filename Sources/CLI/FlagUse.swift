import Network

/// A flag as it was given, with its value.
struct FlagUse: Sendable {
    let flag: Flag
    /// As it was written, long or short.
    let name: String
    /// Empty of a switch.
    let value: String
    var isNotUTF8 = false

    /// As it stands on a command line.
    var text: String { flag.placeholder == nil ? name : "\(name) \(value)" }

    /// A path without a flag.
    static func path(_ path: String) -> FlagUse {
        let flag = Flag.named("--image-path")!
        return FlagUse(flag: flag, name: flag.name, value: path)
    }

    init(flag: Flag, name: String, value: String, isNotUTF8: Bool = false) {
        (self.flag, self.name, self.value, self.isNotUTF8) = (flag, name, value, isNotUTF8)
    }

    /// `--flag`, `--flag=value`, or `--flag` with the value in the next word, which is taken from `rest`.
    ///
    /// - Parameter isRepaired: of words that are not UTF-8.
    init(
        _ word: String, _ rest: inout ArraySlice<String>, isRepaired: (String) -> Bool = { _ in false }
    ) throws(ArgumentFault) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        guard let flag = Flag.named(name) else { throw .unknownFlag(name, nearest: Flag.nearest(to: name)) }
        var value = parts.count == 2 ? parts[1] : nil
        if case .optionalWord(let words) = flag.form {
            if value == nil { value = rest.first.map(words.contains) ?? false ? rest.popFirst() : words[0] }
        } else if let placeholder = flag.placeholder {
            if value == nil {
                guard let next = rest.first, !next.hasPrefix("--"),
                    !Flag.all.contains(where: { $0.names.contains(next) })
                else { throw .missingValue(flag: name, placeholder: placeholder) }
                value = next
                rest = rest.dropFirst()
            }
        } else if let value {
            throw .unexpectedValue(flag: name, value: value)
        }
        self.init(flag: flag, name: name, value: value ?? "")
        let mayBe = flag.form == .photo && parts.count == 1
        isNotUTF8 = !mayBe && (isRepaired(word) || value.map(isRepaired) ?? false)
    }
}

extension Flag {
    /// The flag that `name` was most likely meant to be; dashes and underscores count for nothing.
    static func nearest(to name: String) -> String? {
        func bare(_ name: String) -> String { String(name.drop(while: { $0 == "-" }).map { $0 == "_" ? "-" : $0 }) }
        let names = all.map(\.name).filter { $0.hasPrefix("--") }
        return Network.nearest(to: bare(name), in: names.map(bare)).map { "--" + $0 }
    }
}
