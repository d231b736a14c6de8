/// What an output's name says of it, word by word: `class_logits`, `predBoxes`, `last_hidden_state`.
struct OutputName {
    enum Meaning: Int {
        /// Features, an embedding, boxes, a mask.
        case notClasses
        /// A head that serves training alone.
        case auxiliary
        case open
        case scores
    }

    private let words: [String]

    init(_ name: String) {
        var words: [String] = [], word = ""
        var before: Character?
        for character in name {
            let begins = character.isUppercase && before?.isLowercase ?? false
            if !character.isLetter || begins, !word.isEmpty {
                words.append(word.lowercased())
                word = ""
            }
            if character.isLetter { word.append(character) }
            before = character
        }
        self.words = words + (word.isEmpty ? [] : [word.lowercased()])
    }

    /// - Parameter isProbability: whether it ends in a Softmax, as no feature does.
    func meaning(isProbability: Bool) -> Meaning {
        func holds(_ list: Set<String>) -> Bool { words.contains(where: list.contains) }
        if holds(Self.auxiliary) { return .auxiliary }
        if isOfOtherThings, !isProbability { return .notClasses }
        return holds(Self.scores) ? .scores : .open
    }

    /// Whether it is called as any output may be, which speaks for it where nothing else tells.
    var isMain: Bool { words.contains { ["output", "main"].contains($0) } }

    /// Whether it is called boxes.
    var isOfBoxes: Bool { words.contains { ["box", "boxes", "bbox", "bboxes"].contains($0) } }

    /// Whether it is called depth or the like, of which every pixel has one number.
    var isOfDistance: Bool { words.contains { ["depth", "disp", "disparity", "distance", "inverse"].contains($0) } }

    /// Whether nothing in it speaks against numbers of classes for every pixel: masks and heat maps are such.
    func mayBeOfPixels(evenHeatmaps: Bool) -> Bool {
        let own: Set = evenHeatmaps ? ["mask", "masks", "heatmap", "heatmaps"] : ["mask", "masks"]
        return words.allSatisfy { !Self.notClasses.contains($0) || own.contains($0) }
    }

    /// Whether it is called features, boxes or the like.
    var isOfOtherThings: Bool { words.contains(where: Self.notClasses.contains) }

    private static let scores: Set = [
        "logit", "logits", "score", "scores", "prob", "probs", "probability", "probabilities", "class", "classes",
        "classification", "classifier", "cls", "label",
        "labels", "softmax", "sigmoid", "pred", "preds", "prediction", "predictions", "category", "categories",
    ]
    private static let auxiliary: Set = ["aux", "auxiliary", "loss"]
    private static let notClasses: Set = [
        "feature", "features", "feat", "feats", "embedding", "embeddings", "embed", "embeds", "emb", "latent",
        "latents", "hidden", "state", "states", "pooler",
        "pooled", "token", "tokens", "attention", "attentions", "attn", "box", "boxes", "bbox", "bboxes", "reg",
        "regression", "offset", "offsets", "landmark",
        "landmarks", "keypoint", "keypoints", "mask", "masks",
        "coordinate", "coordinates", "coord", "coords", "loc", "locs", "quaternion", "heatmap", "heatmaps", "delta",
        "deltas", "representation", "descriptor", "descriptors", "reconstruction",
    ]
}
