import ActivationMaps
import Network
import Platform

/// Of maps and methods.
extension Messages {
    static let noNumbers =
        "the network's scores are not all finite numbers: check its preprocessing (--mean, --std) and weights"

    /// - Parameter layer: nil: the map was made at the input.
    static func noNumbers(in map: Map, of name: String, layer: String?) -> String {
        "the \(map.method) map of \(name.elided(to: 40)) is not made of finite numbers: those of "
            + "\(layer?.elided(to: 40) ?? "the network") or its gradient overflow; check the network's weights"
            + (layer == nil ? "" : ", or try another --target-layer")
    }

    static let symbols =
        "C: channels of the layer; P: its places; N: copies or steps (--samples, --steps); cheap: 1 forward, 1 backward"

    /// In the order of the flags.
    static func unminded(_ options: Set<MethodOptions.Kind>) -> String {
        let flags = MethodOptions.Kind.allCases.filter(options.contains).map(\.flag).joined(separator: ", ")
        return "none of the methods minds \(flags)"
    }

    static func leftOut(_ methods: [String], _ reason: Wording) -> String {
        "left out \(methods.joined(separator: ", ")): \(text(reason))"
    }

    static func tooLargeForJPEG(_ width: Int, _ height: Int) -> String {
        "\(width) x \(height) pixels are more than a JPEG can hold; the pictures are written as PNG"
    }

    static func blankMap(_ map: Map, of name: String, layer: String, standard: String?) -> String {
        let (name, layer, standard) = (name.elided(to: 40), layer.elided(to: 40), standard?.elided(to: 40))
        if map.rawMinimum == 0, map.rawMaximum == 0, let standard {
            return
                "the \(map.method) map of \(name) is blank: the scores read nothing of the places of \(layer) "
                + "(after the last attention of a transformer, they read the class token alone); take \(standard), "
                + "the default, or a layer before it"
        }
        if map.rawMinimum == 0, map.rawMaximum == 0 {
            return
                "the \(map.method) map of \(name) is blank: all its numbers are 0, as where \(layer) does not lead to what "
                + "is explained, or holds nothing there; try another --target-layer or class"
        }
        return "the \(map.method) map of \(name) is blank: \(layer) holds no positive evidence for it "
            + "(raw map \(map.rawMinimum) to \(map.rawMaximum), \(fixed(100 * map.negativeShare, digits: 0)) % of it against "
            + "it); try another --target-layer or class, or --signed"
    }

    /// Of a probability's map, or of a box's score.
    static func paleMap(_ map: Map, of name: String, isOfBox: Bool) -> String {
        "the \(map.method) map of the \(name.elided(to: 40)) is pale or blank: so near to 0 or 1 it hardly changes, "
            + "whatever the photo (raw map \(map.rawMinimum) to \(map.rawMaximum)); explain "
            + (isOfBox ? "what its score is made of (--target)" : "the logit (--score logit)")
    }

    /// Of a map that has no layer.
    static func blankMap(_ map: Map, of name: String, isClassBlind: Bool) -> String {
        let reason: String =
            map.rawMinimum == 0 && map.rawMaximum == 0
            ? "all its numbers are 0"
            : map.rawMinimum == map.rawMaximum
                ? "all its numbers are the same" : "no pixel speaks for it"
        let advice = isClassBlind ? "try another photo or method" : "try another class, or --signed"
        return "the \(map.method) map of \(name.elided(to: 40)) is blank: \(reason) (raw map \(map.rawMinimum) to "
            + "\(map.rawMaximum), \(fixed(100 * map.negativeShare, digits: 0)) % of it against it); \(advice)"
    }

    /// Where a layer holds fewer concepts than were asked for.
    static func fewerConcepts(_ found: Int, of wanted: Int, layer: String) -> String {
        let layer = layer.elided(to: 40)
        return found == 0
            ? "no concepts: \(layer) holds the same numbers at every place, or some that are not finite; try another "
                + "--target-layer"
            : "\(count(found, "concept")) of the \(wanted) that were asked for: \(layer) holds no more that differ"
    }
}
