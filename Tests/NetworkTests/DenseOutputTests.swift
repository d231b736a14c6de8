import ONNX
import Testing

@testable import Network

/// Outputs of several axes: what is taken for a segmentation, or for a detector's boxes, and what is not.
struct DenseOutputTests {
    private static func node(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
    ) -> NodeDef { NodeDef(name: output, opType: type, inputs: inputs, outputs: [output], attributes: attributes) }

    /// A map of so many channels, a pixel for every square of `stride` pixels of the photo.
    private static func map(_ output: String, stride: Int, channels: Int) -> NodeDef {
        node(
            "Conv", ["photo", "w\(stride)x\(channels)"], output, ["strides": .ints([Int64(stride), Int64(stride)])])
    }

    private func graph(
        _ nodes: [NodeDef], _ outputs: [String], named name: String? = nil, for use: OutputUse = .scores,
        labels: Int? = nil
    ) throws -> Graph {
        let weights = try Set(nodes.filter { $0.opType == "Conv" }.map { $0.inputs[1] }).map { name in
            let (stride, channels) = (Int(name.dropFirst().prefix { $0 != "x" })!, Int(name.split(separator: "x")[1])!)
            let count = channels * 3 * stride * stride
            return try TensorDef(
                name: name, dims: [channels, 3, stride, stride],
                floats: (0..<count).map { Float($0 * 7 % 13) / 13 - 0.5 })
        }
        let integers = try [
            ("rows", [1, -1, 7]), ("columns", [1, 7, -1]), ("four", [1, -1, 4]),
            ("nine", [1, 9, -1]), ("parts", [1, 4, 4]),
        ].map { (name, dims: [Int64]) in
            try TensorDef(name: name, dims: [3], integers: dims)
        }
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 64, 96].map(Dimension.fixed))
        let model = Model(
            graph: GraphDef(
                nodes: nodes,
                initializers: weights + integers + [
                    try TensorDef(name: "eight", dims: [], floats: [8]),
                    try TensorDef(name: "seven", dims: [], floats: [7]),
                    try TensorDef(name: "five", dims: [1], integers: [5]),
                    try TensorDef(name: "pair", dims: [2], integers: [4, 1]),
                ],
                inputs: [photo],
                outputs: outputs.map { ValueInfo(name: $0, elementType: .float32, shape: nil) }),
            opsets: ["": 17])
        return try Graph(
            model, image: ImageInput(model), width: 96, height: 64, output: name, for: use, labels: labels)
    }

    static let softmax = [map("x", stride: 16, channels: 4), node("Softmax", ["x"], "scores", ["axis": .int(1)])]
    static let sigmoid = [map("x", stride: 1, channels: 1), node("Sigmoid", ["x"], "mask")]
    static let last = [map("x", stride: 2, channels: 4), node("Transpose", ["x"], "y", ["perm": .ints([0, 2, 3, 1])])]

    static let segmentations: [(nodes: [NodeDef], outputs: [String], classes: Int, grid: [Int], output: String)] = [
        ([map("out", stride: 1, channels: 5)], ["out"], 5, [64, 96], "out"),
        ([map("a", stride: 8, channels: 5)], ["a"], 5, [8, 12], "a"),
        ([map("aux", stride: 2, channels: 5), map("y", stride: 2, channels: 5)], ["aux", "y"], 5, [32, 48], "y"),
        (softmax, ["scores"], 4, [4, 6], "scores"), (sigmoid, ["mask"], 2, [64, 96], "mask"),
        (last, ["y"], 4, [32, 48], "y"),
    ]

    @Test(arguments: segmentations.indices)
    func segmentationsAreTaken(_ number: Int) throws {
        let right = Self.segmentations[number], graph = try graph(right.nodes, right.outputs)
        guard case .pixels(let form) = graph.form else { Issue.record("\(graph.form)"); return }
        #expect(form.classes == right.classes && [form.height, form.width] == right.grid)
        #expect(graph.output.name == right.output && graph.probability == .share && graph.classes == right.classes)
        #expect(form.isChannelsLast == (right.output == "y" && right.nodes.count == 2 && right.classes == 4))
        #expect(form.isBinary == (right.output == "mask"))
        #expect(graph.values[graph.logits].name == (["scores", "mask"].contains(right.output) ? "x" : right.output))
    }

    /// Features, grids of a detector's heads, depth: numbers that may be anything.
    static let unknown: [(nodes: [NodeDef], outputs: [String])] = [
        ([map("features", stride: 1, channels: 5)], ["features"]), ([map("y", stride: 16, channels: 5)], ["y"]),
        ([map("a", stride: 4, channels: 6), map("b", stride: 8, channels: 6)], ["a", "b"]),
        ([map("x", stride: 1, channels: 1), node("Sigmoid", ["x"], "depth")], ["depth"]),
        ([map("y", stride: 1, channels: 1)], ["y"]),
        ([map("x", stride: 8, channels: 7), node("Reshape", ["x", "columns"], "y")], ["y"]),
    ]

    @Test(arguments: unknown.indices)
    func othersAreNotGuessed(_ number: Int) throws {
        let (nodes, outputs) = Self.unknown[number]
        #expect { try graph(nodes, outputs) } throws: {
            if case .noScores? = $0 as? NetworkError { true } else { false }
        }
        // Any of its numbers can be named.
        let slices = try graph(nodes, outputs, named: outputs[0], for: .slice)
        #expect(slices.form == .numbers && slices.values[slices.logits].name == outputs[0])
    }

    @Test func whatIsNamedIsTaken() throws {
        let nodes = [Self.map("y", stride: 16, channels: 5)]
        #expect(try graph(nodes, ["y"], named: "y").classes == 5)
        #expect(throws: NetworkError.self) {
            try graph([Self.map("features", stride: 8, channels: 5)], ["features"], named: "features")
        }
        let features = [Self.map("features", stride: 8, channels: 5)]
        #expect(try graph(features, ["features"], named: "features", for: .pixels).classes == 5)
    }

    /// Numbers that are the same for all four of a box are not followed: here what each is weighted by.
    @Test func boxesMayBeWeighted() throws {
        let nodes = [
            Self.map("a", stride: 8, channels: 9), Self.map("b", stride: 16, channels: 9),
            Self.node("Reshape", ["a", "nine"], "fine"), Self.node("Reshape", ["b", "nine"], "coarse"),
            Self.node("Concat", ["fine", "coarse"], "all", ["axis": .int(2)]),
            NodeDef(
                name: "parts of all", opType: "Split", inputs: ["all", "parts"], outputs: ["weight", "box", "classes"],
                attributes: ["axis": .int(1)]),
            Self.node("Concat", ["box", "weight"], "both", ["axis": .int(1)]),
            NodeDef(
                name: "parts of both", opType: "Split", inputs: ["both", "pair"], outputs: ["sides", "factor"],
                attributes: ["axis": .int(1)]),
            Self.node("Mul", ["factor", "sides"], "weighted"),
            Self.node("Concat", ["weighted", "classes"], "found", ["axis": .int(1)]),
        ]
        let graph = try graph(nodes, ["found"])
        guard case .boxes(let form) = graph.form else { Issue.record("\(graph.form)"); return }
        #expect(form.count == 120 && form.classes == 4 && form.sides == .centreAndSize)
    }

    /// Boxes, scores and classes of their own outputs, chosen by the scores: of queries of 0..1, or of a form that is
    /// none.
    @Test func whatRowsAreChosenFromIsFound() throws {
        func nodes(_ end: String) -> [NodeDef] {
            [
                Self.map("x", stride: 16, channels: 4), Self.map("y", stride: 16, channels: 7),
                Self.node("Reshape", ["x", "four"], "x rows"), Self.node("Reshape", ["y", "columns"], "y columns"),
                Self.node("Transpose", ["y columns"], "y rows", ["perm": .ints([0, 2, 1])]),
                Self.node("Sigmoid", ["x rows"], "all boxes"), Self.node(end, ["y rows"], "all scores"),
                Self.node("Flatten", ["all scores"], "row"),
                NodeDef(name: "best", opType: "TopK", inputs: ["row", "five"], outputs: ["scores", "places"]),
                Self.node("Div", ["places", "seven"], "quotients"), Self.node("Floor", ["quotients"], "indices"),
                Self.node("Cast", ["indices"], "whole", ["to": .int(7)]),
                Self.node("Mul", ["all boxes", "eight"], "pixels"),
                Self.node("Gather", ["pixels", "whole"], "boxes", ["axis": .int(1)]),
            ]
        }
        let graph = try graph(nodes("Sigmoid"), ["boxes", "scores"])
        guard case .boxes(let form) = graph.form else { Issue.record("\(graph.form)"); return }
        #expect(graph.output == .init(name: "all scores", others: [], selection: "boxes"))
        #expect(form.count == 24 && form.classes == 7 && form.sides == .centreAndSize)
        #expect(try self.graph(nodes("Sigmoid"), ["boxes", "scores"], named: "scores").form == graph.form)
        #expect {
            try self.graph(nodes("Tanh"), ["boxes", "scores"], named: "boxes")
        } throws: {
            if case .selection("boxes", let heads)? = $0 as? NetworkError {
                heads == ["all boxes [1, 24, 4]"]
            } else {
                false
            }
        }
    }

    /// 8 x 12 places of stride 8 and 4 x 6 of stride 16, boxes in columns, and in rows with a number more.
    @Test func boxesOfAGridAreFound() throws {
        let nodes = [
            Self.map("x", stride: 8, channels: 7), Self.map("y", stride: 16, channels: 7),
            Self.node("Reshape", ["x", "columns"], "fine"), Self.node("Reshape", ["y", "columns"], "coarse"),
            Self.node("Concat", ["fine", "coarse"], "all", ["axis": .int(2)]),
            Self.node("Mul", ["all", "eight"], "columns of boxes"),
            Self.node("Transpose", ["columns of boxes"], "rows of boxes", ["perm": .ints([0, 2, 1])]),
        ]
        guard case .boxes(let columns) = try graph(nodes, ["columns of boxes"]).form,
            case .boxes(let rows) = try graph(nodes, ["rows of boxes"]).form,
            case .boxes(let told) = try graph(nodes, ["rows of boxes"], labels: 3).form,
            case .boxes(let keypoints) = try graph(nodes, ["columns of boxes"], labels: 1).form
        else { Issue.record("no boxes"); return }
        #expect(columns.count == 120 && columns.classes == 3 && columns.isTransposed && !columns.hasObjectness)
        #expect(rows.count == 120 && rows.classes == 2 && !rows.isTransposed && rows.hasObjectness)
        #expect(told.classes == 3 && !told.hasObjectness && keypoints.classes == 1)
        #expect(columns.place(ofClass: 2, of: 5) == 6 * 120 + 5 && rows.place(ofClass: 1, of: 5) == 5 * 7 + 6)
    }
}
