/// What the header of a `.npy` file says: a Python dictionary of three entries, as text.
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
struct NPYHeader: Equatable {
    /// What every such file begins with.
    static let magic = [0x93] + Array("NUMPY".utf8)

    /// How one number is stored.
    struct Number: Equatable {
        enum Kind: Character { case float = "f", signed = "i", unsigned = "u", boolean = "b" }
        let kind: Kind
        /// 1, 2, 4 or 8.
        let bytes: Int
        let isBigEndian: Bool
    }

    let number: Number
    /// None of them negative; their product is an `Int`.
    let shape: [Int]
    let count: Int

    /// - Throws: `.array` where it is not such a text, or the numbers are not of a kind that is read.
    init(_ text: String) throws(ImageError) {
        guard let type = Self.value(of: "descr", in: text), let order = Self.value(of: "fortran_order", in: text),
            let shape = Self.value(of: "shape", in: text)
        else { throw .array("its header is damaged: save it anew with numpy.save") }
        number = try Self.number(type)
        guard order.hasPrefix("False") else {
            throw .array("it is in Fortran order: save numpy.ascontiguousarray(a) instead")
        }
        (self.shape, count) = try Self.extents(shape)
    }

    /// What follows a key and its colon.
    private static func value(of key: String, in text: String) -> Substring? {
        for quote in ["'", "\""] {
            guard let place = text.firstRange(of: quote + key + quote) else { continue }
            let rest = text[place.upperBound...].drop { $0 == " " }
            if rest.first == ":" { return rest.dropFirst().drop { $0 == " " } }
        }
        return nil
    }

    private static func number(_ text: Substring) throws(ImageError) -> Number {
        guard let quote = text.first, quote == "'" || quote == "\"" else {
            throw .array("it holds records, not numbers: save one of their fields")
        }
        let type = text.dropFirst().prefix { $0 != quote }
        if type.hasSuffix("O") {
            throw .array("it holds Python objects, not numbers: save it with a numeric dtype")
        }
        guard type.count == 3, let order = type.first, "<>|=".contains(order),
            let kind = Number.Kind(rawValue: type.dropFirst().first!),
            let bytes = type.last?.wholeNumberValue,
            (kind == .float ? [2, 4, 8] : kind == .boolean ? [1] : [1, 2, 4, 8]).contains(bytes)
        else {
            throw .array("it holds elements of type \(String(type.prefix(20)).debugDescription): save it as float32")
        }
        return Number(kind: kind, bytes: bytes, isBigEndian: order == ">")
    }

    private static func extents(_ text: Substring) throws(ImageError) -> (shape: [Int], count: Int) {
        let damaged = ImageError.array("its shape cannot be read: save it anew with numpy.save")
        guard text.first == "(", let end = text.firstIndex(of: ")") else { throw damaged }
        var shape: [Int] = [], count = 1
        var parts = text[text.index(after: text.startIndex)..<end].split(
            separator: ",", omittingEmptySubsequences: false)
        // A list ends in a comma, or is empty.
        if parts.last?.allSatisfy({ $0 == " " }) ?? false { parts.removeLast() }
        guard parts.count <= 32 else { throw damaged }
        for part in parts {
            let digits = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            guard let extent = Int(String(digits)), extent >= 0 else { throw damaged }
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw .array("it claims more numbers than there can be: it is damaged") }
            (shape, count) = (shape + [extent], product)
        }
        return (shape, count)
    }
}
