import ActivationMaps
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Files of what people marked: boxes as CSV and as COCO has them, and masks.
@Suite struct MarkTests {
    let folder = TemporaryFolder()

    private func boxes(_ text: String) throws -> BoxFile { try BoxFile(folder.write(Array(text.utf8), to: "boxes")) }

    private func told(_ file: BoxFile, _ photo: String) -> [String] {
        file.table.rows(of: photo).map {
            let box = $0.rectangle
            return "\($0.category ?? "-") \(box.x0) \(box.y0) \(box.x1) \(box.y1)"
        }
    }

    private func fault(_ text: String) -> TableFault.Kind? {
        do {
            _ = try boxes(text)
            return nil
        } catch {
            return (error as? TableFault)?.kind
        }
    }

    @Test(arguments: [
        "a.jpg,cat,1,2,3.5,4\n", "photo,class,x0,y0,x1,y1\na.jpg,cat,1,2,3.5,4", "\u{FEFF}a.jpg;cat;1;2;3.5;4\r\n\r\n",
        "y1,x1,y0,x0,note,Photo,Class\n4,3.5,2,1,\"well, yes\",a.jpg,cat\n", "\"a.jpg\"\t\"cat\"\t1\t2\t3.5\t4\n",
        "./a.jpg, cat , 1, 2, 3.5, 4",
    ])
    func tablesOfBoxes(_ text: String) throws {
        #expect(told(try boxes(text), "/x/a.jpg") == ["cat 1.0 2.0 3.5 4.0"])
    }

    @Test func cellsMayHoldAnything() throws {
        let file = try boxes("\"a,b \"\"c\"\".jpg\",\"tabby, tabby cat\",0,0,1,1\nd.jpg,,0,0,2,2\nd.jpg,7,1,1,2,2\n")
        #expect(told(file, "/p/a,b \"c\".jpg") == ["tabby, tabby cat 0.0 0.0 1.0 1.0"])
        #expect(told(file, "d.jpg") == ["- 0.0 0.0 2.0 2.0", "7 1.0 1.0 2.0 2.0"])
        #expect(file.categories == ["tabby, tabby cat", "7"] && file.count == 3 && file.table.count == 2)
        #expect(told(try boxes("photo,x0,y0,x1,y1\na.jpg,0,0,1,1"), "a.jpg") == ["- 0.0 0.0 1.0 1.0"])
    }

    @Test(arguments: [
        ("", TableFault.Kind.noRows), ("\n\n", .noRows), ("photo,class,x0,y0,x1,y1\n", .noRows),
        ("a.jpg,cat,1,2,3,4\nb.jpg,cat,1,2,3\n", .malformed(line: 2, expected: "photo,class,x0,y0,x1,y1")),
        ("a.jpg,cat,1,2,3,nan", .malformed(line: 1, expected: "photo,class,x0,y0,x1,y1")),
        ("a.jpg,cat,3,2,1,4", .malformed(line: 1, expected: "x0 < x1 and y0 < y1")),
        ("a.jpg,\"cat,1,2,3,4\n", .malformed(line: 1, expected: "a closing quote")),
        ("{\"images\":[],\"annotations\":[]}", .notCOCO(noList: "categories")),
        ("{\"images\":[],\"annotations\":[],\n\"categories\":null}", .notCOCO(noList: "categories")),
        ("{\"images\":[],\n\"annotations\":[null]}", .malformed(line: 2, expected: "an object in braces")),
        ("{\"images\":[{\"file_name\":null}]}", .malformed(line: 1, expected: "a text in quotes")),
        ("{\"images\":[],\n\"annotations\":[}", .json(line: 2)), ("{\"images\":[", .json(line: 1)),
        ("{\"images\":[],\"annotations\":[],\"categories\":[]}", .noRows),
        ("{\"a\":" + String(repeating: "[", count: 100_000), .json(line: 1)),
    ])
    func faults(_ text: String, _ kind: TableFault.Kind) { #expect(fault(text) == kind) }

    @Test func filesThatAreNone() {
        #expect(throws: TableFault(path: "/none", .system(2))) { try BoxFile("/none") }
        #expect(throws: TableFault(path: "/tmp", .system(21))) { try BoxFile("/tmp") }
        #expect(throws: TableFault(path: "/dev/null", .noFile)) { try BoxFile("/dev/null") }
    }

    /// Keys in any order, members that nobody asks for, crowds, boxes without area and of images that are not there.
    @Test func boxesOfCOCO() throws {
        let file = try boxes(
            """
            {"info": {"year": 2017, "url": "a \\"b\\" ]}"}, "annotations": [
              {"segmentation": [[1.5, 2, 3]], "area": 9, "iscrowd": 0, "image_id": 7, "bbox": [1, 2, 2.5, 4], "category_id": 3, "id": 1},
              {"segmentation": {"counts": [1, 2], "size": [3, 4]}, "iscrowd": 1, "image_id": 7, "bbox": [0, 0, 9, 9], "category_id": 3, "id": 2},
              {"image_id": 7, "bbox": [5, 5, 0, 1], "category_id": 3, "id": 3}, {"image_id": 8, "bbox": [0, 0, 1, 1], "category_id": 3},
              {"image_id": 9, "bbox": [0, 0, 1, 1], "category_id": 4, "caption": "\\u00e9"}, {"image_id": 9, "bbox": null, "category_id": 4}],
             "images": [{"id": 7, "file_name": "val/7.jpg", "width": 640}, {"file_name": "9.jpg", "id": 9}],
             "licenses": [], "categories": [{"supercategory": "animal", "id": 3, "name": "cat"}, {"id": 4, "name": "hot dog"}]}
            """)
        #expect(told(file, "/coco/val/7.jpg") == ["cat 1.0 2.0 3.5 6.0"] && told(file, "/coco/7.jpg") == [])
        #expect(told(file, "9.jpg") == ["hot dog 0.0 0.0 1.0 1.0"])
        #expect(file.isCOCO && file.count == 2 && file.leftOut == 4)
    }

    @Test(arguments: [
        ("/p/train/cat.jpg", ["train"]), ("/p/test/cat.jpg", ["test without"]), ("/p/cat.jpg", ["any"]),
        ("photos.tar/x/cat.jpg", ["any"]), ("/p/mycat.jpg", []), ("/p/dog.png", ["dog"]), ("/abs/one.jpg", ["one"]),
    ])
    func photosAreFoundByTheEndsOfTheirPaths(_ path: String, _ rows: [String]) {
        var table = PhotoTable<String>()
        for (row, path) in [
            ("any", "cat.jpg"), ("train", "train/cat.jpg"), ("test without", "test/cat"), ("dog", "./dog"),
            ("one", "/abs/one.jpg"),
        ] { table.add(row, to: path) }
        #expect(table.rows(of: path) == rows)
    }

    private func classifier() throws -> Classifier { try Classifier(contentsOf: smallModel) }

    private func marked(_ change: (inout Arguments) -> Void) throws -> MarkedPhotos {
        var arguments = Arguments()
        change(&arguments)
        return try #require(try MarkedPhotos(arguments, classifier()))
    }

    private func count(_ marked: MarkedPhotos, _ path: String, width: Int, height: Int, of category: Int?) throws
        -> Int?
    {
        try marked.marks(in: path, width: width, height: height)?.truth(of: category)?.mask.count
    }

    @Test func boxesAreOfTheExplainedClass() throws {
        let text = "a.jpg,1,0,0,5,5\na.jpg,2,10,10,20,20\na.jpg,,30,30,40,31\nc.jpg,1,5,5,9,9\nd.jpg,1,0.6,0.6,0.9,0.9"
        let path = folder.write(Array(text.utf8), to: "b.csv")
        let marked = try marked { $0.boxes = path }
        #expect(try count(marked, "x/a.jpg", width: 50, height: 40, of: 2) == 110)
        #expect(try count(marked, "x/a.jpg", width: 50, height: 40, of: 9) == 10)
        #expect(try count(marked, "x/a.jpg", width: 50, height: 40, of: nil) == 135)
        #expect(try marked.marks(in: "b.jpg", width: 50, height: 40) == nil && !marked.has("b.jpg"))
        #expect(try marked.marks(in: "c.jpg", width: 50, height: 40)?.truth(of: 2) == nil && marked.has("y/c.jpg"))
        #expect(try count(marked, "d.jpg", width: 50, height: 40, of: 1) == nil, "no pixel's centre is inside")
        #expect(throws: TruthFault.outside(Rectangle(x0: 30, y0: 30, x1: 40, y1: 31), width: 30, height: 40)) {
            try marked.marks(in: "a.jpg", width: 30, height: 40)
        }
        #expect(throws: ChoiceError.self) {
            try self.marked { $0.boxes = folder.write(Array("a,10,0,0,1,1".utf8), to: "c.csv") }
        }
    }

    @Test func masksAreFoundByThePhotosNames() throws {
        let inside = Mask(width: 5, height: 4) { x, _ in x > 2 }
        folder.write(try inside.rows.png(), to: "train/a.png")
        folder.write(try Mask(width: 5, height: 4) { _, _ in false }.rows.png(), to: "a.png")
        let marked = try marked { $0.masks = folder.path }
        #expect(try marked.marks(in: "/p/train/a.jpg", width: 5, height: 4)?.truth(of: 3)?.mask == inside)
        #expect(try count(marked, "/p/a.jpg", width: 5, height: 4, of: 3) == nil, "nothing is inside")
        #expect(marked.has("/p/a.jpg") && !marked.has("/p/b.jpg"))
        #expect(try marked.marks(in: "/p/b.jpg", width: 5, height: 4) == nil)
        #expect(throws: TruthFault.self) { try marked.marks(in: "train/a.jpg", width: 4, height: 5) }
    }

    /// Tables as other systems and programs save them.
    @Test func encodingsAndLineEnds() throws {
        let text = "photo,class,x0,y0,x1,y1\né.jpg,猫,1,2,3.5,4\nb.jpg,,0,0,1,1\n"
        func utf16(_ text: String, isLittle: Bool = true) -> [UInt8] {
            ("\u{FEFF}" + text).utf16.reduce(into: []) { bytes, unit in
                let pair = [UInt8(unit >> 8), UInt8(unit & 255)]
                bytes += isLittle ? pair.reversed() : pair
            }
        }
        let little = utf16(text), big = utf16(text, isLittle: false)
        let ends = ["\r", "\r\n", "\n"].map { Array(text.replacing("\n", with: $0).utf8) }
        for bytes in [little, big] + ends {
            let file = try BoxFile(folder.write(bytes, to: "x.csv"))
            #expect(told(file, "é.jpg") == ["猫 1.0 2.0 3.5 4.0"] && file.count == 2)
        }
        // Long enough to be read in several pieces.
        let many = (0..<20_000).map { "\($0).jpg,1,0,0,1,1\r\n" }.joined()
        #expect(try BoxFile(folder.write(utf16(many), to: "x.csv")).count == 20_000)
        #expect(fault("a.jpg,1,0,0,1,1\rb.jpg,1,2\r") == .malformed(line: 2, expected: "photo,class,x0,y0,x1,y1"))
        let latin = Array("a.jpg,caf".utf8) + [0xE9] + Array(",0,0,1,1".utf8)
        for bytes in [Array(little.dropFirst(2)), latin] {
            let path = folder.write(bytes, to: "x.csv")
            #expect(throws: TableFault(path: path, .notText)) { try BoxFile(path) }
        }
    }
}
