import Imaging
import Platform

/// What came of one photo.
enum Outcome {
    /// With its files, where they go into a tar, and with what the page of the run has of it.
    case done(Report, [OutputTar.Member], GalleryPhoto? = nil)
    /// Its files are there: nothing was done. An earlier run may have left its report, as JSON, which the page shows.
    case skipped(report: String?, GalleryPhoto? = nil)
    /// What would be written, where it is only told.
    case planned(PhotoPlan)
    case failed(any Error)
}

/// Explains one photo after another. One that fails is named with its reason, and the rest goes on, unless nothing more
/// can be written: then the run ends, rather than that every photo is explained in vain.
struct Batch {
    let console: Console
    let json: Bool
    let quiet: Bool
    var isVerbose = false
    /// Whether it is only told what would be done.
    var isDryRun = false
    /// How many photos a worker takes at a time.
    var size = 1
    var tar: OutputTar?
    /// nil where nothing is judged.
    var averages: FolderAverages?
    /// The page of the run, which is not kept unless it is of all photos.
    var gallery: GalleryFile?
    /// Whether a photo's fault will be that of all others.
    var concernsAll: (any Error) -> Bool = { _ in false }
    /// What to warn of before a photo is told, if anything has happened.
    var news: () -> String? = { nil }

    private enum Ending: Error {
        case cannotPrint(SystemError), cannotWrite, cannotWriteTar(OutputTarFault), cannotWriteGallery(ImageError)
    }

    /// - Parameters:
    ///   - next: the next photo; nil at the end.
    ///   - count: how many there are; nil where that is not known.
    ///   - workers: what explains photos, one a thread; they go to whichever is free, and results come in the photos'
    ///     order.
    func run(
        _ next: @escaping () -> PhotoStream.Item?, count: Int?, _ workers: [([Photo]) -> [Outcome]]
    ) -> ExitCode {
        var tally = Tally(of: count)
        let start = ContinuousClock.now
        func progress() {
            if count != 1 { console.progress(tally, since: start) }
        }
        progress()
        do throws(Ending) {
            try InOrder.run(workers: workers.count, ahead: mostAhead) {
                take(next)
            } work: { worker, items -> [(String, Outcome)] in
                Array(zip(items.map(\.path), outcomes(of: items, by: workers[worker])))
            } deliver: { outcomes throws(Ending) in
                for (path, outcome) in outcomes {
                    if let text = news() { console.warning(text) }
                    let isOfAll = try tell(path, outcome, &tally)
                    progress()
                    if isOfAll, tally.left != 0 { throw .cannotWrite }
                }
            }
            console.endProgress()
        } catch {
            console.endProgress()
            switch error {
            case .cannotPrint(let fault):
                console.error(Messages.cannotPrint(fault.code))
                // Who stops reading misses nothing; a file of reports that ends early does.
                if [EPIPE, EBADF].contains(fault.code) { return .photoFailed }
            case .cannotWrite: console.error(Messages.cannotWrite(left: tally.left))
            case .cannotWriteTar(let fault):
                console.error(Messages.text(fault))
                if case .standardOutput(.closed) = fault { return .photoFailed }
            case .cannotWriteGallery(let fault): console.error(Messages.galleryFailed(Messages.text(of: fault)))
            }
            return .unfinished
        }
        if tar != nil, tally.isCutOff {
            console.error(Messages.cutOffTar)
            return .unfinished
        }
        if let gallery {
            do throws(ImageError) { try gallery.finish(averages: averages) } catch {
                console.error(Messages.galleryFailed(Messages.text(of: error)))
                return .unfinished
            }
            console.information(Messages.gallery(gallery.path, photos: gallery.count, size: gallery.size))
            if gallery.size > Self.largePage { console.warning(Messages.largeGallery(gallery.path)) }
        }
        if tar != nil, tally.done == 0, tally.failed > 0 {
            console.error(Messages.emptyTar)
            return .photoFailed
        }
        if let tar {
            do throws(OutputTarFault) { try tar.finish() } catch {
                console.error(Messages.text(error))
                return .unfinished
            }
        }
        if tally.all > 1 { console.information(Messages.summary(tally, isDryRun: isDryRun)) }
        return tally.failed == 0 ? .done : .photoFailed
    }

    /// So many groups of photos are begun before the first is told, or as many as there are workers: results for a tar
    /// hold all their files.
    private var mostAhead: Int { tar == nil ? max(256 / size, 1) : 1 }

    /// In bytes.
    private static let largePage = 500_000_000

    private func take(_ next: () -> PhotoStream.Item?) -> [PhotoStream.Item]? {
        var items: [PhotoStream.Item] = []
        while items.count < size, let item = next() { items.append(item) }
        return items.isEmpty ? nil : items
    }

    private func outcomes(of items: [PhotoStream.Item], by worker: ([Photo]) -> [Outcome]) -> [Outcome] {
        var explained = worker(items.compactMap { if case .photo(let photo) = $0 { photo } else { nil } })[...]
        return items.map { if case .failure(let failure) = $0 { .failed(failure) } else { explained.removeFirst() } }
    }

    /// Whether the outcome is a fault that all others will have.
    private func tell(_ path: String, _ outcome: Outcome, _ tally: inout Tally) throws(Ending) -> Bool {
        switch outcome {
        case .done(let report, let members, let photo):
            if let photo { try show(photo) }
            do throws(OutputTarFault) { try tar?.add(members) } catch { throw .cannotWriteTar(error) }
            tally.done += 1
            averages?.add(report, of: path)
            try tell(report)
        case .skipped(let report, let photo):
            if let photo { try show(photo) }
            tally.skipped += 1
            averages?.add(json: report, of: path)
            if isVerbose || tally.total == 1 { console.information(Messages.skipped(path)) }
            if json, let report { try print(report) }
        case .planned(let plan):
            tally.planned += 1
            if json || !quiet { try print(json ? plan.json.text : plan.text) }
        case .failed(let error):
            tally.failed += 1
            averages?.addFailure()
            if let failure = error as? PhotoFailure, failure.losesTar { tally.isCutOff = true }
            let reason = Messages.text(of: error)
            console.error("\(path): \(reason)")
            if json { try print(Report.json(failed: path, reason).text) }
            try show(GalleryPhoto(failed: path, reason))
            return concernsAll(error)
        }
        return false
    }

    private func show(_ photo: GalleryPhoto) throws(Ending) {
        do throws(ImageError) { try gallery?.add(photo) } catch { throw .cannotWriteGallery(error) }
    }

    private func print(_ text: String) throws(Ending) {
        do throws(SystemError) { try console.result(text) } catch { throw .cannotPrint(error) }
    }

    private func tell(_ report: Report) throws(Ending) {
        for remark in report.diagnosis { console.warning("\(report.input): \(remark)") }
        for note in report.notes { console.information("\(report.input): \(note)") }
        if isVerbose { console.information(report.line) }
        if json {
            try print(report.json.text)
        } else if !quiet {
            try print(report.text)
        }
    }
}
