import ActivationMaps
import Testing

@testable import CLI

/// Averages over reports, and the tables that they are told in.
@Suite struct AverageTableTests {
    let folder = TemporaryFolder()

    private func line(_ photo: Int, _ values: [(String, Bool, String)], decides: Bool = true) -> String {
        let judgements = values.map {
            #"{"target":"1 cat","class":1,"method":"\#($0.0)","control":\#($0.1),"measures":[{"name":"m","value":\#($0.2),"better":"lower","decides":\#(decides)}],"verdict":null}"#
        }
        return
            #"{"schema":1,"version":"0","input":"\#(photo).jpg","metrics":[{"name":"m","settings":"5 steps"},{"name":"n","settings":""}],"judgements":[\#(judgements.joined(separator: ","))]}"#
    }

    private var reports: String {
        let lines = (0..<6).map { photo in
            line(photo, [("gradcam", false, "0.\(photo)"), ("sobel", true, "0.\(photo + 3)")])
        }
        let others = [
            #"{"schema":1,"version":"0","input":"x.jpg","error":"no such file"}"#, "",
            line(7, [("gradcam", false, "null"), ("sobel", true, "0.5")]),
        ]
        return folder.write(Array((lines + others).joined(separator: "\n").utf8), to: "report.jsonl")
    }

    @Test func tables() throws {
        let averages = try FolderAverages(reports: reports), table = averages.table
        #expect(averages.heading == "averages of 7 photos; intervals of 95 %; 1 failed")
        #expect(
            table.text == """
                metric  good  method    mean  95 % interval   photos  beats the controls
                m       low   gradcam  0.250  0.054 to 0.446       6  yes
                              sobel    0.543  0.384 to 0.702       7  control
                m: 5 steps
                """)
        let csv = table.text(.csv).split(separator: "\n")
        #expect(
            csv[0]
                == "metric,better,method,control,photos,mean,low,high,interval,decides,beats_controls,minus_sobel,minus_sobel_low,minus_sobel_high"
        )
        #expect(csv.count == 3 && csv[1].hasPrefix("m,lower,gradcam,false,6,0.25,0.0536"))
        #expect(csv[2].hasPrefix("m,lower,sobel,true,7,0.542857") && csv[2].hasSuffix(",t,true,,,,"))
        #expect(
            table.text(.md).hasPrefix(
                """
                | metric | good | method | mean | 95 % interval | photos | beats the controls |
                | --- | --- | --- | --: | --- | --: | --- |
                | m | low | gradcam | 0.250 | 0.054 to 0.446 | 6 | yes |
                """))
        #expect(table.text(.md).hasSuffix("| control |\n\n- m: 5 steps\n"))
        let json = try PythonLiteral(table.text(.json)), row = try #require(json["averages"]?.list?.first)
        #expect(
            row["method"]?.string == "gradcam" && row["photos"]?.integer == 6 && row["beats_controls"] == .boolean(true)
        )
        #expect(row["differences"]?.list?.first?["control"]?.string == "sobel")
    }

    /// What a verdict does not rest on says nothing of a method, and its table does not either.
    @Test func measuresThatDoNotDecideSayNothing() throws {
        let averages = FolderAverages()
        for photo in 0..<6 {
            averages.add(
                json: line(
                    photo, [("gradcam", false, "0.\(photo)"), ("sobel", true, "0.\(photo + 3)")], decides: false),
                of: "\(photo).jpg")
        }
        let lines = averages.table.text.split(separator: "\n")
        #expect(lines[1].hasSuffix("     6  -") && lines[2].hasSuffix("     6  control"))
        let csv = averages.table.text(.csv).split(separator: "\n")
        #expect(csv[1].contains(",t,false,,-0.3"), "the differences are told all the same: \(csv[1])")
        let json = try PythonLiteral(averages.table.text(.json)), row = try #require(json["averages"]?.list?.first)
        #expect(row["decides"] == .boolean(false) && row["beats_controls"] == PythonLiteral.none)
    }

    @Test(arguments: [
        ("", TableFault.Kind.noRows), ("{\"schema\":1,\"input\":\"a\"}\n", .noRows),
        ("\n{\"schema\":1}\n", .malformed(line: 2, expected: "a report, as --json prints it")),
        ("nothing", .malformed(line: 1, expected: "a report, as --json prints it")),
    ])
    func whatIsNoReport(_ text: String, _ kind: TableFault.Kind) {
        let path = folder.write(Array(text.utf8), to: "x.jsonl")
        #expect(throws: TableFault(path: path, kind)) { try FolderAverages(reports: path) }
    }

    /// Shares that overlap, and a photo that failed in one of them: each photo counts once.
    @Test func photosThatAreToldTwiceCountOnce() throws {
        let failure = #"{"schema":1,"version":"0","input":"2.jpg","error":"no memory"}"#
        func line(_ photo: Int, _ value: String = "0.5", milliseconds: Int = 1) -> String {
            self.line(photo, [("gradcam", false, value), ("sobel", true, "0.1")]).dropLast()
                + ",\"timings\":{\"maps\":\(milliseconds)}}"
        }
        func averages(_ lines: [String]) throws -> FolderAverages {
            try FolderAverages(reports: folder.write(Array(lines.joined(separator: "\n").utf8), to: "twice.jsonl"))
        }
        let told = try averages([line(1), failure, line(3), line(1, milliseconds: 7), line(2), failure])
        #expect(
            told.heading
                == "averages of 3 photos; intervals of 95 %; 2 reports of photos told before are left out")
        #expect(
            try averages([failure, failure, line(1)]).heading.contains("1 failed; 1 report of photos told before is"))
        let fault = TableFault(path: folder.path + "/twice.jsonl", .otherReport(line: 3, photo: "1.jpg"))
        #expect(throws: fault) { try averages([line(1), line(2), line(1, "0.6")]) }
    }

    /// A table without a measure says why it has none.
    @Test func tablesWithoutMeasuresSaySo() throws {
        let averages = FolderAverages()
        averages.add(
            json:
                #"{"input":"a.jpg","metrics":[],"judgements":[{"target":"x","method":"gradcam","control":false,"measures":[]}]}"#,
            of: "a.jpg")
        #expect(averages.table.text.hasSuffix("\n" + Messages.nothingMeasured))
        #expect(averages.table.text(.md).hasSuffix("\n\n- \(Messages.nothingMeasured)\n"))
        let json = try PythonLiteral(averages.table.text(.json))
        #expect(json["notes"]?.list?.compactMap(\.string) == [Messages.nothingMeasured])
    }

    @Test func whatIsPassedOverWithoutAReportIsTold() {
        let averages = FolderAverages()
        averages.add(json: nil, of: "0.jpg")
        averages.add(json: line(1, [("gradcam", false, "1"), ("sobel", true, "0")]), of: "1.jpg")
        #expect(
            averages.heading
                == "averages of 1 photo; intervals of 95 %; of 1 photo passed over there is no report, and they are missing"
        )
        #expect(averages.table.text.contains("not shown"))
    }
}
