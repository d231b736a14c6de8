import ActivationMaps
import Platform

/// The classes that a table tells of photos: rows of photo and class, an index or a label; several rows of a photo are
/// several classes.
struct PhotoClasses: Sendable {
    private var table = PhotoTable<Int>()
    private let path: String, number: Explainer.ClassNumber
    private let workingFolder = System.workingFolder

    /// nil where no table is given.
    ///
    /// - Throws: `TableFault`, `ChoiceError` where a class is not there.
    init?(_ arguments: Arguments, _ classifier: Classifier) throws {
        guard let path = arguments.classTable else { return nil }
        self.path = path
        number = try arguments.number(of: classifier)
        var csv = CSV(try ByteStream(path)), isFirst = true, classes: [String: Int] = [:]
        while let (line, cells) = try csv.next() {
            defer { isFirst = false }
            if isFirst, Self.isHeader(cells) { continue }
            guard cells.count == 2, !cells.contains("") else {
                throw TableFault(path: path, .malformed(line: line, expected: "photo,class"))
            }
            let category = cells[1], known = try classes[category] ?? classifier.index(of: category, path, line)
            classes[category] = known
            table.add(known, to: cells[0])
        }
        guard table.count > 0 else { throw TableFault(path: path, .noRows) }
        try classifier.check(.classes(Set(classes.values).sorted(), by: number))
    }

    private static func isHeader(_ cells: [String]) -> Bool {
        let names = cells.map { $0.lowercased() }
        return ["photo", "path", "file", "image", "filename"].contains(names[0]) && names.count == 2
            && ["class", "label", "category", "target"].contains(names[1])
    }

    /// How many a photo has at most.
    var most: Int { table.most }

    /// A photo's classes, each once, in the order of its rows; empty where the table has none.
    func classes(of photo: Photo) -> [Int] {
        let path = photo.member == nil ? Paths.absolute(photo.path, from: workingFolder) : photo.path
        var classes: [Int] = []
        for category in table.rows(of: path) where !classes.contains(category) { classes.append(category) }
        return classes
    }

    /// - Throws: `MissingClass` where the table has no row of the photo.
    func targets(of photo: Photo) throws(MissingClass) -> Explainer.Targets {
        let classes = classes(of: photo)
        guard !classes.isEmpty else { throw MissingClass(table: path) }
        return .classes(classes, by: number)
    }
}

extension Classifier {
    /// A class as a line of a table has it.
    fileprivate func index(of text: String, _ path: String, _ line: Int) throws -> Int {
        let category: Arguments.Category
        do throws(ValueFault) { category = try Values.category(text) } catch {
            throw TableFault(path: path, .malformed(line: line, expected: "photo,class, the class by index or label"))
        }
        do throws(ChoiceError) { return try index(of: category) } catch {
            throw TableClassFault(path: path, line: line, fault: error)
        }
    }
}

/// A class in a table that the network does not have.
struct TableClassFault: Error {
    let path: String
    let line: Int
    let fault: ChoiceError
}

/// A photo that a table of classes does not have.
struct MissingClass: Error, Equatable {
    let table: String
}
