extension String {
    /// As a POSIX shell, zsh too, takes it for one word, in single quotes.
    var inSingleQuotes: String { "'" + replacing("'", with: "'\\''") + "'" }

    /// The same, with quotes where a shell needs them alone.
    var asShellWord: String {
        let isPlain = utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_=/.,:+@%".utf8.contains(byte)
        }
        return isPlain && !isEmpty ? self : inSingleQuotes
    }
}
