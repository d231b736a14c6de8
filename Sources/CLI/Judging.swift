import ActivationMaps
import Imaging

extension PhotoJob {
    /// What the maps were judged by: by what people marked only where something was.
    func metrics(_ judgements: [Report.Judgement]) -> [MetricInfo] {
        let isMarked = judgements.contains { $0.entry.measures.contains { $0.name == GroundTruth.metrics[0].name } }
        return request.metrics.map(\.info) + (isMarked ? GroundTruth.metrics : [])
    }

    /// Boxes and masks, if they are asked for: of every class, one a method.
    func regions(_ explanation: Explanation) -> [[Region]] {
        guard arguments.tellsBox || arguments.tellsMask else { return [] }
        return explanation.explained.map { explained in
            explained.maps.map { Region($0, of: explained.photoTarget, arguments) }
        }
    }

    /// What metrics say of all maps, and how these lie to what people marked in the photo.
    func judgements(_ explanation: Explanation, _ marks: PhotoMarks?) -> [Report.Judgement] {
        explanation.explained.flatMap { explained -> [Report.Judgement] in
            let category = explained.score?.index, truth = marks?.truth(of: category)
            var all = explained.judgements
            if let truth { for place in all.indices { all[place].measures += truth.measures(of: all[place].map) } }
            return all.map { judgement in
                let verdict = judgement.isControl ? nil : Verdict(of: judgement, among: all)
                return Report.Judgement(
                    target: explained.name, category: category,
                    entry: .init(
                        method: judgement.method, isControl: judgement.isControl, measures: judgement.measures),
                    verdict: verdict.map { ($0.isBetter, Messages.text($0.wording(judgement.method))) })
            }
        }
    }
}
