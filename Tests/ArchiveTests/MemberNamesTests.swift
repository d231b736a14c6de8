import Testing

@testable import Archive

@Suite struct MemberNamesTests {
    /// Each photo's path and the name that its files have, in the order of a tar.
    @Test func names() throws {
        let cases = [
            ("0001.jpg", "0001"), ("0001.png", "0001.png"), ("0002.left.jpg", "0002.left"),
            ("0002.right.jpg", "0002.right"), ("a/b.c/0003.jpeg", "a/b.c/0003"), ("a//0004.jpg", "a/0004"),
            ("/etc/x.jpg", "etc/x"), ("../../y.jpg", "y"), ("a/../../b/z.jpg", "b/z"), ("a/./w.jpg", "a/w"),
            ("noextension", "noextension"), ("Süß.jpg", "Süß"), ("two\nlines.jpg", "two\nlines"),
            ("..a/v.jpg", "..a/v"),
            ("a/...", "a/..."), ("a/..jpg", "a/..jpg"), ("a/.jpg", "a/.jpg"), ("...jpg", "...jpg"),
        ]
        var names = MemberNames()
        for (path, name) in cases { #expect(try names.name(of: Array(path.utf8)) == .init(file: name, member: name)) }
        #expect(try names.name(of: Array("./u.jpg".utf8)) == .init(file: "u", member: "./u"))
    }

    @Test func faults() throws {
        var names = MemberNames()
        func fault(_ path: [UInt8]) -> MemberNames.Fault? {
            do throws(MemberNames.Fault) { _ = try names.name(of: path) } catch { return error }
            return nil
        }
        #expect(fault(Array("a.jpg".utf8)) == nil)
        #expect(fault(Array("a.jpg".utf8)) == .twice)
        #expect(fault(Array("./a.jpg".utf8)) == nil)
        #expect(fault(Array("/a.jpg".utf8)) == .taken)
        #expect(fault([0xFF, 0x2E]) == .notUTF8)
        #expect(fault([0x61, 0, 0x62]) == .holdsNUL)
        for path in ["", "/", ".", "..", "a/..", "./"] { #expect(fault(Array(path.utf8)) == .noName, "\(path)") }
        // Two ways to write a letter are two files.
        #expect(fault(Array("e\u{301}.jpg".utf8)) == nil && fault(Array("\u{E9}.jpg".utf8)) == nil)
    }

    @Test func hidden() {
        for path in ["._a.jpg", "a/._b.jpg", ".git/c.jpg", "./.a"] { #expect(MemberNames.isHidden(Array(path.utf8))) }
        for path in ["./a.jpg", "../a.jpg", "a.b/c.jpg", ""] { #expect(!MemberNames.isHidden(Array(path.utf8))) }
    }
}
