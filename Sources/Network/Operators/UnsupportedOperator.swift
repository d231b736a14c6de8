import Platform

let trainingAdvice: Wording =
    "it is in training mode, where its result depends on chance or on the other photos; export the network in eval "
    + "mode (model.eval())"

/// What a person can do about an operator that is not supported.
enum UnsupportedOperator {
    /// - Parameter name: with its domain, where that is not ONNX's own.
    static func advice(_ name: String) -> String {
        if let known = known[name] { return known }
        guard let dot = name.lastIndex(of: ".") else {
            return "this operator is not supported; rewrite the network without it, or report the file"
        }
        let domain = String(name[..<dot])
        return domains[domain]
            ?? ("an operator of the domain '\(domain.elided())', which is not ONNX's own; export the network with "
                + "standard operators, or with this one as a function inside the file")
    }

    private static let domains = [
        "com.microsoft":
            "an operator that ONNX Runtime's optimiser writes and that is not supported; give the file as it was "
            + "before it was optimised",
        "com.microsoft.nchwc":
            "an operator that ONNX Runtime's optimiser writes for one processor; give the file as it was before it "
            + "was optimised",
        "ai.onnx.ml": "an operator of classical machine learning; only neural networks can be explained",
        "ai.onnx.preview.training": "an operator of training; export the network in eval mode",
    ]

    private static let known: [String: String] = {
        let groups: [([String], String)] = [
            (
                ["GRU", "LSTM", "RNN"],
                "recurrent layers are not supported; only networks of convolutions, attention and the like can be "
                    + "explained"
            ),
            (
                ["Loop", "Scan"],
                "loops are not supported; export with fixed shapes and without scripting, so that the loop is unrolled"
            ),
            (
                ["NonMaxSuppression"],
                "it chooses among a detector's boxes, which has no gradient; export the detector without it"
            ),
            (
                ["MaxRoiPool", "RoiAlign"],
                "an operator of detectors of two stages, whose second stage cannot be explained; give a detector of "
                    + "one stage, as YOLO and DETR are"
            ),
            (
                ["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"],
                "random numbers belong to training; export the network in eval mode (model.eval())"
            ),
            (
                ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"],
                "a loss belongs to training; export the network without it, in eval mode"
            ),
            (
                ["ImageDecoder"],
                "photos are decoded by this program; export the network from its first operator on pixels on"
            ),
            (
                ["RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer"],
                "an operator on text; only classifiers of photos can be explained"
            ),
        ]
        return Dictionary(groups.flatMap { names, advice in names.map { ($0, advice) } }) { first, _ in first }
    }()
}
