import Imaging

/// Boxes that people drew around what photos show: a CSV of photo, class, x0, y0, x1, y1 (a first line that names these
/// may order them otherwise, or leave out the class), or COCO's JSON, whose corners are x, y, width, height. In pixels
/// of the upright photo.
struct BoxFile {
    struct Box: Sendable {
        /// As the file has it; nil where it tells none: the box is of whatever is explained.
        let category: String?
        let rectangle: Rectangle
    }
    private(set) var table = PhotoTable<Box>()
    /// Boxes that were left out: without area, or around crowds.
    private(set) var leftOut = 0
    private(set) var count = 0
    /// Whether the classes may be indices: those of COCO are names.
    private(set) var isCOCO = false
    private(set) var categories: Set<String> = []

    /// - Throws: `TableFault`.
    init(_ path: String) throws(TableFault) {
        let bytes = try ByteStream(path)
        while let byte = bytes.peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { _ = bytes.next() }
        isCOCO = bytes.peek == UInt8(ascii: "{")
        if isCOCO { try readCOCO(JSONStream(bytes), path) } else { try readCSV(CSV(bytes), path) }
        guard count > 0 else { throw TableFault(path: path, .noRows) }
    }

    private mutating func add(_ corners: [Double], _ category: String?, to photo: String) {
        let rectangle = Rectangle(x0: corners[0], y0: corners[1], x1: corners[2], y1: corners[3])
        guard rectangle.area > 0 else { return leftOut += 1 }
        if let category { categories.insert(category) }
        table.add(Box(category: category, rectangle: rectangle), to: photo)
        count += 1
    }

    private static let names = ["photo", "class", "x0", "y0", "x1", "y1"]

    private mutating func readCSV(_ csv: consuming CSV, _ path: String) throws(TableFault) {
        var places = Array(Self.names.indices).map(Int?.some), isFirst = true
        while let (line, cells) = try csv.next() {
            if isFirst, let header = Self.places(in: cells) {
                (places, isFirst) = (header, false)
                continue
            }
            isFirst = false
            let found = places.map { place in place.flatMap { $0 < cells.count ? cells[$0] : nil } }
            let corners = found[2...].compactMap { $0.flatMap(Double.init) }.filter(\.isFinite)
            guard let photo = found[0], !photo.isEmpty, corners.count == 4 else {
                throw TableFault(path: path, .malformed(line: line, expected: Self.names.joined(separator: ",")))
            }
            guard corners[0] < corners[2], corners[1] < corners[3] else {
                throw TableFault(path: path, .malformed(line: line, expected: "x0 < x1 and y0 < y1"))
            }
            add(corners, found[1].flatMap { $0.isEmpty ? nil : $0 }, to: photo)
        }
    }

    /// Where a first line that names columns has them; nil where it names none.
    private static func places(in cells: [String]) -> [Int?]? {
        let cells = cells.map { $0.lowercased() }
        let places = names.map { cells.firstIndex(of: $0) }
        return places[0] != nil && places[2...].allSatisfy { $0 != nil } ? places : nil
    }

    private static let lists = ["images", "annotations", "categories"]

    /// https://cocodataset.org/#format-data, "object detection": images, annotations and categories, in any order.
    private mutating func readCOCO(_ json: JSONStream, _ path: String) throws(TableFault) {
        var files: [Int: String] = [:], names: [Int: String] = [:], found: Set<String> = []
        var boxes: [(image: Int, category: Int?, corners: [Double])] = []
        var crowds = 0
        try json.object { key throws(TableFault) in
            found.insert(key)
            if Self.lists.contains(key), try json.peek() != UInt8(ascii: "[") {
                throw TableFault(path: path, .notCOCO(noList: key))
            }
            switch key {
            case "images", "categories":
                let name = key == "images" ? "file_name" : "name"
                try json.array { () throws(TableFault) in
                    var id: Int?, text: String?
                    try json.object { key throws(TableFault) in
                        switch key {
                        case "id": id = try json.number().flatMap { Int(exactly: $0) }
                        case name: text = try json.string()
                        default: try json.skip()
                        }
                    }
                    if let id, let text { if key == "images" { files[id] = text } else { names[id] = text } }
                }
            case "annotations":
                try json.array { () throws(TableFault) in
                    var image: Int?, category: Int?, numbers: [Double] = [], isCrowd = false
                    try json.object { key throws(TableFault) in
                        switch key {
                        case "image_id": image = try json.number().flatMap { Int(exactly: $0) }
                        case "category_id": category = try json.number().flatMap { Int(exactly: $0) }
                        case "iscrowd": isCrowd = try json.number() == 1
                        case "bbox": numbers = try json.numbers()
                        default: try json.skip()
                        }
                    }
                    guard let image, numbers.count == 4, !isCrowd else { return crowds += 1 }
                    let corners = [numbers[0], numbers[1], numbers[0] + numbers[2], numbers[1] + numbers[3]]
                    boxes.append((image, category, corners))
                }
            default: try json.skip()
            }
        }
        for key in Self.lists where !found.contains(key) { throw TableFault(path: path, .notCOCO(noList: key)) }
        leftOut += crowds
        for box in boxes {
            guard let file = files[box.image], let category = box.category.flatMap({ names[$0] }) else {
                leftOut += 1
                continue
            }
            add(box.corners, category, to: file)
        }
    }
}
