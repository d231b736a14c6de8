import ActivationMaps
import Testing

@testable import CLI

@Suite struct ReportTests {
    private let cat = Report.Class(index: 0, label: "cat", score: 0.75, logit: 1.5)
    private let unlabelled = Report.Class(index: 7, label: nil, score: 0.25, logit: -2)

    private let target = Report.Target(name: "0 cat", kind: "logit", value: 1.5, category: 0)

    private var report: Report {
        Report(
            input: "a \"b\".jpg", model: "catdog", identity: NetworkIdentity(sha256: "0a"), layer: "layer4[-1]",
            methods: ["gradcam"], output: "logits", scores: .init(.softmax),
            preprocessing: .null, computations: [.init(kernelName: "avx2", precision: .float32)],
            top: [cat, unlabelled], classes: [cat], targets: [target], files: ["out/gradcam_cam.jpg"],
            timings: [("decode", 1.5), ("network", 20)], diagnosis: [])
    }

    @Test func jsonObject() {
        #expect(
            report.json.text
                == #"{"schema":1,"version":"\#(Vocabulary.version)","input":"a \"b\".jpg","model":"catdog","model_sha256":"0a","#
                + #""model_data":[],"layer":"layer4[-1]","methods":["gradcam"],"output":"logits","scores":"softmax","preprocessing":null,"inputs":[],"precision":"float32","kernels":"avx2","precision_loss":null,"#
                + #""targets":[{"name":"0 cat","kind":"logit","value":1.5,"class":0}],"#
                + #""classes":[{"index":0,"label":"cat","score":0.75,"logit":1.5}],"#
                + #""top":[{"index":0,"label":"cat","score":0.75,"logit":1.5},{"index":7,"label":null,"score":0.25,"logit":-2.0}],"concepts":[],"#
                + #""files":["out/gradcam_cam.jpg"],"map":null,"regions":[],"metrics":[],"judgements":[],"timings":{"decode":1.5,"network":20.0},"diagnosis":[]}"#
        )
        #expect(
            Report.json(failed: "x", "no such file").text
                == #"{"schema":1,"version":"\#(Vocabulary.version)","input":"x","error":"no such file"}"#)
    }

    /// Where the CPU did some of a card's work both are told, and the precision of the coarser.
    @Test func whatComputed() {
        var report = report
        report.computations = [
            .init(kernelName: "cuda", precision: .tf32), .init(kernelName: "avx512", precision: .float32),
        ]
        #expect(report.json.text.contains(#""precision":"tf32","kernels":"cuda+avx512","#))
    }

    @Test func plainText() {
        #expect(
            report.text == """
                a "b".jpg  (catdog, layer4[-1])
                     score  logit  class
                *  75.00 %   1.50      0  cat
                   25.00 %  -2.00      7
                -> out/gradcam_cam.jpg
                """)
    }

    @Test func otherTargetsAreReported() {
        var report = report
        report.targets = [
            .init(name: "0 cat against 7 dog", kind: "difference", value: -0.25, category: 0),
            .init(name: "out[0,3].sum", kind: "sum", value: 1234.5, category: nil),
        ]
        #expect(report.json.text.contains(#""kind":"sum","value":1234.5,"class":null}],"#))
        #expect(
            report.text.contains(
                """
                    value  target
                  -0.2500  0 cat against 7 dog
                1234.5000  out[0,3].sum

                """))
        #expect(report.line.contains(": 0 cat against 7 dog -0.2500, out[0,3].sum 1234.5000  "))
    }

    @Test func conceptsAreReported() {
        var report = report
        report.concepts = [
            .init(index: 0, label: "cat", score: 0.5, share: 0.625),
            .init(index: 7, label: nil, score: 0.25, share: 0.375),
        ]
        #expect(
            report.json.text.contains(
                #""concepts":[{"index":0,"label":"cat","score":0.5,"share":0.625},"#
                    + #"{"index":7,"label":null,"score":0.25,"share":0.375}],"#))
        #expect(
            report.text.hasSuffix(
                """
                concept  share    score  class
                      1   63 %  50.00 %      0  cat
                      2   38 %  25.00 %      7
                -> out/gradcam_cam.jpg
                """))
    }

    @Test(arguments: [
        (JSON.string("a\\b\"\n\r\t\u{1}\u{1F}ü猫\u{2028}"), "\"a\\\\b\\\"\\n\\r\\t\\u0001\\u001fü猫\u{2028}\""),
        (.number(.nan), "null"), (.number(-.infinity), "null"), (.number(0.1), "0.1"), (.number(1e-7), "1e-07"),
        (.integer(-3), "-3"),
        (.array([]), "[]"), (.object([]), "{}"), (.null, "null"),
    ])
    func json(_ value: JSON, _ text: String) {
        #expect(value.text == text)
    }
}
