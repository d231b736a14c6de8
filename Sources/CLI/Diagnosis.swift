import ActivationMaps
import Imaging

/// What the user should know about a photo's maps; mostly nothing.
enum Diagnosis {
    /// - Parameters:
    ///   - concepts: how many were asked for.
    ///   - layer: the layers that were explained, by their names.
    ///   - standard: the one that is explained where none is named; nil where that is it.
    static func lines(
        of explanation: Explanation, concepts: Int, image: Image, layer: String, standard: String?,
        writesJPEGs: Bool
    ) -> [String] {
        var lines = image.warning.map { [Messages.damagedPhoto($0)] } ?? []
        if let remark = image.depthRemark { lines.append(Messages.text(remark)) }
        if writesJPEGs, !image.isSignal, !image.fitsJPEG {
            lines.append(Messages.tooLargeForJPEG(image.width, image.height))
        }
        if explanation.scores.contains(where: { !$0.logit.isFinite || !$0.probability.isFinite })
            || explanation.explained.contains(where: { !$0.value.isFinite })
        {
            // Nothing else can be said of maps that are made of these.
            return lines + [Messages.noNumbers]
        }
        if explanation.concepts.count < concepts {
            lines.append(Messages.fewerConcepts(explanation.concepts.count, of: concepts, layer: layer))
        }
        for explained in explanation.explained {
            let name = explained.name
            for map in explained.maps {
                let method = Methods.named(map.method), explainsLayers = method?.explainsLayers ?? true
                if !map.isFinite {
                    lines.append(Messages.noNumbers(in: map, of: name, layer: explainsLayers ? layer : nil))
                } else if explained.isSaturated, map.isPale {
                    lines.append(Messages.paleMap(map, of: name, isOfBox: explained.photoTarget.kind == .box))
                } else if map.isBlank {
                    lines.append(
                        explainsLayers
                            ? Messages.blankMap(map, of: name, layer: layer, standard: standard)
                            : Messages.blankMap(map, of: name, isClassBlind: method?.isClassBlind ?? false))
                }
            }
        }
        return lines
    }

    /// How maps were made, where methods tell.
    static func notes(of explanation: Explanation) -> [String] {
        explanation.explained.flatMap { explained in
            explained.maps.compactMap { map in
                map.remark.map {
                    "\(map.method) of \(explained.name.elided(to: 40)): \(Messages.text($0))"
                }
            }
        }
    }
}

extension Explanation.Explained {
    /// Whether it is a probability, or a box's score, next to 0 or 1.
    fileprivate var isSaturated: Bool {
        guard [.probability, .box].contains(photoTarget.kind), let score = score?.probability else { return false }
        return min(score, 1 - score) < 1e-3
    }
}
